"""`make crash [STORY=name] [HOW=kill] [EVERY=n]`: each story, once for each call on a file that it makes, struck there.

A first life, which nothing strikes, counts the calls; then the n-th is struck in each way, for n = 1, 1 + EVERY, …
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bot.sandbox.server import Sandbox
from harness.processes import ROOT
from tests.chaos.invariants import SORTS, Violation
from tests.crash import bot_process
from tests.crash.lab import QUIET_S, Died, Lab, Life, Unprepared, models
from tests.crash.report import report
from tests.crash.shim import WAYS, How, Strike, build, strike
from tests.crash.stories import STORIES, Story, command_of
from tests.engine.fakes import running

BUILT = ROOT / "build" / "crash"
TEMPLATE = "template"
AT_ONCE = 3 * (os.cpu_count() or 1)
"""A life works for half a second and waits for two."""
FULL_S = 3.0
"""How long calm is waited for on a disk that stays full."""


@dataclass(frozen=True)
class Sockets:
    """Where the engine listens, and one with a check of pictures."""

    plain: Path
    checked: Path


async def live(story: Story, struck: Strike, folder: Path, sockets: Sockets) -> Life:
    """Play the story with this strike, let another bot recover, and judge."""
    life, socket = Life(), sockets.checked if story.checked else sockets.plain
    (folder / "tmp").mkdir()
    async with Sandbox(0) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        lab = Lab(folder, folder.parent / TEMPLATE, socket, sandbox, session)
        await lab.witness.start(session)
        try:
            await story.before(lab)
            await _play(story, lab, struck, life)
            life.calls, life.struck = struck.count(), struck.struck()
            await _recover(story, lab, life)
        except (AssertionError, TimeoutError, Died) as error:
            life.violations.append(Violation("lost", f"{type(error).__name__}: {error}"))
        finally:
            await lab.close()
    if life.violations:
        _keep(folder, lab, life)
    return life


async def _first_start(folder: Path, socket: Path) -> None:
    """Leave a home where a bot ran before."""
    (folder / "tmp").mkdir()
    async with Sandbox(0) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        lab = Lab(folder, folder, socket, sandbox, session)
        await lab.begin(None)
        await lab.online()
        await lab.end()
    lab.home.rename(folder / TEMPLATE)


async def _play(story: Story, lab: Lab, struck: Strike, life: Life) -> None:
    try:
        if story.command:
            code = await lab.run(*command_of(story, lab.folder), strike=struck)
            life.ended = f"with {code}"
            assert struck.how != "count" or code == 0, f"the command ended with {code}"
            return
        lab.quiet_s = FULL_S if struck.how == "FULL" else QUIET_S
        await lab.begin(struck)
        await lab.online()
        await story.tell(lab)
        if code := await lab.end():
            life.ended = f"with {code}"
    except Died:
        life.ended = f"with {lab.bot.exitcode}"
    except AssertionError as error:  # where a call fails, what a member asked for may be refused
        if struck.how in ("count", "kill", "torn", "power"):
            raise
        life.ended = str(error)
        await lab.end()


async def _recover(story: Story, lab: Lab, life: Life) -> None:
    """Start another bot, which nothing strikes, let it come to rest and draw, and judge all."""
    lab.quiet_s = QUIET_S
    await story.mend(lab)
    await lab.begin(None)
    await lab.online()
    await lab.calm()
    await story.then(lab)
    await lab.imagine("a boat of the next day")
    await lab.calm()
    if code := await lab.end():
        life.violations.append(Violation("orphaned", f"the last bot ended with {code}"))
    if (children := lab.jobs("parent_id IS NOT NULL")) > story.children:
        life.violations.append(Violation("doubled", f"{children} jobs came of another, where {story.children} may"))
    found = [*await asyncio.to_thread(lab.judge), *story.after(lab)]
    life.violations += [each for each in found if not any(words in each.what for words in story.forgives)]


def _keep(folder: Path, lab: Lab, life: Life) -> None:
    place = BUILT / "failed" / folder.name
    place.mkdir(parents=True, exist_ok=True)
    log = folder / "bot.log"
    told = "\n".join(map(str, life.violations))
    (place / "bot.log").write_text((log.read_text() if log.exists() else "") + f"\n{life.ended}\n{told}\n")
    (place / "history.log").write_text("\n".join(map(str, lab.witness.events)) + "\n")


Done = dict[tuple[str, str, int], dict[str, Any]]
"""Lives that were played: story, strike and call, and what came of each."""


class Run:
    """Plays lives, as many at a time as `at_once` says, and notes each in a file, which another run goes on with."""

    def __init__(self, folder: Path, sockets: Sockets, notes: Path | None, at_once: int, each: bool) -> None:
        self._folder, self._sockets, self._notes, self._each = folder, sockets, notes, each
        self._places = asyncio.Semaphore(at_once)
        lines = notes.read_text().splitlines() if notes and notes.exists() else []
        self.done: Done = {(found["story"], found["how"], found["number"]): found for found in map(json.loads, lines)}

    async def story(self, name: str, how: How, every: int) -> None:
        """Count the story's calls, then strike each `every`th."""
        whole = await self.one(name, "count", 0)
        numbers = range(1, whole["calls"] + 1, every)
        began = time.monotonic()
        lives = list(await asyncio.gather(*(self.one(name, how, number) for number in numbers)))
        while every == 1 and (not lives or lives[-1]["struck"]):  # no two lives are the same: one may have more calls
            lives.append(await self.one(name, how, len(lives) + 1))
        dead, seconds = sum(life["ended"] == "with -9" for life in lives), time.monotonic() - began
        print(f"{name}, {how}: {len(lives)} of {whole['calls']} calls, {dead} died; {seconds:.0f} s", flush=True)

    async def _lived(self, story: Story, name: str, how: How, number: int) -> Life:
        """Play one life; again where it could not begin. Raises Unprepared at the third time."""
        for last in (False, False, True):
            with tempfile.TemporaryDirectory(prefix=f"{name}-{how}-{number}-", dir=self._folder) as place:
                struck = strike(how, number, Path(place) / "calls", each=self._each)
                try:
                    return await live(story, struck, Path(place), self._sockets)
                except Unprepared:
                    if last:
                        raise
        raise AssertionError  # for the type checker: the last round returns or raises

    async def one(self, name: str, how: How, number: int) -> dict[str, Any]:
        """Play one life, if it was not played yet; return what came of it."""
        if found := self.done.get((name, how, number)):
            return found
        story = STORIES[name]
        async with self._places:
            life = await self._lived(story, name, how, number)
        for violation in life.violations:
            print(f"{name}, {how} at call {number} ({life.struck}), ended {life.ended}: {violation}", flush=True)
        sorts = [violation.sort for violation in life.violations]
        facts = {"story": name, "how": how, "number": number, "calls": life.calls}
        facts |= {"struck": life.struck, "ended": life.ended, "sorts": sorts}
        self.done[name, how, number] = facts
        if self._notes:
            with self._notes.open("a") as file:
                file.write(json.dumps(facts) + "\n")
        return facts


