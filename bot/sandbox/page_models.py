"""The page's list of models: what fits this machine and how far a fetch is; a moderator fetches one or switches to it.

    GET  /page/models?as=…[&locale=…]                                     → what the desk lists
    POST /page/models  as, channel_id, [locale], verb: fetch | stop | use, name  → the same

Invariant: only a member who may manage the server gets an answer, and only this page's own origin a change, so that
no other program's page fetches gigabytes.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from aiohttp import web

from bot.sandbox.discord_errors import PageRefusal, Refusal, not_found
from bot.sandbox.guild import CHANNELS, Permission, permissions
from bot.sandbox.json_replies import reply
from bot.sandbox.page_view import language, member


class DeskRefused(Exception):
    """Why it was not done, in the member's language."""


class ModelDesk(Protocol):
    """What the page needs of the models; every text is in the given language."""

    async def listed(self, locale: str) -> dict[str, Any]:
        """Return the models, and how far a fetch is. Raises DeskRefused."""
        ...

    async def act(self, verb: str, name: str, locale: str) -> None:
        """Fetch a model, stop the fetch, or switch to one. Raises DeskRefused, ValueError for another verb."""
        ...


class PageModels:
    """The routes; without a desk, as where the sandbox runs alone, there is nothing at these addresses."""

    def __init__(self, desk: ModelDesk | None) -> None:
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/page/models", self.list), web.post("/page/models", self.act)]

    async def list(self, request: web.Request) -> web.Response:
        desk = self._desk_for(request.query.get("as"))
        return await _answer(desk, language(request.query.get("locale")))

    async def act(self, request: web.Request) -> web.Response:
        if request.headers.get("Origin") is None:  # that of another site is turned away before
            raise PageRefusal(403, 0, "sandbox-models-own-page")
        try:
            body = json.loads(await request.text())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refusal(400, 0, "The body must be a JSON object.")
        desk, locale = self._desk_for(body.get("as")), language(body.get("locale"))
        try:
            await desk.act(str(body.get("verb")), str(body.get("name", "")), locale)
        except DeskRefused as error:
            raise Refusal(400, 0, str(error)) from error
        return await _answer(desk, locale)

    def _desk_for(self, name: Any) -> ModelDesk:
        """Raises Refusal for whoever may not manage the server."""
        if self.desk is None:
            raise not_found()
        if Permission.MANAGE_GUILD not in permissions(member(name), next(iter(CHANNELS.values()))):
            raise PageRefusal(403, 50013, "sandbox-models-moderators")
        return self.desk


async def _answer(desk: ModelDesk, locale: str) -> web.Response:
    try:
        return reply(await desk.listed(locale))
    except DeskRefused as error:
        raise Refusal(503, 0, str(error)) from error
