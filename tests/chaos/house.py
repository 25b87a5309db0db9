"""The processes of a run: a Discord, a bot with its home on a small disk, and an engine that serves many runs."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import aiohttp

from bot.domain.quota import Limit, written
from engine.api.address import Address
from engine.api.client import EngineClient
from harness.processes import ROOT, Discord, environment
from harness.tiny_models import Models
from tests.chaos.kept import Kept
from tests.chaos.plan import Plan
from tests.chaos.planner import Planner
from tests.chaos.proxy import Proxy
from tests.chaos.witness import Witness
from tests.crash.shim import build, clock_at, strike
from tests.histories.ledger import NOTED
from tests.histories.rules import Terms

FOLDER = Path(__file__).parent
BUILT = ROOT / "build" / "chaos"
READY_S = 600.0
UNDECIDED = "ended_at IS NULL AND id IN (SELECT job_id FROM held WHERE released_by IS NULL)"
"""Jobs whose pictures wait for a moderator."""
ENDS_SEEN = (
    "CREATE TABLE IF NOT EXISTS ends_seen (job_id TEXT NOT NULL, state TEXT NOT NULL)",
    "CREATE TRIGGER IF NOT EXISTS ends_are_seen AFTER UPDATE OF state, ended_at ON jobs"
    " WHEN NEW.ended_at IS NOT NULL BEGIN INSERT INTO ends_seen VALUES (NEW.id, NEW.state); END",
)
"""Notes each time that a job ends, so that a second end cannot hide behind the first."""
TERMS = Terms((Limit(10_000, "hour"),), at_once=50, late_s=None)


class EngineBeside:
    """An engine as a service of its own, behind a proxy whose connections can be cut."""

    def __init__(self, folder: Path, models: Models, **changes: str) -> None:
        folder.mkdir()
        self.socket, self._home = folder / "engine.sock", folder / "home"
        self.log, self._clock = folder / "engine.log", folder / "clock"
        self.move_clock(0.0)
        command = [sys.executable, "-m", "engine", "--socket", str(self.socket)]
        variables = {**models.variables, **_preloaded(build(BUILT), self._clock), **changes}
        self.process = Kept(command, environment(self._home, **variables), self.log)
        self.proxy = Proxy(folder / "proxy.sock", self.socket)

    def move_clock(self, by: float) -> None:
        clock_at(self._clock, by)

    async def start(self) -> None:
        self.process.start()
        await self.proxy.start()
        await self.ready()

    async def ready(self) -> None:
        async with EngineClient(Address("http://engine", self.socket)) as client, asyncio.timeout(READY_S):
            while not await client.ready():
                await asyncio.sleep(0.2)

    async def stop(self) -> list[str]:
        """End it; return what is left of it."""
        code = await self.process.stop()
        await self.proxy.stop()
        left = [f"the engine ended with {code}"] if code != 0 else []
        left += await self.process.left()
        return left + [str(path) for path in (self.socket, self.proxy.path) if path.exists()]


class House:
    """One bot, its Discord and its disk, for one run. `folder` takes its logs and its database."""

    def __init__(self, folder: Path, plan: Plan, models: Models, engine: EngineBeside, **changes: str) -> None:
        folder.mkdir(parents=True)
        self.plan, self.engine, self._models, self._changes = plan, engine, models, changes
        self.folder, self.home, self.scratch = folder, folder / "home", folder / "tmp"
        self.log, self._clock = folder / "bot.log", folder / "clock"
        self.database = self.home / "limner.sqlite3"
        self.planner = Planner()
        self.discord: Discord
        self.witness: Witness
        self.bot: Kept
        self.disk_is_small = False
        self.disk: Path | None = None
        """A file that says what ails the disk; None where there is no compiler for the shim."""

    async def open(self, session: aiohttp.ClientSession) -> None:
        """Start all but the bot."""
        self.home.mkdir(mode=0o700)
        self.scratch.mkdir()
        self.move_clock(0.0)
        self.disk_is_small = _mount(self.home, self.plan.room_mib)
        self.discord = await asyncio.to_thread(Discord)
        self.witness = Witness(self.discord.url)
        await self.witness.start(session)
        if shim := build(BUILT):
            self.disk = strike("count", 0, self.folder / "disk").counter
        await self.planner.start()
        variables = {
            **({"CHAOS_DISK": str(self.disk)} if shim else {}),
            **_preloaded(shim, self._clock),
            "DISCORD_TOKEN": self.discord.token,
            "LIMNER_AT_ONCE": str(TERMS.at_once),
            "LIMNER_LIMIT": written(TERMS.limits),
            "TMPDIR": str(self.scratch),
            **self._models.variables,
            **({} if self.plan.own_engine else self._beside()),
            **self._changes,
        }
        command = [sys.executable, str(FOLDER / "launch.py"), self.discord.url]
        self.bot = Kept(command, environment(self.home, **variables), self.log)

    async def online(self) -> None:
        """Wait until the bot is on Discord and its commands are there; then let the database note every end."""
        async with asyncio.timeout(READY_S):
            while not (await asyncio.to_thread(self._is_online)):
                await asyncio.sleep(0.2)
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            for sql in (*ENDS_SEEN, *NOTED):
                connection.execute(sql)

    def move_clock(self, by: float) -> None:
        clock_at(self._clock, by)

    def _beside(self) -> dict[str, str]:
        planner = {"PLANNER_URL": self.planner.url} if self.plan.deeds else {}
        return {"ENGINE_URL": f"unix:{self.engine.proxy.path}", **planner}

    def unfinished(self) -> int:
        """Return how many jobs have not ended."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            return int(connection.execute("SELECT count(*) FROM jobs WHERE ended_at IS NULL").fetchone()[0])

    def waits_for_moderators(self) -> bool:
        """Whether pictures wait for a decision."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            return bool(connection.execute(f"SELECT count(*) FROM jobs WHERE {UNDECIDED}").fetchone()[0])

    def ended(self, words: str) -> bool:
        """Whether the job of these words has ended."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            sql = "SELECT count(*) FROM jobs WHERE words = ? AND ended_at IS NOT NULL"
            return bool(connection.execute(sql, (words,)).fetchone()[0])

    def is_well(self) -> bool:
        """Whether the bot is on Discord and has brought every job to its end."""
        with suppress(sqlite3.Error, OSError):
            return self._is_online() and self.unfinished() == 0
        return False

    async def close(self) -> None:
        await self.witness.stop()
        await self.planner.stop()
        await asyncio.to_thread(self.discord.stop)
        if self.disk_is_small:
            await asyncio.to_thread(_unmount, self.home)

    def _is_online(self) -> bool:
        with suppress(OSError):
            state = self.discord.state("Mo")
            return bool(state["online"] and state["commands"])
        return False


def _preloaded(shim: Path | None, clock: Path) -> dict[str, str]:
    """Return the variables that preload the shim, with a clock that a file moves; nothing where there is no shim."""
    return {"LD_PRELOAD": str(shim), "CHAOS_CLOCK": str(clock)} if shim else {}


def _mount(home: Path, mib: int) -> bool:
    """Give the home a small disk of its own where this process may; else it cannot be made full."""
    options = f"size={mib}m,mode=700"
    return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", home], capture_output=True).returncode == 0


def _unmount(home: Path) -> None:
    subprocess.run(["umount", home], check=True)


def fill(home: Path, name: str, room_kib: int) -> Path:
    """Fill the disk until so much is left; return the file that takes the room."""
    ballast = home / name
    with ballast.open("wb") as file:
        for _ in range(20):  # who uses the disk may take some of it between the question and the filling
            stat = os.statvfs(home)
            size = stat.f_bavail * stat.f_frsize - (room_kib << 10)
            try:
                if size > 0:
                    os.posix_fallocate(file.fileno(), 0, size)
                break
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return ballast
