"""The sandbox's state: messages, commands and files; listeners are told of every change."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from bot.sandbox import discord_errors
from bot.sandbox.discord_errors import Refusal
from bot.sandbox.discord_json import guild_create
from bot.sandbox.file_store import FileStore, Upload
from bot.sandbox.guild import BOT, CHANNELS, GUILD, Channel, Permission, permissions
from bot.sandbox.message import LOADING, Message
from bot.sandbox.message_body import write
from bot.sandbox.snowflake import iso, next_id

Json = dict[str, Any]
Listener = Callable[[str, Any], None]


class World:
    """The state behind the wire. Its times can be shortened and its text opened by a test."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.acknowledge_s = 3.0
        self.answer_s = 15 * 60.0
        self.locale = "en-US"  # the server's language, as Discord has it: that of the page that was used last
        self.may_read_text = False  # whether the application was granted the message-content intent
        self.files = FileStore()
        self.servers: dict[int, Callable[[], Json]] = {GUILD: lambda: guild_create(self.locale)}
        """What GUILD_CREATE tells of each server that the bot is in."""
        self.messages: dict[int, Message] = {}
        self.commands: dict[tuple[int, int, str], Json] = {}  # by guild (0: everywhere), type and name
        self.listeners: list[Listener] = []

    def tell(self, event: str, about: Any) -> None:
        for listener in self.listeners:
            listener(event, about)

    def speak(self, locale: str) -> None:
        """Make this the server's language: what all see there is written in it."""
        if locale != self.locale:
            self.locale = locale
            self.tell("guild", None)

    def channel(self, channel_id: int, *needed: Permission) -> Channel:
        """The channel, if the bot may see it and has what is needed there."""
        channel = CHANNELS.get(channel_id)
        if channel is None:
            raise discord_errors.unknown(10003, "Channel")
        has = permissions(BOT, channel)
        if Permission.VIEW_CHANNEL not in has:
            raise Refusal(403, 50001, "Missing Access")
        if any(permission not in has for permission in needed):
            raise Refusal(403, 50013, "Missing Permissions")
        return channel

    def find(self, channel: Channel, message_id: int) -> Message:
        message = self.messages.get(message_id)
        if message is None or message.channel is not channel:
            raise discord_errors.unknown(10008, "Message")
        return message

    def history(self, channel: Channel) -> list[Message]:
        """The channel's messages, oldest first, ephemeral ones left out."""
        return [m for m in self.messages.values() if m.channel is channel and m.seen_by is None]

    def twin(self, channel: Channel, author: int, nonce: str) -> Message | None:
        """A recent message with the same nonce: the sender lost its answer and asks again."""
        recent = islice(reversed(self.messages.values()), 100)
        return next((m for m in recent if (m.channel, m.author, m.nonce) == (channel, author, nonce)), None)

    def post(self, message: Message, body: Json, uploads: dict[int, Upload]) -> Message:
        write(message, body, uploads, self.files)
        return self.add(message)

    def add(self, message: Message) -> Message:
        self.messages[message.id] = message
        self.tell("create", message)
        return message

    def edit(self, message: Message, body: Json, uploads: dict[int, Upload]) -> Message:
        write(message, body, uploads, self.files)
        # The first edit of "thinking…" is the answer itself, and Discord does not mark it as edited.
        message.edited = None if message.flags & LOADING else iso(time.time())
        message.flags &= ~LOADING
        self.tell("update", message)
        return message

    def delete(self, message: Message) -> None:
        message.deleted = True
        del self.messages[message.id]
        self.tell("delete", message)

    def replace_commands(self, guild_id: int, commands: list[Json]) -> list[Json]:
        """Bulk overwrite: what is not listed is gone; a command that stays keeps its id."""
        old = self.commands
        self.commands = {key: command for key, command in old.items() if key[0] != guild_id}
        for body in commands:
            key = (guild_id, body.get("type", 1), body["name"])
            known = old.get(key, {}).get("id", str(next_id()))
            self.commands[key] = _command(body, guild_id, known)
        self.tell("commands", None)
        return self.commands_of(guild_id)

    def commands_of(self, guild_id: int) -> list[Json]:
        return [command for key, command in self.commands.items() if key[0] == guild_id]


def _command(body: Json, guild_id: int, command_id: str) -> Json:
    defaults: Json = {"type": 1, "description": "", "default_member_permissions": None, "options": [], "nsfw": False}
    wire = defaults | {key: value for key, value in body.items() if value is not None}
    if body.get("default_member_permissions") is not None:
        wire["default_member_permissions"] = str(body["default_member_permissions"])
    if guild_id:
        wire["guild_id"] = str(guild_id)
    return wire | {"id": command_id, "application_id": str(BOT), "version": str(next_id())}
