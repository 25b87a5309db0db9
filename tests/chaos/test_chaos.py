"""A short run of the chaos, and the judge itself: it must see what is wrong."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from harness.processes import ROOT
from tests.chaos.faults import strike
from tests.chaos.invariants import Asked, Found, Row, check
from tests.chaos.kept import Kept
from tests.chaos.plan import Fault, Kind, make_plan
from tests.chaos.witness import Look, Seen
from tests.crash.shim import build, clock_at

RUNS, SEED = 1, 2005
"""The same plan each time: a kill where an end is written, lost answers, a full disk; `make chaos` makes others."""
JOB = "0123456789abcdef0123456789abcdef"
WORKING = Look("working on it", (), frozenset({("cancel", JOB)}))
DONE = Look("a boat", ("http://x/1.png", "http://x/2.png"), frozenset({("delete", JOB), ("again", JOB)}))


def test_nothing_is_lost_doubled_or_unbalanced() -> None:
    command = [sys.executable, "-m", "tests.chaos", "--runs", str(RUNS), "--seed", str(SEED)]
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    print(ran.stdout)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{RUNS} runs, " in ran.stdout
    assert "0 lost, 0 doubled, 0 unbalanced, 0 orphaned" in ran.stdout


def test_the_same_seed_makes_the_same_plan() -> None:
    assert make_plan(7) == make_plan(7)
    assert make_plan(7) != make_plan(8)


def test_one_kill_in_five_hits_the_engine() -> None:
    kills = [fault for seed in range(400) for fault in make_plan(seed).faults if fault.kind == "kill"]
    share = sum(fault.what == "engine" for fault in kills) / len(kills)
    assert 0.15 < share < 0.25


CLOCKS = """
import sqlite3, sys, time
from datetime import UTC, datetime
from bot.host.clock import SystemClock
for _ in sys.stdin:
    steady = sqlite3.connect(":memory:").execute("SELECT (julianday('now') - 2440587.5) * 86400.0").fetchone()[0]
    told = SystemClock().now(), datetime.now(UTC).timestamp(), steady, time.monotonic()
    print(*told, flush=True)
