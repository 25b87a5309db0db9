"""Serves the chat page: its files, a snapshot of what a member sees, and a websocket with each change."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox import discord_errors
from bot.sandbox.discord_errors import Refusal
from bot.sandbox.gateway import Gateway
from bot.sandbox.guild import BOT, CHANNELS, DRAWING, MODERATORS, PEOPLE, ROLES, Channel, permissions
from bot.sandbox.json_replies import reply
from bot.sandbox.message import Message
from bot.sandbox.page_texts import page_texts, spoken
from bot.sandbox.socket_outbox import Outbox
from bot.sandbox.world import World
from bot.ui.i18n import text

Json = dict[str, Any]
FOLDER = Path(__file__).with_name("page")
SHOWN_MESSAGES = 200
LANGUAGES = (
    "ar bg cs da de el en-US en-GB es-ES es-419 fi fr he hi hr hu id it ja ko lt nl no pl pt-BR ro ru sv-SE th tr uk "
    "vi zh-CN zh-TW"
)


class Chat:
    """Serves the page's files and keeps each open page up to date."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world = world
        self.gateway = gateway
        self.viewers: dict[Outbox, int] = {}
        world.listeners.append(self._tell)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.index),
            web.get(r"/{name:[a-z]+\.(?:css|js)}", self.asset),
            web.get("/page/state", self.state),
            web.get("/page/events", self.events),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """The page itself, in the browser's language."""
        locale = spoken(request)
        headers = _headers(request) | {"Content-Language": locale, "Vary": "Accept-Language"}
        return web.Response(text=_in_language(locale), content_type="text/html", headers=headers)

    async def asset(self, request: web.Request) -> web.FileResponse:
        file = FOLDER / request.match_info["name"]
        if not file.is_file():
            raise discord_errors.not_found()
        return web.FileResponse(file, headers=_headers(request))

    async def state(self, request: web.Request) -> web.Response:
        return reply(self._state(*_viewer(request)))

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        viewer, locale = _viewer(request)
        if request.query.get("locale"):
            self.world.speak(locale)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        outbox = Outbox(socket)
        outbox.put(json.dumps({"event": "state"} | self._state(viewer, locale)))
        self.viewers[outbox] = viewer
        try:
            async for frame in socket:
                if frame.type is WSMsgType.ERROR:
                    break
        finally:
            del self.viewers[outbox]
            outbox.close()
        return socket

    async def close(self) -> None:
        for outbox in list(self.viewers):
            await outbox.socket.close(code=1001)

    def _state(self, viewer: int, locale: str) -> Json:
        channels = [channel for channel in CHANNELS.values() if permissions(viewer, channel)]
        messages = [m.to_wire() for m in self.world.messages.values() if sees(viewer, m)]
        return {
            "viewer": str(viewer),
            "locale": locale,
            "guild": text(locale, "sandbox-guild"),
            "online": self.gateway.online,
            "people": [{"id": str(p.id), "name": p.name, "bot": p.is_bot} for p in PEOPLE.values()],
            "roles": [{"id": str(role), "name": _role_name(role, locale)} for role in ROLES],
            "channels": [_channel(channel, locale) for channel in channels],
            "commands": commands_for(self.world, viewer),
            "messages": messages[-SHOWN_MESSAGES:],
        }

    def _tell(self, event: str, about: Any) -> None:
        for outbox, viewer in list(self.viewers.items()):
            if isinstance(about, Message) and sees(viewer, about):
                change = {"id": str(about.id)} if event == "delete" else {"message": about.to_wire()}
                outbox.put(json.dumps({"event": event, **change}))
            elif event == "typing" and permissions(viewer, about):
                outbox.put(json.dumps({"event": event, "channel_id": str(about.id)}))
            elif event == "commands":
                outbox.put(json.dumps({"event": event, "commands": commands_for(self.world, viewer)}))
            elif event == "online":
                outbox.put(json.dumps({"event": event, "online": about}))


def _headers(request: web.Request) -> dict[str, str]:
    policy = f"default-src 'self'; img-src 'self' data:; connect-src 'self' ws://{request.host}"
    return {"Cache-Control": "no-cache", "Content-Security-Policy": policy}


def _in_language(locale: str) -> str:
    """Fill index.html: `{{key}}` with the text, `{{texts}}` with all texts as JSON that ends no element."""
    texts = page_texts(locale)
    known = {key: html.escape(value) for key, value in texts.items()}
    known |= {"language": locale, "texts": json.dumps(texts).replace("<", "\\u003c")}
    return re.sub(r"\{\{([\w-]+)\}\}", lambda match: known[match[1]], (FOLDER / "index.html").read_text("utf-8"))


def _channel(channel: Channel, locale: str) -> Json:
    """The channel as its reader knows it; `home` is where one draws first."""
    name = "" if channel.is_dm else text(locale, f"sandbox-channel-{channel.name}")
    topic = "" if channel.is_dm else text(locale, f"sandbox-topic-{channel.name}")
    return {"id": str(channel.id), "name": name, "topic": topic, "dm": channel.is_dm, "home": channel.id == DRAWING}


def _role_name(role: int, locale: str) -> str:
    return text(locale, "sandbox-role-moderators") if role == MODERATORS else ROLES[role][0]


def commands_for(world: World, viewer: int) -> list[Json]:
    """The commands whose default permissions the member has; whether they fit the channel is asked elsewhere."""
    has = permissions(viewer, next(iter(CHANNELS.values())))
    commands = world.commands.values()
    return [c for c in commands if int(c["default_member_permissions"] or 0) & ~int(has) == 0]


def _viewer(request: web.Request) -> tuple[int, str]:
    """Whose view is asked for, and in which language."""
    return member(request.query.get("as")), language(request.query.get("locale"))


def language(wanted: Any) -> str:
    """The member's language, or else the next to it, as far as Discord has it."""
    languages = LANGUAGES.split()
    if wanted in languages:
        return str(wanted)
    same = (language for language in languages if language.split("-")[0] == str(wanted).split("-")[0])
    return next(same, "en-US")


def member(name: Any) -> int:
    for person in PEOPLE.values():
        if person.id != BOT and str(name).lower() in (str(person.id), person.name.lower()):
            return person.id
    raise Refusal(400, 0, "“as” must name a member: Ada, Ben or Mo.")


def sees(viewer: int, message: Message) -> bool:
    return message.seen_by in (None, viewer) and bool(permissions(viewer, message.channel))
