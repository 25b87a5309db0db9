"""The gateway websocket, in shards: a session numbers and keeps its events, so that one cut off resumes unharmed."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.domain.shards import shard_of
from bot.sandbox.discord_json import guild_wire, user_wire
from bot.sandbox.guild import BOT, GUILD
from bot.sandbox.message import Message, of_guild
from bot.sandbox.socket_outbox import Outbox
from bot.sandbox.world import World

Json = dict[str, Any]
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 9, 10, 11
IGNORED = (3, 4, 8)  # presence, voice and member requests
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
NEVER_GRANTED = 1 << 1 | 1 << 8  # members, presences
UNKNOWN_OP, BAD_JSON, NOT_AUTHENTICATED, BAD_TOKEN, TWICE_AUTHENTICATED = 4001, 4002, 4003, 4004, 4005
INVALID_SHARD, SHARDING_REQUIRED, DISALLOWED_INTENTS = 4010, 4011, 4014
SERVERS_A_SHARD = 2_500
"""Discord connects no shard with more."""
IN_A_ROW = 50
"""So many servers are told of before the bot must have taken some."""
PAUSE_S = 0.002
HEARTBEAT_MS = 41_250
ACK_DELAY_S = 0.1
"""As a network would take: an answer that comes faster overtakes discord.py's note of when it asked."""
KEPT_EVENTS = 2000
MESSAGE_EVENTS = {"create": "MESSAGE_CREATE", "update": "MESSAGE_UPDATE", "delete": "MESSAGE_DELETE"}


class Connection:
    """One websocket: JSON text, or one zlib stream when the bot asked for it."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.transport = request.transport
        self.outbox = Outbox(socket)
        self._deflate = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None

    def send(self, op: int, data: Any = None, seq: int | None = None, event: str | None = None) -> None:
        text = json.dumps({"op": op, "d": data, "s": seq, "t": event})
        if self._deflate is None:
            self.outbox.put(text)
        else:
            self.outbox.put(self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH))


UNRESTS = ("twice", "late", "swapped")


@dataclass
class Unrest:
    """What the next `times` events of members' doing meet: they come twice, late by `seconds`, or behind the next."""

    kind: str
    times: int
    seconds: float


