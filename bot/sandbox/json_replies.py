"""JSON responses with Discord's content type, and refusals turned into Discord's error bodies."""

from __future__ import annotations

import json
import logging
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox import discord_errors
from bot.sandbox.discord_errors import PageRefusal, Refusal
from bot.sandbox.page_texts import label, labels, spoken
from bot.ui.i18n import text

log = logging.getLogger(__name__)


def reply(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")


def nothing() -> web.Response:
    return web.Response(status=204)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals become Discord's error bodies, and so do addresses that lead nowhere and bodies of a wrong shape."""
    try:
        return await handler(request)
    except PageRefusal as refused:
        return reply({"code": refused.code, "message": _sentence(refused, spoken(request))}, refused.status)
    except Refusal as refused:
        return reply(refused.to_wire(), refused.status)
    except (AttributeError, KeyError, TypeError, ValueError):
        # A body is not checked field by field: one of a wrong shape trips over its first use.
        log.exception("%s %s", request.method, request.path)
        return reply({"code": 50035, "message": "Invalid Form Body"}, 400)
    except web.HTTPNotFound:
        return reply(discord_errors.not_found().to_wire(), 404)
    except web.HTTPMethodNotAllowed:
        return reply({"code": 0, "message": "405: Method Not Allowed"}, 405)


def _sentence(refused: PageRefusal, locale: str) -> str:
    """Return the refusal's text; options and choices among its facts stand by their names in that locale."""
    facts: dict[str, str] = {}
    for name, fact in refused.facts.items():
        match fact:
            case dict():
                facts[name] = label(fact, locale)
            case list():
                facts[name] = labels(fact, locale)
            case _:
                facts[name] = str(fact)
    return text(locale, refused.key, **facts)
