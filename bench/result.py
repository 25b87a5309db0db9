"""One measurement: repeats of ours and of the baseline, as medians with quartiles, and their ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Result:
    """`ours` and `baseline` are in `unit`; `ceiling` is what ours should stay under, printed and not enforced."""

    name: str
    unit: str
    ours: Sequence[float]
    baseline: Sequence[float] = ()
    beside: str = ""
    ceiling: float | None = None

    def facts(self) -> dict[str, object]:
        found: dict[str, object] = {"name": self.name, "unit": self.unit, "ours": _spread(self.ours)}
        if self.baseline:
            found |= {"baseline": self.beside, "baseline_values": _spread(self.baseline), "ratio": round(self.ratio, 3)}
        if self.ceiling is not None:
            found |= {"ceiling": self.ceiling, "under_ceiling": median(self.ours) <= self.ceiling}
        return found

    @property
    def ratio(self) -> float:
        return median(self.ours) / median(self.baseline)

    def __str__(self) -> str:
        line = f"{self.name:<44} {_shown(self.ours)} {self.unit}"
        if self.baseline:
            line += f"; {self.beside}: {_shown(self.baseline)} {self.unit}; ratio {self.ratio:.2f}"
        if self.ceiling is not None:
            verdict = "under" if median(self.ours) <= self.ceiling else "OVER"
            line += f"; {verdict} the ceiling of {self.ceiling:g} {self.unit}"
        return line


def _spread(values: Sequence[float]) -> dict[str, float]:
    low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else (values[0],) * 3
    return {"median": round(middle, 3), "q1": round(low, 3), "q3": round(high, 3), "repeats": len(values)}


def _shown(values: Sequence[float]) -> str:
    spread = _spread(values)
    return f"{spread['median']:g} ({spread['q1']:g} to {spread['q3']:g})"
