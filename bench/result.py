"""One measurement: repeats of ours and of the baseline, as medians with quartiles, and their ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Protocol


class Measurement(Protocol):
    """A line of the table, and the same as an object of JSON."""

    def facts(self) -> dict[str, object]: ...

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Result:
    """`ours` and `baseline` are in `unit`, and take turns where they are equally many.

    Targets are printed and not enforced: `ceiling` for ours, `ratio_at_most` and `ratio_at_least` for the ratio.
    """

    name: str
    unit: str
    ours: Sequence[float]
    baseline: Sequence[float] = ()
    beside: str = ""
    ceiling: float | None = None
    ratio_at_most: float | None = None
    ratio_at_least: float | None = None

    def facts(self) -> dict[str, object]:
        found: dict[str, object] = {"name": self.name, "unit": self.unit, "ours": _spread(self.ours)}
        if self.baseline:
            ratio = {"ratio": round(self.ratio, 3), "ratios": _spread(self.ratios)}
            found |= {"baseline": self.beside, "baseline_values": _spread(self.baseline), **ratio}
        if self.ceiling is not None:
            found |= {"ceiling": self.ceiling, "under_ceiling": median(self.ours) <= self.ceiling}
        for target in ("ratio_at_most", "ratio_at_least"):
            if (value := getattr(self, target)) is not None:
                found |= {target: value, "target_met": self._is_met}
        return found

    @property
    def ratios(self) -> list[float]:
        """Ours by the baseline's, turn by turn: what others do on the machine meanwhile burdens both of a turn."""
        if len(self.ours) == len(self.baseline):
            return [one / other for one, other in zip(self.ours, self.baseline, strict=True)]
        return [median(self.ours) / median(self.baseline)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def _is_met(self) -> bool:
        low, high = self.ratio_at_least, self.ratio_at_most
        return (low is None or self.ratio >= low) and (high is None or self.ratio <= high)

    def __str__(self) -> str:
        line = f"{self.name:<44} {_shown(self.ours)} {self.unit}"
        if self.baseline:
            ratio = _shown(self.ratios) if len(self.ratios) > 1 else f"{self.ratio:.2f}"
            line += f"; {self.beside}: {_shown(self.baseline)} {self.unit}; ratio {ratio}"
        if self.ceiling is not None:
            verdict = "under" if median(self.ours) <= self.ceiling else "OVER"
            line += f"; {verdict} the ceiling of {self.ceiling:g} {self.unit}"
        for word, target in (("at most", self.ratio_at_most), ("at least", self.ratio_at_least)):
            if target is not None:
                line += f"; {'as' if self._is_met else 'NOT as'} wanted, {word} {target:g}"
        return line


def _spread(values: Sequence[float]) -> dict[str, float]:
    low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else (values[0],) * 3
    return {"median": round(middle, 3), "q1": round(low, 3), "q3": round(high, 3), "repeats": len(values)}


def _shown(values: Sequence[float]) -> str:
    spread = _spread(values)
    return f"{spread['median']:g} ({spread['q1']:g} to {spread['q3']:g})"