@dataclass
class Session:
    intents: int
    shard: tuple[int, int] = (0, 1)  # its number, and of how many
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: int = 0
    events: deque[tuple[int, str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    connection: Connection | None = None
    held: tuple[str, Any] | None = None

    def dispatch(self, event: str, data: Any) -> None:
        self.seq += 1
        self.events.append((self.seq, event, data))
        if self.connection is not None:
            self.connection.send(DISPATCH, _told(data), self.seq, event)

    def upset(self, event: str, data: Any, unrest: Unrest) -> None:
        """Dispatch it as a Discord that is unwell does."""
        match unrest.kind:
            case "twice":
                self.dispatch(event, data)
                self.dispatch(event, data)
            case "late":
                asyncio.get_running_loop().call_later(unrest.seconds, self.dispatch, event, data)
            case "swapped" if self.held is None:
                self.held = (event, data)
                asyncio.get_running_loop().call_later(unrest.seconds, self.release)
            case _:
                self.dispatch(event, data)
                self.release()

    def release(self) -> None:
        """Dispatch what waited for another event to overtake it."""
        if self.held is not None:
            held, self.held = self.held, None
            self.dispatch(*held)

    def serves(self, guild_id: int | None) -> bool:
        number, count = self.shard
        return shard_of(guild_id, count) == number

    def hears(self, message: Message) -> bool:
        """Ephemeral messages reach no gateway, the others those that asked for messages of their kind of channel."""
        wanted = DIRECT_MESSAGES if message.channel.is_dm else GUILD_MESSAGES
        here = self.serves(message.channel.guild_id)
        return here and message.seen_by is None and bool(self.intents & wanted)

    def can_resume(self, seq: int) -> bool:
        return seq <= self.seq and (not self.events or seq >= self.events[0][0] - 1)


class Gateway:
    """Every session of the bot; at most one connection serves a session."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""  # set by the server once it knows its port
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.unrest = Unrest("", 0, 0.0)
        self.shards, self.max_concurrency = 1, 1  # how many the bot is told to open, and how many of them at once
        self._introductions: set[asyncio.Task[None]] = set()
        world.listeners.append(self._tell)

    @property
    def online(self) -> bool:
        return any(session.connection for session in self.sessions.values())

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=1 << 20, compress=False)
        await socket.prepare(request)
        connection = Connection(socket, request)
        self.connections.add(connection)
        connection.send(HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        session: Session | None = None
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    continue
                session, close_code = self._receive(connection, session, frame.data)
                if close_code:
                    await socket.close(code=close_code)
        finally:
            connection.outbox.close()
            self.connections.discard(connection)
            self._leave(session, connection)
        return socket

    def cut(self, shard: int | None = None) -> None:
        """Drop every connection, or one shard's, without a goodbye, as a broken network does: it can be resumed."""
        of_shard = [session.connection for session in self.sessions.values() if session.shard[0] == shard]
        for connection in list(self.connections) if shard is None else of_shard:
            if connection is not None and connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        for connection in list(self.connections):
            await connection.socket.close(code=1001)
        for task in self._introductions:
            task.cancel()

    def _receive(self, connection: Connection, session: Session | None, text: str) -> tuple[Session | None, int]:
        """Handle one payload; the answer is the connection's session and a close code, or 0."""
        try:
            payload = json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, TypeError, KeyError):
            return session, BAD_JSON
        if op == HEARTBEAT:
            asyncio.get_running_loop().call_later(ACK_DELAY_S, connection.send, HEARTBEAT_ACK)
            return session, 0
        if op in (IDENTIFY, RESUME):
            if session is not None:
                return session, TWICE_AUTHENTICATED
            given = str(data.get("token")) if isinstance(data, dict) else ""
            if not secrets.compare_digest(given.encode("utf-8", "replace"), self.world.token.encode()):
                return None, BAD_TOKEN
            return self._identify(connection, data) if op == IDENTIFY else self._resume(connection, data)
        if session is None:
            return None, NOT_AUTHENTICATED
        return session, 0 if op in IGNORED else UNKNOWN_OP

    def _identify(self, connection: Connection, data: Json) -> tuple[Session | None, int]:
        refused = NEVER_GRANTED | (0 if self.world.may_read_text else MESSAGE_CONTENT)
        if data["intents"] & refused:
            return None, DISALLOWED_INTENTS
        shard = _shard(data)
        if shard is None:
            return None, INVALID_SHARD
        session = Session(data["intents"], shard)
        servers = [guild_id for guild_id in self.world.servers if session.serves(guild_id)]
        if len(servers) > SERVERS_A_SHARD:
            return None, SHARDING_REQUIRED
        # A shard that identifies anew has given up its old sessions.
        self.sessions = {key: old for key, old in self.sessions.items() if old.connection or old.shard != shard}
        self.sessions[session.id] = session
        self._join(session, connection)
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": user_wire(BOT) | {"mfa_enabled": False, "locale": "en-US", "verified": True},
                "guilds": [{"id": str(guild_id), "unavailable": True} for guild_id in servers],
                "shard": list(shard),
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "application": {"id": str(BOT), "flags": 0},
            },
        )
        if session.intents & GUILDS:
            task = asyncio.create_task(self._introduce(session, servers))
            self._introductions.add(task)
            task.add_done_callback(self._introductions.discard)
        return session, 0

    async def _introduce(self, session: Session, servers: Sequence[int]) -> None:
        """Tell of each server, no faster than the bot takes it; what is told is made anew for each telling."""
        for guild_id in servers:
            session.dispatch("GUILD_CREATE", self.world.servers[guild_id])
            while session.connection and session.connection.outbox.waiting > IN_A_ROW:  # noqa: ASYNC110
                await asyncio.sleep(PAUSE_S)

    def _resume(self, connection: Connection, data: Json) -> tuple[Session | None, int]:
        session = self.sessions.get(str(data["session_id"]))
        seq = data["seq"]
        if session is None or not isinstance(seq, int) or not session.can_resume(seq):
            connection.send(INVALID_SESSION, False)
            return None, 0
        missed = [event for event in session.events if event[0] > seq]
        self._join(session, connection)
        for number, event, about in missed:
            connection.send(DISPATCH, _told(about), number, event)
        session.dispatch("RESUMED", {})
        return session, 0

    def _join(self, session: Session, connection: Connection) -> None:
        session.connection = connection
        self.world.tell("online", True)

    def _leave(self, session: Session | None, connection: Connection) -> None:
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if connection.socket.close_code in (1000, 1001):
            self.sessions.pop(session.id, None)
        self.world.tell("online", self.online)

    def _tell(self, event: str, about: Any) -> None:
        """Pass on what happened in the world, to each session as its intents allow."""
        for session in list(self.sessions.values()):
            if event == "interaction" and session.serves(_guild_of(about)):
                self._dispatch(session, "INTERACTION_CREATE", about)
            elif event == "guild" and session.intents & GUILDS and session.serves(GUILD):
                session.dispatch("GUILD_UPDATE", guild_wire(self.world.locale))
            elif isinstance(about, Message) and session.hears(about):
                self._dispatch(session, MESSAGE_EVENTS[event], _message(event, about, session))

    def _dispatch(self, session: Session, event: str, data: Any) -> None:
        if self.unrest.times > 0:
            self.unrest.times -= 1
            session.upset(event, data, self.unrest)
        else:
            session.dispatch(event, data)
            session.release()


def _message(event: str, message: Message, session: Session) -> Json:
    if event != "delete":
        return message.for_gateway(bool(session.intents & MESSAGE_CONTENT))
    return {"id": str(message.id), "channel_id": str(message.channel.id), **of_guild(message.channel)}


def _told(about: Json | Callable[[], Json]) -> Json:
    """What an event tells; a large one is kept as what makes it."""
    return about() if callable(about) else about


def _guild_of(interaction: Json) -> int | None:
    return int(interaction["guild_id"]) if "guild_id" in interaction else None


def _shard(identify: Json) -> tuple[int, int] | None:
    """The shard that an IDENTIFY names, and of how many; None where there is no such one."""
    match identify.get("shard", [0, 1]):
        case [int(number), int(count)] if 0 <= number < count:
            return number, count
        case _:
            return None
