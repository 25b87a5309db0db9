"""Thirty requests a second for two minutes under Discord's limits, beside half a minute of it without a budget."""

from __future__ import annotations

from bench.result import Result
from harness.traffic import Figures, Unlimited, crowd

PER_SECOND, SECONDS, WITHOUT_S = 30.0, 120.0, 30.0
"""Without a budget it gets ever slower, also to measure."""
LATE_S, REFUSED = 5.0, 0.01


def traffic(_: int) -> list[Result]:
    """Measure once: it is in virtual time, so the same each time."""
    return measure(PER_SECOND, SECONDS, WITHOUT_S)


def measure(per_second: float, seconds: float, without_s: float) -> list[Result]:
    ours, without = crowd(per_second, seconds), crowd(per_second, without_s, Unlimited)
    beside = f"{without_s:.0f} s without a budget"

    def result(name: str, unit: str, of: float, beside_of: float, ceiling: float | None = None) -> Result:
        return Result(f"traffic: {name}", unit, [of], [beside_of] if beside_of else [], beside, ceiling)

    def late(figures: Figures) -> float:
        return max(figures.late_s, default=0.0)

    return [
        Result("traffic: requests lost", "", [ours.lost], ceiling=0.0),
        result("from picture to Discord, worst", "s", late(ours), late(without), LATE_S),
        result("calls refused by 429", "share", ours.refused_share, without.refused_share, REFUSED),
        result("most calls in a second", "", ours.most_in_a_second, without.most_in_a_second),
        result("edits of progress", "", ours.progress, without.progress),
        result("from request to its message, worst", "s", max(ours.posted_s), max(without.posted_s)),
    ]
