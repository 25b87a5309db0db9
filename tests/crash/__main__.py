"""`make crash [STORY=name] [HOW=kill] [EVERY=n]`: each story, once for each call on a file that it makes, struck there.

The calls are counted first, in a life that nothing strikes; then the n-th is struck, for n = 1, 1 + EVERY, …
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import aiohttp

from bot.sandbox.server import Sandbox
from harness.processes import ROOT
from tests.chaos.invariants import Violation
from tests.crash import bot_process
from tests.crash.lab import Died, Lab, Life, models
from tests.crash.shim import WAYS, How, Strike, build, strike
from tests.crash.stories import STORIES, Story, command_of
from tests.engine.fakes import running

BUILT = ROOT / "build" / "crash"
TEMPLATE = "template"
MARGIN = 5
"""So many calls beyond those that were counted are struck too: no two lives are the same."""


async def live(story: Story, struck: Strike, folder: Path, socket: Path) -> Life:
    """Play the story with this strike, let another bot recover, and judge."""
    life = Life()
    (folder / "tmp").mkdir()
    async with Sandbox(0) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        lab = Lab(folder, folder.parent / TEMPLATE, socket, sandbox, session)
        await lab.witness.start(session)
        try:
            await story.before(lab)
            await _play(story, lab, struck, life)
            life.calls = struck.count()
            await _recover(story, lab, life)
        except (AssertionError, TimeoutError, Died) as error:
            life.violations.append(Violation("lost", f"{type(error).__name__}: {error}"))
        finally:
            await lab.close()
    if life.violations:
        _keep(folder, life)
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
            return
        await lab.begin(struck)
        await lab.online()
        await story.tell(lab)
        await lab.end()
    except Died:
        life.ended = f"with {lab.bot.exitcode}"
    except AssertionError as error:  # where a call fails, what a member asked for may be refused
        if struck.how in ("count", "kill", "torn", "power"):
            raise
        life.ended = str(error)
        await lab.end()


async def _recover(story: Story, lab: Lab, life: Life) -> None:
    """Start another bot, which nothing strikes, let it come to rest and draw, and judge all."""
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


def _keep(folder: Path, life: Life) -> None:
    place = BUILT / "failed" / folder.name
    place.mkdir(parents=True, exist_ok=True)
    log = folder / "bot.log"
    told = "\n".join(map(str, life.violations))
    (place / "bot.log").write_text((log.read_text() if log.exists() else "") + f"\n{life.ended}\n{told}\n")


async def crash(names: list[str], ways: list[How], every: int, folder: Path) -> Counter[str]:
    """Play the stories; return how many violations of each sort there were."""
    sorts: Counter[str] = Counter()
    async with running(real=models) as engine:
        await _first_start(folder, engine.socket)
        for name in names:
            story = STORIES[name]
            whole = await _one(story, "count", 0, folder, engine.socket, name, sorts)
            for how in ways:
                began, dead = time.monotonic(), 0
                numbers = range(1, whole.calls + MARGIN + 1, every)
                for number in numbers:
                    life = await _one(story, how, number, folder, engine.socket, name, sorts)
                    dead += life.ended == "with -9"
                seconds = time.monotonic() - began
                print(f"{name}, {how}: {len(numbers)} of {whole.calls} calls, {dead} died; {seconds:.0f} s", flush=True)
    return sorts


async def _one(story: Story, how: How, number: int, folder: Path, socket: Path, name: str, sorts: Counter[str]) -> Life:
    with tempfile.TemporaryDirectory(prefix=f"{name}-{how}-{number}-", dir=folder) as place:
        life = await live(story, strike(how, number, Path(place) / "calls"), Path(place), socket)
    for violation in life.violations:
        print(f"{name}, {how} at call {number}, ended {life.ended}: {violation}", flush=True)
        sorts[violation.sort] += 1
    return life


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--story", nargs="*", choices=STORIES, default=list(STORIES))
    parser.add_argument("--how", nargs="*", choices=WAYS[1:], default=["kill", "power", "EIO", "ENOSPC"])
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    shim = build(BUILT)
    if shim is None:
        print("No call can be struck here: there is no C compiler (cc).")
        return 0
    os.environ["PYTHONWARNINGS"] = "ignore"
    bot_process.prepare(shim)
    with tempfile.TemporaryDirectory(prefix="limner-crash-") as folder:
        sorts = asyncio.run(crash(given.story, given.how, given.every, Path(folder)))
    print(", ".join(f"{sorts[sort]} {sort}" for sort in ("lost", "doubled", "unbalanced", "orphaned")))
    return 1 if sorts else 0


if __name__ == "__main__":
    sys.exit(main())
