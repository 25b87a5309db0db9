"""Delivers interactions and takes their answers; each is acknowledged once, within 3 seconds, or fails."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from aiohttp import web

from bot.sandbox import discord_errors
from bot.sandbox.discord_errors import Refusal, invalid_form
from bot.sandbox.file_store import Upload
from bot.sandbox.guild import BOT
from bot.sandbox.interaction import AUTOCOMPLETE, COMMAND, COMPONENT, Interaction
from bot.sandbox.json_replies import nothing, reply
from bot.sandbox.message import EPHEMERAL, LOADING, REPLY, Message
from bot.sandbox.message_body import read_body
from bot.sandbox.message_limits import at_most
from bot.sandbox.modal import check_modal
from bot.sandbox.world import World
from bot.ui.i18n import text

Json = dict[str, Any]
ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
OUTCOMES = {ANSWER: "message", DEFER: "deferred", DEFER_UPDATE: "updated", UPDATE: "updated", CHOICES: "choices"}


class Interactions:
    """Opens interactions for the page and answers the bot's callback and webhook routes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._by_id: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def routes(self) -> list[web.RouteDef]:
        webhook = r"/webhooks/{application_id:\d+}/{token}"
        message = webhook + r"/messages/{message_id:@original|\d+}"
        return [
            web.post(r"/interactions/{interaction_id:\d+}/{token}/callback", self.acknowledge),
            web.post(webhook, self.follow_up),
            web.get(message, self.get_message),
            web.patch(message, self.edit_message),
            web.delete(message, self.delete_message),
        ]

    async def open(self, interaction: Interaction) -> Json:
        """Tell the bot, wait for its acknowledgement, and say how it ended."""
        interaction.guild_locale = self.world.locale
        self._by_id[interaction.id] = self._by_token[interaction.token] = interaction
        self.world.tell("interaction", interaction.to_wire())
        outcome: Json = {"interaction_id": str(interaction.id), "outcome": "failed"}
        try:
            await asyncio.wait_for(interaction.settled.wait(), self.world.acknowledge_s)
        except TimeoutError:
            return outcome | {"error": text(interaction.locale, "sandbox-no-answer")}
        if interaction.callback == MODAL:
            return outcome | {"outcome": "modal", "modal": interaction.shown}
        outcome["outcome"] = OUTCOMES[interaction.callback or ANSWER]
        if interaction.callback == CHOICES:
            return outcome | interaction.shown
        return outcome | ({"message_id": str(interaction.original.id)} if interaction.original else {})

    def find(self, interaction_id: int) -> Interaction:
        if interaction_id not in self._by_id:
            raise discord_errors.unknown(10062, "interaction")
        return self._by_id[interaction_id]

    async def acknowledge(self, request: web.Request) -> web.Response:
        body, uploads = await read_body(request)
        interaction = self.find(int(request.match_info["interaction_id"]))
        if not secrets.compare_digest(interaction.token, request.match_info["token"]):
            raise discord_errors.unknown(10062, "interaction")
        if interaction.callback is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if interaction.age > self.world.acknowledge_s:
            raise discord_errors.unknown(10062, "interaction")
        self._take(interaction, int(body["type"]), body.get("data") or {}, uploads)
        interaction.callback = int(body["type"])
        interaction.settled.set()
        if request.query.get("with_response", "").lower() not in ("1", "true"):
            return nothing()
        return reply(_callback_wire(interaction))

    def _take(self, interaction: Interaction, kind: int, data: Json, uploads: dict[int, Upload]) -> None:
        """Do what the callback asks; a refused one leaves the interaction open."""
        allowed: tuple[int, ...] = (CHOICES,) if interaction.type == AUTOCOMPLETE else (ANSWER, DEFER)
        if interaction.source is not None:
            allowed += (DEFER_UPDATE, UPDATE)
        if interaction.type in (COMMAND, COMPONENT):
            allowed += (MODAL,)
        if kind not in allowed:
            raise invalid_form("type", "INTERACTION_CALLBACK_TYPE", "This callback cannot answer this interaction")
        flags = int(data.get("flags") or 0)
        if kind == ANSWER:
            interaction.original = self.world.post(interaction.new_message(flags & EPHEMERAL), data, uploads)
        elif kind == DEFER:
            interaction.original = self.world.add(interaction.new_message(flags & EPHEMERAL | LOADING))
        elif kind == CHOICES:
            at_most("data.choices", data.get("choices"), 25)
            interaction.shown = {"choices": data.get("choices") or []}
        elif kind == MODAL:
            check_modal(data)
            interaction.shown = data
        else:
            interaction.original = interaction.source
            if kind == UPDATE and interaction.source is not None:
                self.world.edit(interaction.source, data, uploads)

    def _of_webhook(self, request: web.Request) -> Interaction:
        if int(request.match_info["application_id"]) != BOT:
            raise discord_errors.unknown(10015, "Webhook")
        interaction = self._by_token.get(request.match_info["token"])
        if interaction is None or interaction.age > self.world.answer_s:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        if interaction.callback is None:
            raise discord_errors.unknown(10015, "Webhook")
        return interaction

    async def follow_up(self, request: web.Request) -> web.Response:
        body, uploads = await read_body(request)
        interaction = self._of_webhook(request)
        original = interaction.original
        if original is not None and original.flags & LOADING and not original.deleted:
            return reply(self.world.edit(original, body, uploads).to_wire())
        message = interaction.new_message(int(body.get("flags") or 0) & EPHEMERAL)
        message.type, message.reply = (REPLY, original) if original is not None else (0, None)
        return reply(self.world.post(message, body, uploads).to_wire())

    def _message_of(self, request: web.Request) -> Message:
        interaction = self._of_webhook(request)
        name = request.match_info["message_id"]
        message = interaction.original if name == "@original" else self.world.messages.get(int(name))
        if message is None or message.deleted:
            raise discord_errors.unknown(10008, "Message")
        answered = (message.answers or {}).get("interaction_metadata", {}).get("id")
        if message is not interaction.original and answered != str(interaction.id):
            raise discord_errors.unknown(10008, "Message")
        return message

    async def get_message(self, request: web.Request) -> web.Response:
        return reply(self._message_of(request).to_wire())

    async def edit_message(self, request: web.Request) -> web.Response:
        body, uploads = await read_body(request)
        return reply(self.world.edit(self._message_of(request), body, uploads).to_wire())

    async def delete_message(self, request: web.Request) -> web.Response:
        self.world.delete(self._message_of(request))
        return nothing()


def _callback_wire(interaction: Interaction) -> Json:
    wire: Json = {"id": str(interaction.id), "type": interaction.type}
    message = interaction.original
    if message is None:
        return {"interaction": wire}
    wire["response_message_id"] = str(message.id)
    wire["response_message_loading"] = bool(message.flags & LOADING)
    wire["response_message_ephemeral"] = bool(message.flags & EPHEMERAL)
    if interaction.callback not in (ANSWER, UPDATE):
        return {"interaction": wire}
    return {"interaction": wire, "resource": {"type": interaction.callback, "message": message.to_wire()}}
