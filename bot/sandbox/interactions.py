"""Interactions from the click to the last follow-up; each is acknowledged once, within its time, or never."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox import refusal
from bot.sandbox.answer import nothing, reply
from bot.sandbox.draft import read_body
from bot.sandbox.files import MAX_BYTES, Upload
from bot.sandbox.guild import BOT, GUILD, Channel, permissions
from bot.sandbox.limits import at_most
from bot.sandbox.message import COMMAND_ANSWER, EPHEMERAL, LOADING, MENU_ANSWER, REPLY, Message
from bot.sandbox.modal import check_modal
from bot.sandbox.options import SUBCOMMANDS
from bot.sandbox.refusal import Refusal, invalid_form
from bot.sandbox.snowflake import next_id
from bot.sandbox.wire import channel_wire, member_wire, user_wire
from bot.sandbox.world import World

Json = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
OUTCOMES = {ANSWER: "message", DEFER: "deferred", DEFER_UPDATE: "updated", UPDATE: "updated", CHOICES: "choices"}


@dataclass
class Interaction:
    user: int
    channel: Channel
    type: int
    data: Json
    source: Message | None = None  # the message whose button, select or modal this is
    trigger: Interaction | None = None  # of a submitted modal: the interaction that showed it
    locale: str = "en-US"  # the member's language
    id: int = field(default_factory=next_id)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    born: float = field(default_factory=time.monotonic)
    callback: int | None = None
    original: Message | None = None
    shown: Json = field(default_factory=dict)  # the modal or the choices that the bot gave
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def age(self) -> float:
        return time.monotonic() - self.born

    def to_wire(self) -> Json:
        wire: Json = {
            "id": str(self.id),
            "application_id": str(BOT),
            "type": self.type,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(self.channel.id),
            "channel": channel_wire(self.channel) | {"permissions": str(int(permissions(self.user, self.channel)))},
            "app_permissions": str(int(permissions(BOT, self.channel))),
            "locale": self.locale,
            "entitlements": [],
            "authorizing_integration_owners": self._owners(),
            "context": 1 if self.channel.is_dm else 0,
            "attachment_size_limit": MAX_BYTES,
        }
        if self.source is not None:
            wire["message"] = self.source.to_wire()
        if self.channel.is_dm:
            return wire | {"user": user_wire(self.user)}
        member = member_wire(self.user) | {"permissions": str(int(permissions(self.user, self.channel)))}
        guild = {"id": str(GUILD), "locale": "en-US", "features": []}
        return wire | {"guild_id": str(GUILD), "guild": guild, "guild_locale": "en-US", "member": member}

    def metadata(self) -> Json:
        """What an answer's message tells of the interaction that it answers."""
        wire: Json = {
            "id": str(self.id),
            "type": self.type,
            "user": user_wire(self.user),
            "authorizing_integration_owners": self._owners(),
        }
        if self.type == COMPONENT and self.source is not None:
            wire["interacted_message_id"] = str(self.source.id)
        if self.type == MODAL_SUBMIT and self.trigger is not None:
            wire["triggering_interaction_metadata"] = self.trigger.metadata()
        if self.type == COMMAND and self.data["type"] == 3:
            wire["target_message_id"] = self.data["target_id"]
        return wire

    def _owners(self) -> Json:
        return {"0": "0" if self.channel.is_dm else str(GUILD)}

    def new_message(self, flags: int) -> Message:
        """An empty answer of the bot, tied to this interaction."""
        answers: Json = {"interaction_metadata": self.metadata()}
        kind = 0
        if self.type == COMMAND:
            kind = COMMAND_ANSWER if self.data["type"] == 1 else MENU_ANSWER
            name = full_name(self.data)
            answers["interaction"] = {"id": str(self.id), "type": self.type, "name": name, "user": user_wire(self.user)}
        elif self.type == COMPONENT:
            kind = REPLY
        message = Message(self.channel, BOT, type=kind, flags=flags & (EPHEMERAL | LOADING), answers=answers)
        message.reply = self.source if kind == REPLY else None
        message.seen_by = self.user if flags & EPHEMERAL else None
        return message


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
        self._by_id[interaction.id] = self._by_token[interaction.token] = interaction
        self.world.tell("interaction", interaction.to_wire())
        outcome: Json = {"interaction_id": str(interaction.id), "outcome": "failed"}
        try:
            await asyncio.wait_for(interaction.settled.wait(), self.world.acknowledge_s)
        except TimeoutError:
            return outcome | {"error": "The application did not respond"}
        if interaction.callback == MODAL:
            return outcome | {"outcome": "modal", "modal": interaction.shown}
        outcome["outcome"] = OUTCOMES[interaction.callback or ANSWER]
        if interaction.callback == CHOICES:
            return outcome | interaction.shown
        return outcome | ({"message_id": str(interaction.original.id)} if interaction.original else {})

    def find(self, interaction_id: int) -> Interaction:
        if interaction_id not in self._by_id:
            raise refusal.unknown(10062, "interaction")
        return self._by_id[interaction_id]

    async def acknowledge(self, request: web.Request) -> web.Response:
        body, uploads = await read_body(request)
        interaction = self.find(int(request.match_info["interaction_id"]))
        if not secrets.compare_digest(interaction.token, request.match_info["token"]):
            raise refusal.unknown(10062, "interaction")
        if interaction.callback is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if interaction.age > self.world.acknowledge_s:
            raise refusal.unknown(10062, "interaction")
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
            raise refusal.unknown(10015, "Webhook")
        interaction = self._by_token.get(request.match_info["token"])
        if interaction is None or interaction.age > self.world.answer_s:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        if interaction.callback is None:
            raise refusal.unknown(10015, "Webhook")
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
            raise refusal.unknown(10008, "Message")
        answered = (message.answers or {}).get("interaction_metadata", {}).get("id")
        if message is not interaction.original and answered != str(interaction.id):
            raise refusal.unknown(10008, "Message")
        return message

    async def get_message(self, request: web.Request) -> web.Response:
        return reply(self._message_of(request).to_wire())

    async def edit_message(self, request: web.Request) -> web.Response:
        body, uploads = await read_body(request)
        return reply(self.world.edit(self._message_of(request), body, uploads).to_wire())

    async def delete_message(self, request: web.Request) -> web.Response:
        self.world.delete(self._message_of(request))
        return nothing()


def full_name(data: Json) -> str:
    """A command's name with its subcommands', as in "limits set"."""
    nested = next((option for option in data.get("options") or [] if option["type"] in SUBCOMMANDS), None)
    return f"{data['name']} {full_name(nested)}" if nested else str(data["name"])


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
