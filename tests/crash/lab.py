"""One life: a Discord, an engine, and a bot whose n-th call on a file is struck; then another bot, and a judgement."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import time
import urllib.request
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import aiohttp
from msgspec import structs

from bot.domain.quota import parse_limits
from bot.sandbox.guild import DRAWING
from bot.sandbox.server import Sandbox
from engine.api.messages import Completed, Model
from engine.jobs.job import Event, Reporter
from engine.jobs.requests import Answer, Conversation, Delta, Painting
from engine.loading import Models
from engine.models.safety import Safety
from harness.processes import environment
from tests.chaos.house import ENDS_SEEN, UNDECIDED
from tests.chaos.invariants import LEFT, Asked, Told, Violation, check, read
from tests.chaos.witness import Witness
from tests.crash.bot_process import start
from tests.crash.shim import Strike
from tests.engine.fakes import FakeModels, FakePainter, FakePlanner
from tests.fakes import PNG
from tests.histories import events as history
from tests.histories.ledger import NOTED, read_ledger
from tests.histories.rules import Terms
from tests.histories.rules import judge as judge_history

T = TypeVar("T")
ANSWER_S, READY_S, QUIET_S, CALM_S = 20.0, 30.0, 45.0, 0.4
HANG_S = 60.0
DOUBTFUL = 0.6
"""A score that is held, where moderators want to see such pictures, and is posted where they set nothing."""
UNDONE = (
    f"jobs WHERE ended_at IS NULL AND NOT ({UNDECIDED})",
    "jobs WHERE untold IS NOT NULL",
    "erasing",
    "erased_messages",
)
"""Rows that a bot still has to work on."""
POLL_S = 0.04


class Died(Exception):
    """The bot is gone."""


class Unprepared(Exception):
    """What a story begins with did not come to be, before anything was struck: the machine was too busy."""


class Speller(FakePlanner):
    """Understands the last words as they are, but for “undo”."""

    def answer(self, work: Conversation, reporter: Reporter) -> None:
        words = work.request.messages[-1].text[-60:]
        spec = {"understood": words, "keywords": ["boat"], "prompt": words, "negative": ""}
        if words.rstrip(' "}').endswith("undo"):
            spec = {"kind": "undo", "prompt": ""}
        reporter.tell(Delta(text := json.dumps(spec)))
        reporter.tell(Answer(text, "stop", 1, 1))


class Painter(FakePainter):
    """Paints as FakePainter does; at “hang” it says nothing for long, unless that is cancelled."""

    def paint(self, work: Painting, reporter: Reporter) -> None:
        end = time.monotonic() + HANG_S
        while work.prompt == "hang" and time.monotonic() < end:
            time.sleep(0.05)
            reporter.check()
        super().paint(work, reporter)


class CheckedPainter(Painter):
    """Paints pictures with scores; those whose words are bare may not be safe for work."""

    def paint(self, work: Painting, reporter: Reporter) -> None:
        super().paint(work, Scorer(reporter, DOUBTFUL if "bare" in work.prompt else 0.0))


class Scorer:
    """Adds a score to each finished picture."""

    def __init__(self, reporter: Reporter, score: float) -> None:
        self._reporter, self._score = reporter, score
        self.check = reporter.check

    def tell(self, event: Event) -> None:
        self._reporter.tell(structs.replace(event, nsfw_score=self._score) if isinstance(event, Completed) else event)


class Checked(FakeModels):
    """Models with a check of pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.safety = Safety("on")

    def describe(self) -> list[Model]:
        painter, *others = super().describe()
        assert painter.limner
        return [structs.replace(painter, limner=structs.replace(painter.limner, check="on")), *others]


def models(*, checked: bool = False) -> Models:
    """Return models that paint and understand at once."""
    scripted = Checked() if checked else FakeModels()
    scripted.planner, scripted.painter = Speller(), CheckedPainter() if checked else Painter()
    return cast(Models, scripted)


@dataclass
class Life:
    """What came of one life."""

    calls: int = 0
    struck: str = ""
    """The call that was struck, with its file."""
    ended: str = "to its end"
    violations: list[Violation] = field(default_factory=list)