async def crash(given: argparse.Namespace, folder: Path) -> Done:
    """Play the stories, as long as there is time for it; return what came of each life."""
    async with running(real=models) as engine, running(real=partial(models, checked=True)) as checked:
        await _first_start(folder, engine.socket)
        run = Run(folder, Sockets(engine.socket, checked.socket), given.notes, given.at_once, given.each)
        try:
            async with asyncio.timeout(given.seconds):
                for how in given.how:
                    await asyncio.gather(*(run.story(name, how, given.every) for name in given.story))
        except TimeoutError:
            print("the time is over", flush=True)
    return run.done


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--story", nargs="*", choices=STORIES, default=list(STORIES))
    parser.add_argument("--how", nargs="*", choices=WAYS[1:], default=["kill", "power", "EIO", "ENOSPC"])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--each", action="store_true", help="strike calls that leave what another leaves, too")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="lives that are played side by side")
    parser.add_argument("--notes", type=Path, help="a file that notes each life; those in it are not played again")
    parser.add_argument("--seconds", type=float, help="to stop after")
    parser.add_argument("--report", action="store_true", help="print the table of what is noted, and play nothing")
    given = parser.parse_args()
    if given.report:
        print(report(map(json.loads, given.notes.read_text().splitlines())))
        return 0
    for number in signal.SIGINT, signal.SIGTERM:  # stopped in any way, it ends its bots, also under nohup
        signal.signal(number, signal.default_int_handler)
    shim = build(BUILT)
    if shim is None:
        print("No call can be struck here: there is no C compiler (cc).")
        return 0
    os.environ["PYTHONWARNINGS"] = "ignore"
    bot_process.prepare(shim)
    with tempfile.TemporaryDirectory(prefix="limner-crash-") as folder:
        done = asyncio.run(crash(given, Path(folder)))
    sorts = Counter(sort for life in done.values() for sort in life["sorts"])
    print(f"{len(done)} lives: " + ", ".join(f"{sorts[sort]} {sort}" for sort in SORTS))
    return 1 if sorts else 0


if __name__ == "__main__":
    sys.exit(main())
