"""Everything that members saw, as it happened: each state of each message, kept even where it is gone by now."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.chaos.plan import Moment
from tests.histories.events import Event, Gone, Shown

MEMBERS = ("Mo", "Ada", "Ben")
"""Mo sees what all see; the others are watched for what they alone see."""
EPHEMERAL = 1 << 6
BUTTON = re.compile(r"limner:(\w+):([0-9a-f]{32})")
LIST = "limner:page:"
"""A list has buttons of pictures that stand elsewhere."""


@dataclass(frozen=True)
class Look:
    """How a message looked: its text, the addresses of its files, and its buttons as (action, job)."""

    content: str
    files: tuple[str, ...]
    buttons: frozenset[tuple[str, str]]

    @property
    def running(self) -> bool:
        return any(action == "cancel" for action, _ in self.buttons)

    @property
    def delivered(self) -> bool:
        return bool(self.files) and any(action == "again" for action, _ in self.buttons)


@dataclass
class Seen:
    """A message: all its looks, and whether it was deleted."""

    id: str
    looks: list[Look] = field(default_factory=list)
    deleted: bool = False

    @property
    def now(self) -> Look:
        return self.looks[-1]

    @property
    def jobs(self) -> set[str]:
        return {job for look in self.looks for _, job in look.buttons}

    @property
    def own(self) -> set[str]:
        """The jobs that it offered to cancel, or whose pictures it showed; about others it only asks."""
        return {job for look in self.looks for action, job in look.buttons if action == "cancel" or look.delivered}


class Witness:
    """Watches a sandbox. `wait` tells when something next happens that a fault waits for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.messages: dict[str, Seen] = {}
        self._watching: list[asyncio.Task[None]] = []
        self._waiting: list[tuple[Moment, asyncio.Future[None]]] = []
        self.last_change = 0.0
        self.events: list[Event] = []
        """The history so far; what members ask and are answered is added by whoever acts for them."""

    async def start(self, session: aiohttp.ClientSession) -> None:
        for member in MEMBERS:
            socket = await session.ws_connect(f"{self._url}/page/events?as={member}", max_msg_size=0)
            self._watching.append(asyncio.create_task(self._watch(socket, member)))

    async def stop(self) -> None:
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    async def wait(self, moment: Moment, seconds: float) -> bool:
        """Wait until the next answer, post or finished picture; False where none comes in time."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((moment, future))
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            return False
        return True

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse, member: str) -> None:
        direct: set[str] = set()
        async for frame in socket:
            told = json.loads(frame.data)
            if told["event"] == "state":
                direct = {channel["id"] for channel in told["channels"] if channel["dm"]}
            elif told["event"] in ("create", "update"):
                wire = told["message"]
                own = wire.get("flags", 0) & EPHEMERAL or wire["channel_id"] in direct
                if member == "Mo" or own:
                    self._note(wire, member if own else None)
            elif told["event"] == "delete" and told["id"] in self.messages:
                if not self.messages[told["id"]].deleted:
                    self.events.append(Gone(time.time(), told["id"]))
                self.messages[told["id"]].deleted = True

    def _note(self, wire: dict[str, Any], to: str | None) -> None:
        found = self.messages.setdefault(wire["id"], Seen(wire["id"]))
        components = json.dumps(wire["components"])
        buttons = frozenset(() if LIST in components else BUTTON.findall(components))
        before = found.looks[-1] if found.looks else None
        look = Look(wire["content"], tuple(file["url"] for file in wire["attachments"]), buttons)
        found.looks.append(look)
        self.events.append(_shown(wire["id"], to, look))
        self.last_change = asyncio.get_running_loop().time()
        moments: set[Moment] = {"now"}
        if wire.get("flags", 0) & EPHEMERAL and before is None:
            moments.add("answered")
        if before is None and look.running:
            moments.add("posted")
        if look.delivered and not (before and before.delivered):
            moments.add("painted")
        for waiting in [entry for entry in self._waiting if entry[0] in moments]:
            self._waiting.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(None)


def _shown(message: str, to: str | None, look: Look) -> Shown:
    """Return the look as an event of the history."""
    running = frozenset(job for action, job in look.buttons if action == "cancel")
    done = frozenset(job for action, job in look.buttons if action == "again" and look.files)
    jobs = frozenset(job for _, job in look.buttons)
    return Shown(time.time(), message, to, look.content, len(look.files), running, done, jobs)