class Lab:
    """A Discord with a home on disk, in `folder`; `template` is a home where a bot ran before."""

    def __init__(
        self, folder: Path, template: Path, socket: Path, sandbox: Sandbox, session: aiohttp.ClientSession
    ) -> None:
        self.template = template
        self.folder, self.home, self.log = folder, folder / "home", folder / "bot.log"
        self.database = self.home / "limner.sqlite3"
        self.settings: dict[str, str] = {
            "ENGINE_URL": f"unix:{socket}",
            "DISCORD_TOKEN": sandbox.token,
            "LIMNER_LIMIT": "1000/hour",
            "LIMNER_AT_ONCE": "50",
            "LIMNER_GRACE_SECONDS": "5",
            "TMPDIR": str(folder / "tmp"),
        }
        self.sandbox, self.session = sandbox, session
        self.witness = Witness(sandbox.url)
        self.asked: list[Asked] = []
        self.notes: dict[str, str] = {}
        """What a story wants to know when all is over."""
        self.bot: Any = None
        self.quiet_s = QUIET_S

    async def begin(self, strike: Strike | None, *command: str) -> None:
        """Start the bot, or another command."""
        # The socket of a bot that was killed is closed a moment later, and would be taken for this one's.
        await self.until_true(lambda: not self.sandbox.gateway.online, "the last bot's end", READY_S)
        settings = environment(self.home, **self.settings)
        self.bot = start(self.sandbox.url, self.home, settings, self.log, strike, *command or ("run",))

    async def online(self) -> None:
        """Wait until it is there; then let the database note every end. Raises Died."""
        await self.until(self._is_online, "the bot", READY_S)
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            for sql in (*ENDS_SEEN, *NOTED):
                connection.execute(sql)

    async def run(self, *command: str, strike: Strike | None = None) -> int:
        """Run a command to its end; return its exit code."""
        await self.begin(strike, *command)
        async with asyncio.timeout(READY_S):
            while self.bot.exitcode is None:
                await asyncio.sleep(POLL_S)
        return int(self.bot.exitcode)

    async def end(self) -> int:
        """Tell the bot to stop; return its exit code."""
        with suppress(ProcessLookupError):
            self.bot.terminate()
        async with asyncio.timeout(READY_S):
            while self.bot.exitcode is None:
                await asyncio.sleep(POLL_S)
        await self.until_true(lambda: not self.sandbox.gateway.sessions, "the bot's end", 10.0)
        return int(self.bot.exitcode)

    async def close(self) -> None:
        """Leave nothing behind."""
        if self.bot is not None and self.bot.exitcode is None:
            self.bot.kill()
            await asyncio.to_thread(self.bot.join)
        await self.witness.stop()

    async def until(self, found: Callable[[], Awaitable[T | None]], what: str, seconds: float = ANSWER_S) -> T:
        """Wait for something true. Raises Died, and AssertionError where it does not come."""
        try:
            async with asyncio.timeout(seconds):
                while not (value := await found()):
                    if self.bot.exitcode is not None:
                        raise Died
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError(f"{what} did not come within {seconds:.0f} s") from None
        return value

    async def until_true(self, found: Callable[[], object], what: str, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while not found() and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(POLL_S)

    async def act(self, what: str, member: str = "Ada", **body: Any) -> Any:
        """Do something as a member; return the outcome. Raises Died where the bot is gone before it comes."""
        self.witness.events.append(history.Asked(time.time(), member, f"{what} {body}"))
        asking = asyncio.create_task(self._post(what, {"as": member, "channel_id": str(DRAWING), **body}))
        while not asking.done():
            if self.bot.exitcode is not None:
                await asyncio.wait({asking}, timeout=0.2)  # what it had said already
                if not asking.done():
                    asking.cancel()
                    raise Died
            await asyncio.wait({asking}, timeout=POLL_S)
        return asking.result()

    async def command(self, name: str, who: str = "Ada", **options: Any) -> str:
        """Give a command; return what is answered at last."""
        outcome = await self.act("command", who, name=name, options=options)
        return await self._said(outcome)

    async def imagine(self, words: str, member: str = "Ada", **options: Any) -> None:
        """Ask for pictures, note what was told, and wait for their end. Raises Died."""
        request = Asked(words, int(options.get("count", 1)), "nothing")
        self.asked.append(request)
        place = len(self.asked) - 1
        outcome = await self.act("command", member, name="imagine", options={"prompt": words, **options})
        told = await self._verdict(outcome)
        self.asked[place] = Asked(words, request.count, told)
        self.witness.events.append(history.Answered(time.time(), member, words, told))
        if told == "accepted":
            await self.calm()

    async def reply(self, words: str, message: str, member: str = "Ada") -> None:
        """Answer a message with words, and wait for the picture. Raises Died."""
        before = self.jobs("ended_at IS NOT NULL")
        await self.act("message", member, content=words, reply_to=message)

        async def is_another() -> bool:
            return self.jobs("ended_at IS NOT NULL") > before

        await self.until(is_another, "the changed picture")
        await self.calm()

    async def photo(self, member: str = "Ada") -> str:
        """Upload a photo; return its id."""
        async with self.session.post("/page/upload", params={"as": member, "name": "photo.png"}, data=PNG) as answer:
            return str((await answer.json())["id"])

    async def press(self, action: str, member: str = "Ada", index: int | None = None) -> Any:
        """Press a button under the newest picture that has it."""
        tail = "" if index is None else f":{index}"

        async def found() -> tuple[str, str] | None:
            for post in reversed(await self.seen(member)):
                for item in (item for row in post["components"] for item in row["components"]):
                    if (id_ := str(item.get("custom_id"))).startswith(f"limner:{action}:") and id_.endswith(tail):
                        return post["id"], id_
            return None

        message, button = await self.until(found, f"the button {action}")
        return await self.act("click", member, message_id=message, custom_id=button)

    async def newest(self, member: str = "Ben") -> str:
        """Return the id of the newest message with pictures."""
        shown = [post for post in await self.seen(member) if post["attachments"]]
        assert shown, "no picture is shown"
        return str(shown[-1]["id"])

    async def seen(self, member: str = "Ben") -> list[Any]:
        async with self.session.get("/page/state", params={"as": member}) as answer:
            return cast("list[Any]", (await answer.json())["messages"])

    async def calm(self) -> None:
        """Wait until every job has ended and nothing changes any more, for a while. Raises Died."""

        async def is_calm() -> bool:
            since = asyncio.get_running_loop().time() - self.witness.last_change
            # The database is looked at last, as that costs most.
            return since > CALM_S and await self._is_online() and self._count(*UNDONE) == 0

        await self.until(is_calm, "calm", self.quiet_s)

    async def has(self, where: str) -> bool:
        """Whether there is such a job."""
        return self.jobs(where) > 0

    def jobs(self, where: str) -> int:
        """Return how many jobs are so."""
        return self._count(f"jobs WHERE {where}")

    def _count(self, *tables: str) -> int:
        counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            return int(connection.execute(f"SELECT {counts}").fetchone()[0])

    def judge(self) -> list[Violation]:
        """Return all that is wrong, once the last bot has ended."""
        sealed = "LIMNER_DATA_KEY" in self.settings or (self.folder / ".env").exists()  # where no words can be read
        wrong = check([] if sealed else self.asked, read(self.database), self.witness.messages, _digest)
        terms = Terms(parse_limits(self.settings["LIMNER_LIMIT"]), int(self.settings["LIMNER_AT_ONCE"]))
        wrong += judge_history([*self.witness.events, *read_ledger(self.database)], terms)
        files = {file.name for folder in (self.home, self.folder / "tmp") for file in folder.iterdir()} - LEFT
        return wrong + [Violation("orphaned", f"file: {name}") for name in sorted(files)]

    async def _post(self, what: str, body: Any) -> Any:
        async with self.session.post(f"/page/{what}", json=body) as answer:
            told = await answer.json()
            assert answer.ok, told
            return told

    async def _is_online(self) -> bool:
        return bool(self.sandbox.gateway.online and self.sandbox.world.commands)

    async def _said(self, outcome: Any) -> str:
        """Return what an answer says once it says something; empty where it went away. Raises Died."""
        message = outcome.get("message_id")
        if outcome["outcome"] not in ("message", "deferred", "updated"):
            return f"nothing: {outcome['outcome']}"

        async def look() -> tuple[str] | None:
            if message not in self.witness.messages:
                return None
            seen = self.witness.messages[message]
            return (seen.now.content,) if seen.deleted or seen.now.content or seen.now.buttons else None

        return (await self.until(look, "the answer"))[0]

    async def _verdict(self, outcome: Any) -> Told:
        said = await self._said(outcome)
        seen = self.witness.messages.get(outcome.get("message_id"))
        if seen and (seen.deleted or seen.now.content.startswith("On its way") or seen.now.buttons):
            return "accepted"
        return "refused" if said and not said.startswith("nothing:") else "nothing"


def _digest(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return hashlib.sha256(answer.read()).hexdigest()