"""


def test_a_moved_clock_moves_all_wall_clocks_of_a_process_and_nothing_that_counts_steadily(tmp_path: Path) -> None:
    shim, moved = build(tmp_path), tmp_path / "clock"
    if shim is None:
        pytest.skip("there is no C compiler")
    clock_at(moved, 0.0)
    variables = {**os.environ, "LD_PRELOAD": str(shim), "CHAOS_CLOCK": str(moved), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", CLOCKS], env=variables, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        for ahead in (0.0, 7200.5, -90_000.0):
            clock_at(moved, ahead)
            process.stdin.write("now\n")
            process.stdin.flush()
            wall, date, sqlite, steady = map(float, process.stdout.readline().split())
            assert (wall - time.time(), date - time.time()) == pytest.approx((ahead, ahead), abs=5)
            assert (sqlite - time.time(), steady - time.monotonic()) == pytest.approx((0.0, 0.0), abs=5)
        process.stdin.close()


def job(**changes: object) -> Row:
    facts = {"id": JOB, "words": "a boat", "state": "done", "ended_at": 1.0, "count": 2, "private": 0}
    return {**facts, **changes}


def found(*jobs: Row, **changes: object) -> Found:
    reservations = {JOB: {"state": "spent", "images": 2}}
    whole = Found(list(jobs or [job()]), reservations, {JOB: ["done"]}, {(1, 2, 3): 2}, {(1, 2, 3): 2}, [])
    return replace(whole, **changes)  # type: ignore[arg-type]


def seen(*looks: Look, number: int = 1) -> dict[str, Seen]:
    return {str(number): Seen(str(number), list(looks or [WORKING, DONE]))}


def judged(facts: Found, messages: dict[str, Seen], *asked: Asked, digest: Callable[[str], str] = str) -> set[str]:
    return {violation.sort for violation in check(asked, facts, messages, digest)}


def test_a_whole_run_has_nothing_wrong() -> None:
    assert judged(found(), seen(), Asked("a boat", 2, "accepted")) == set()
    assert judged(found(), seen(WORKING, DONE, DONE), Asked("a boat", 2, "nothing")) == set()


WRONG = {
    "accepted, and no job": (found(), seen(), Asked("a cat", 1, "accepted"), "lost"),
    "refused, and a job": (found(), seen(), Asked("a boat", 2, "refused"), "unbalanced"),
    "two jobs": (found(job(), job()), seen(), Asked("a boat", 2, "accepted"), "doubled"),
    "no end": (found(job(state="painting", ended_at=None), ends={}), seen(WORKING), None, "lost"),
    "two ends": (found(ends={JOB: ["failed", "done"]}), seen(), None, "doubled"),
    "no reservation": (found(reservations={}), seen(), None, "unbalanced"),
    "still held": (found(reservations={JOB: {"state": "held", "images": 2}}), seen(), None, "unbalanced"),
    "wrong tallies": (found(tallies={(1, 2, 3): 4}), seen(), None, "unbalanced"),
    "no pictures": (found(), seen(WORKING, replace(DONE, files=())), None, "lost"),
    "pictures of a failed job": (
        found(job(state="failed"), reservations={JOB: {"state": "released", "images": 2}}, ends={JOB: ["failed"]}),
        seen(),
        None,
        "unbalanced",
    ),
    "two messages": (found(), seen() | seen(number=2), None, "doubled"),
    "posted twice": (found(), seen() | seen(WORKING, number=2), None, "doubled"),
    "worked on again": (found(), seen(WORKING, DONE, WORKING, DONE), None, "doubled"),
    "a stray row": (found(strays=["starts of x"]), seen(), None, "orphaned"),
    "a message that waits": (found(), seen() | seen(WORKING, number=2), None, "orphaned"),
}


@pytest.mark.parametrize(("facts", "messages", "asked", "sort"), WRONG.values(), ids=WRONG)
def test_the_judge_sees(facts: Found, messages: dict[str, Seen], asked: Asked | None, sort: str) -> None:
    assert sort in judged(facts, messages, *([asked] if asked else []))


def test_the_judge_wants_no_picture_back_that_someone_took_away() -> None:
    shown = seen(WORKING, DONE, replace(DONE, files=DONE.files[:1]))
    assert [violation.sort for violation in check([], found(), shown, str)] == ["lost"]
    assert check([], found(), shown, str, {JOB}) == []


def test_a_refund_of_pictures_whose_message_was_deleted_before_their_end_was_noted_is_right() -> None:
    refunded = found(
        job(state="failed"), reservations={JOB: {"state": "released", "images": 2}}, ends={JOB: ["failed"]}
    )
    gone = {key: replace(message, deleted=True) for key, message in seen().items()}
    assert judged(refunded, gone) == set()


def test_a_message_that_only_asks_about_a_picture_is_no_second_one() -> None:
    asks = Look("Which?", (), frozenset({("strength", JOB)}))
    assert judged(found(), seen() | seen(asks, number=2)) == set()


def test_the_same_change_of_a_picture_twice_may_look_the_same_and_another_may_not() -> None:
    def of(*parents: str) -> Found:
        jobs = [job(id=f"{number:032}", parent_id=parent) for number, parent in enumerate(parents)]
        kept = {each["id"]: {"state": "spent", "images": 2} for each in jobs}
        return found(*jobs, reservations=kept, ends={each["id"]: ["done"] for each in jobs})

    def shown(number: int) -> Look:
        files = f"http://x/{number}/1.png", f"http://x/{number}/2.png"
        return Look("a boat", files, frozenset({("again", f"{number:032}")}))

    both = {str(number): Seen(str(number), [shown(number)]) for number in range(2)}
    assert judged(of("x", "x"), both, digest=lambda address: address[-5:]) == set()
    assert judged(of("x", "y"), both, digest=lambda address: address[-5:]) == {"doubled"}


def test_the_judge_sees_the_same_picture_twice() -> None:
    assert "doubled" in judged(found(), seen(), digest=lambda _: "the same")


@pytest.mark.parametrize("kind", ["stop", "files"])
async def test_a_process_stands_still_or_opens_no_more_files_for_a_while(kind: Kind, tmp_path: Path) -> None:
    log = tmp_path / "log"
    kept = Kept(
        [sys.executable, "-c", "import sys, time; print('up', file=sys.stderr, flush=True); time.sleep(60)"],
        dict(os.environ),
        log,
    )
    kept.start()
    while kept.pid is None or not log.exists() or "up" not in log.read_text():
        await asyncio.sleep(0.02)
    process = psutil.Process(kept.pid)
    before = process.rlimit(psutil.RLIMIT_NOFILE)
    house: Any = SimpleNamespace(bot=kept, plan=SimpleNamespace(own_engine=True))
    striking = asyncio.create_task(strike(house, Fault(0.0, kind, "bot", seconds=0.6)))
    await asyncio.sleep(0.3)
    stopped, files = process.status() == psutil.STATUS_STOPPED, process.rlimit(psutil.RLIMIT_NOFILE)[0]
    await striking
    assert (stopped, files < 50) == (kind == "stop", kind == "files")
    assert process.status() != psutil.STATUS_STOPPED
    assert process.rlimit(psutil.RLIMIT_NOFILE) == before
    await kept.stop()
