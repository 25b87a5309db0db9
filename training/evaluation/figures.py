"""Shares with their confidence intervals, as numbers for a file and as words for a table."""

import math
from dataclasses import dataclass
from typing import Any

Z = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `of` cases."""

    right: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval (E. B. Wilson, 1927), 0 to 1; honest for small numbers and near 1."""
        if not self.of:
            return 0.0, 1.0
        share, spread = self.right / self.of, Z * Z / self.of
        middle = (share + spread / 2) / (1 + spread)
        half = Z / (1 + spread) * math.sqrt(share * (1 - share) / self.of + spread / (4 * self.of))
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_json(self) -> dict[str, float]:
        low, high = self.interval
        share = self.right / self.of if self.of else 0.0
        return {
            "right": self.right,
            "of": self.of,
            "share": round(share, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }

    def __str__(self) -> str:
        low, high = self.interval
        share = 100 * self.right / self.of if self.of else 0.0
        return f"{share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def table(header: list[str], rows: list[list[Any]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
