"""One interaction: its payload for the bot, and the state of its answers."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.command_options import SUBCOMMANDS
from bot.sandbox.discord_json import channel_wire, member_wire, user_wire
from bot.sandbox.file_store import MAX_BYTES
from bot.sandbox.guild import BOT, Channel, permissions
from bot.sandbox.message import COMMAND_ANSWER, EPHEMERAL, LOADING, MENU_ANSWER, REPLY, Message
from bot.sandbox.snowflake import next_id

Json = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5


@dataclass
class Interaction:
    user: int
    channel: Channel
    type: int
    data: Json
    source: Message | None = None  # the message whose button, select or modal this is
    trigger: Interaction | None = None  # of a submitted modal: the interaction that showed it
    locale: str = "en-US"  # the member's language
    guild_locale: str = "en-US"  # the server's
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
        guild_id = str(self.channel.guild_id)
        guild = {"id": guild_id, "locale": self.guild_locale, "features": []}
        return wire | {"guild_id": guild_id, "guild": guild, "guild_locale": self.guild_locale, "member": member}

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
        return {"0": str(self.channel.guild_id or 0)}

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


def full_name(data: Json) -> str:
    """A command's name with its subcommands', as in "limits set"."""
    nested = next((option for option in data.get("options") or [] if option["type"] in SUBCOMMANDS), None)
    return f"{data['name']} {full_name(nested)}" if nested else str(data["name"])
