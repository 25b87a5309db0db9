"""`make chaos RUNS=60 [SEED=n]`: real processes, faults at random, and a judgement after each run.

Each run prints its seed; the same seed makes the same plan again.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from harness.processes import ROOT
from harness.tiny_models import Models
from tests.chaos.house import EngineBeside
from tests.chaos.inside import go_inside
from tests.chaos.invariants import SORTS
from tests.chaos.plan import make_plan
from tests.chaos.run import Report, run

KEPT = ROOT / "build" / "chaos"
"""Where what belongs to a failed run is left, logs and the database; and the models for the next time."""


async def chaos(seeds: list[int], folder: Path, *, own_engine: bool | None = None) -> list[Report]:
    models, reports = Models(KEPT / "models"), []
    engine = EngineBeside(folder / "engine", models)
    try:
        await engine.start()
        for number, seed in enumerate(seeds, 1):
            plan, started = make_plan(seed, own_engine=own_engine), time.monotonic()
            place = folder / str(seed)
            report = await run(plan, place, models, engine)
            reports.append(report)
            _tell(number, len(seeds), report, time.monotonic() - started)
            if report.violations:
                shutil.copytree(place, KEPT / str(seed), dirs_exist_ok=True)
                shutil.copy(folder / "engine" / "engine.log", KEPT / str(seed))
            shutil.rmtree(place)
        await engine.ready()  # one that was killed last is still starting, and takes no signal yet
    finally:
        left = await engine.stop()
    if left:
        raise SystemExit(f"left behind: {', '.join(left)}")
    return reports


def _tell(number: int, of: int, report: Report, seconds: float) -> None:
    ends = ", ".join(f"{count} {state}" for state, count in sorted(report.ends.items())) or "none"
    print(f"run {number}/{of}, SEED={report.plan.seed}: {report.plan}")
    print(f"  {report.accepted} of {len(report.asked)} accepted; jobs: {ends}; {report.pictures} pictures;", end=" ")
    print(f"{report.starts} starts of the bot; {seconds:.0f} s")
    for violation in report.violations:
        print(f"  {violation}")
    sys.stdout.flush()


def _summary(reports: list[Report]) -> str:
    sorts = Counter(violation.sort for report in reports for violation in report.violations)
    accepted, ends = sum(report.accepted for report in reports), sum((report.ends for report in reports), Counter())
    told = ", ".join(f"{sorts[sort]} {sort}" for sort in SORTS)
    line = f"{len(reports)} runs, {accepted} accepted, {ends.total()} jobs ({ends['done']} done), "
    line += f"{sum(report.pictures for report in reports)} pictures: {told}"
    if any(report.disk_left_out for report in reports):
        line += "\nNo disk could be mounted here, so none was full."
    return line


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, help="of the first run; the others follow from it")
    given = parser.parse_args()
    go_inside("tests.chaos")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    first = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    with tempfile.TemporaryDirectory(prefix="limner-chaos-") as folder:
        reports = asyncio.run(chaos([first + number for number in range(given.runs)], Path(folder)))
    print(_summary(reports))
    failed = [report.plan.seed for report in reports if report.violations]
    for seed in failed:
        print(f"again: make chaos RUNS=1 SEED={seed}; logs: {KEPT / str(seed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
