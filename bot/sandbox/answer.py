"""JSON answers in the form that discord.py takes for JSON: the content type bare, without a charset."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox import refusal
from bot.sandbox.refusal import Refusal


def reply(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")


def nothing() -> web.Response:
    return web.Response(status=204)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals become Discord's error bodies, and so do addresses that lead nowhere."""
    try:
        return await handler(request)
    except Refusal as refused:
        return reply(refused.to_wire(), refused.status)
    except web.HTTPNotFound:
        return reply(refusal.not_found().to_wire(), 404)
    except web.HTTPMethodNotAllowed:
        return reply({"code": 0, "message": "405: Method Not Allowed"}, 405)
