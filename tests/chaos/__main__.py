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
from contextlib import suppress
from pathlib import Path

from harness.processes import ROOT
from harness.tiny_models import Models
from tests.chaos.house import EngineBeside
from tests.chaos.inside import go_inside
from tests.chaos.invariants import SORTS
from tests.chaos.plan import Plan, all_verbs, make_plan
from tests.chaos.run import Report, run
from tests.chaos.verbs import VERBS

KEPT = ROOT / "build" / "chaos"
"""Where what belongs to a failed run is left, logs and the database; and the models for the next time."""


async def chaos(plans: list[Plan], folder: Path) -> list[Report]:
    models, reports = Models(KEPT / "models"), []
    engines = _Engines(folder, models)
    try:
        for number, plan in enumerate(plans, 1):
            started, place = time.monotonic(), folder / str(plan.seed)
            engine = await engines.of(plan)
            report = await run(plan, place, models, engine)
            reports.append(report)
            _tell(number, len(plans), report, time.monotonic() - started)
            if report.violations:
                shutil.copytree(place, KEPT / str(plan.seed), dirs_exist_ok=True)
                shutil.copy(engine.log, KEPT / str(plan.seed))
            shutil.rmtree(place)
    finally:
        left = await engines.stop()
    if left:
        raise SystemExit(f"left behind: {', '.join(left)}")
    return reports


class _Engines:
    """The engines that serve the runs, each started when one first needs it: with a check of pictures, and without."""

    def __init__(self, folder: Path, models: Models) -> None:
        self._folder, self._models, self._started = folder, models, dict[bool, EngineBeside]()

    async def of(self, plan: Plan) -> EngineBeside:
        engine = self._started.get(plan.checked)
        if engine is None:
            name, check = ("checked", {"LIMNER_SAFETY": str(_check())}) if plan.checked else ("engine", {})
            engine = self._started[plan.checked] = EngineBeside(self._folder / name, self._models, **check)
            await engine.start()
        engine.move_clock(0.0)
        return engine

    async def stop(self) -> list[str]:
        """End them; return what is left of them."""
        left = []
        for engine in self._started.values():
            with suppress(TimeoutError):
                await engine.ready()  # one that was killed last is still starting, and takes no signal yet
            left += await engine.stop()
        return left


def _check() -> Path:
    """Return a check of pictures that doubts each."""
    folder = KEPT / "models" / "check"
    if not folder.exists():
        from tests.engine.classifiers import save_doubtful_check  # torch comes with it

        save_doubtful_check(folder)
    return folder


def _tell(number: int, of: int, report: Report, seconds: float) -> None:
    ends = ", ".join(f"{count} {state}" for state, count in sorted(report.ends.items())) or "none"
    print(f"run {number}/{of}, SEED={report.plan.seed}: {report.plan}")
    print(f"  {report.accepted} of {len(report.asked)} accepted; jobs: {ends}; {report.pictures} pictures;", end=" ")
    print(f"{report.starts} starts of the bot; {len(report.played)} verbs; {seconds:.0f} s")
    if report.missed:
        print(f"  not to their end: {'; '.join(report.missed)}")
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
    parser.add_argument("--verbs", action="store_true", help="play each verb in its turn, without faults")
    given = parser.parse_args()
    go_inside("tests.chaos")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    first = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    with tempfile.TemporaryDirectory(prefix="limner-chaos-") as folder:
        make = all_verbs if given.verbs else make_plan
        reports = asyncio.run(chaos([make(first + number) for number in range(given.runs)], Path(folder)))
    print(_summary(reports))
    if given.verbs and (unplayed := {name for verb in VERBS.values() for name in verb.plays} - reports[0].played):
        print(f"not played: {', '.join(sorted(unplayed))}")
        return 1
    failed = [report.plan.seed for report in reports if report.violations]
    for seed in failed:
        print(f"again: make chaos RUNS=1 SEED={seed}; logs: {KEPT / str(seed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
