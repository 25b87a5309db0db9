"""Discord's REST routes that the bot calls, but for those of interactions."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.sandbox import discord_errors
from bot.sandbox.discord_errors import Refusal, invalid_form
from bot.sandbox.discord_json import (
    GUILD_NAME,
    application_wire,
    channel_wire,
    guild_wire,
    member_wire,
    role_wire,
    user_wire,
)
from bot.sandbox.gateway import Gateway
from bot.sandbox.guild import BOT, CHANNELS, GUILD, PEOPLE, ROLES, Channel, Permission, direct_channel
from bot.sandbox.json_replies import nothing, reply
from bot.sandbox.message import REPLY, Message
from bot.sandbox.message_body import read_body
from bot.sandbox.world import World

Json = dict[str, Any]
SESSION_STARTS = {"total": 1000, "remaining": 1000, "reset_after": 0}


class Rest:
    """Handlers by Discord's own grouping: the bot itself, the guild, commands, messages."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world = world
        self.gateway = gateway

    def routes(self) -> list[web.RouteDef]:
        guild, channel = rf"/guilds/{{guild_id:{GUILD}}}", r"/channels/{channel_id:\d+}"
        message = channel + r"/messages/{message_id:\d+}"
        commands = rf"/applications/{BOT}"
        return [
            web.get("/users/@me", self.me),
            web.get("/users/@me/guilds", self.my_guilds),
            web.get(r"/users/{user_id:\d+}", self.user),
            web.post("/users/@me/channels", self.open_dm),
            web.get("/applications/@me", self.application),
            web.get("/oauth2/applications/@me", self.application),
            web.get("/gateway", self.gateway_url),
            web.get("/gateway/bot", self.gateway_url),
            web.get(commands + "/commands", self.commands),
            web.put(commands + "/commands", self.replace_commands),
            web.get(commands + guild + "/commands", self.commands),
            web.put(commands + guild + "/commands", self.replace_commands),
            web.get(guild, self.guild),
            web.get(guild + "/channels", self.channels),
            web.get(guild + "/roles", self.roles),
            web.get(guild + r"/members/{user_id:\d+}", self.member),
            web.get(channel, self.channel),
            web.post(channel + "/typing", self.typing),
            web.get(channel + "/messages", self.history),
            web.post(channel + "/messages", self.send),
            web.get(message, self.get_message),
            web.patch(message, self.edit_message),
            web.delete(message, self.delete_message),
        ]

    async def me(self, _: web.Request) -> web.Response:
        return reply(user_wire(BOT) | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None})

    async def my_guilds(self, _: web.Request) -> web.Response:
        guild = {"id": str(GUILD), "name": GUILD_NAME, "icon": None, "banner": None, "owner": False}
        return reply([guild | {"permissions": role_wire(GUILD)["permissions"], "features": []}])

    async def user(self, request: web.Request) -> web.Response:
        return reply(user_wire(_person(request)))

    async def open_dm(self, request: web.Request) -> web.Response:
        body, _ = await read_body(request)
        channel = direct_channel(int(body.get("recipient_id") or 0))
        if channel is None:
            raise Refusal(400, 50033, "Invalid Recipient(s)")
        return reply(channel_wire(channel))

    async def application(self, _: web.Request) -> web.Response:
        return reply(application_wire(self.world.may_read_text))

    async def gateway_url(self, _: web.Request) -> web.Response:
        starts = SESSION_STARTS | {"max_concurrency": self.gateway.max_concurrency}
        return reply({"url": self.gateway.url, "shards": self.gateway.shards, "session_start_limit": starts})

    async def commands(self, request: web.Request) -> web.Response:
        return reply(self.world.commands_of(int(request.match_info.get("guild_id", 0))))

    async def replace_commands(self, request: web.Request) -> web.Response:
        commands = json.loads(await request.text())
        if not isinstance(commands, list) or not all(isinstance(c, dict) and c.get("name") for c in commands):
            raise invalid_form("0.name", "BASE_TYPE_REQUIRED", "This field is required")
        return reply(self.world.replace_commands(int(request.match_info.get("guild_id", 0)), commands))

    async def guild(self, _: web.Request) -> web.Response:
        counts = dict.fromkeys(("approximate_member_count", "approximate_presence_count"), len(PEOPLE))
        return reply(guild_wire(self.world.locale) | counts)

    async def channels(self, _: web.Request) -> web.Response:
        return reply([channel_wire(channel) for channel in CHANNELS.values() if channel.guild_id == GUILD])

    async def roles(self, _: web.Request) -> web.Response:
        return reply([role_wire(role) for role in ROLES])

    async def member(self, request: web.Request) -> web.Response:
        return reply(member_wire(_person(request)))

    async def channel(self, request: web.Request) -> web.Response:
        return reply(channel_wire(self._channel(request)))

    async def typing(self, request: web.Request) -> web.Response:
        self.world.tell("typing", self._channel(request, Permission.SEND_MESSAGES))
        return nothing()

    async def history(self, request: web.Request) -> web.Response:
        channel = self._channel(request, Permission.READ_MESSAGE_HISTORY)
        messages = self.world.history(channel)
        limit = int(request.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid_form("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        if "after" in request.query:
            later = [m for m in messages if m.id > int(request.query["after"])][:limit]
        elif "around" in request.query:
            middle = sum(m.id < int(request.query["around"]) for m in messages)
            later = messages[max(0, middle - limit // 2) : middle + limit // 2 + 1][:limit]
        else:
            before = int(request.query.get("before", 1 << 63))
            later = [m for m in messages if m.id < before][-limit:]
        return reply([m.for_bot(self.world.may_read_text) for m in reversed(later)])

    async def send(self, request: web.Request) -> web.Response:
        body, uploads = await read_body(request)
        channel = self._channel(request, Permission.SEND_MESSAGES)
        nonce = str(body["nonce"]) if body.get("nonce") is not None else None
        if nonce and body.get("enforce_nonce") and (twin := self.world.twin(channel, BOT, nonce)):
            return reply(twin.to_wire())
        message = Message(channel, BOT, nonce=nonce)
        if reference := body.get("message_reference"):
            message.reply = self._referenced(channel, reference)
            message.type = REPLY if message.reply else 0
        return reply(self.world.post(message, body, uploads).to_wire())

    def _referenced(self, channel: Channel, reference: Json) -> Message | None:
        message = self.world.messages.get(int(reference["message_id"]))
        if message is not None and message.channel is channel and message.seen_by is None:
            return message
        if reference.get("fail_if_not_exists", True):
            raise invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None

    async def get_message(self, request: web.Request) -> web.Response:
        message = self._message(request, Permission.READ_MESSAGE_HISTORY)
        return reply(message.for_bot(self.world.may_read_text))

    async def edit_message(self, request: web.Request) -> web.Response:
        body, uploads = await read_body(request)
        message = self._message(request)
        if message.author != BOT:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        return reply(self.world.edit(message, body, uploads).to_wire())

    async def delete_message(self, request: web.Request) -> web.Response:
        message = self._message(request)
        if message.author != BOT and message.channel.is_dm:
            raise Refusal(403, 50003, "Cannot execute action on a DM channel")
        if message.author != BOT:
            self._channel(request, Permission.MANAGE_MESSAGES)
        self.world.delete(message)
        return nothing()

    def _channel(self, request: web.Request, *needed: Permission) -> Channel:
        return self.world.channel(int(request.match_info["channel_id"]), *needed)

    def _message(self, request: web.Request, *needed: Permission) -> Message:
        """A message that channel routes reach: an ephemeral one is reached only through its interaction."""
        message = self.world.find(self._channel(request, *needed), int(request.match_info["message_id"]))
        if message.seen_by is not None:
            raise discord_errors.unknown(10008, "Message")
        return message


def _person(request: web.Request) -> int:
    user_id = int(request.match_info["user_id"])
    if user_id not in PEOPLE:
        code, what = (10007, "Member") if "guild_id" in request.match_info else (10013, "User")
        raise discord_errors.unknown(code, what)
    return user_id
