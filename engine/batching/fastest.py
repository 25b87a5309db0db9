"""Chooses among several ways of one computation by a measurement: the usual one, unless another is clearly faster.

Invariant: only a whole measurement chooses, and only that is kept on disk; what is late once, such as a first call that
compiles, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from engine.api.light_structlog import structlog
from engine.batching.figures import Figures

MARGIN = 0.05
"""By this share another way must be faster than the usual one: a choice may change the last bits of pictures."""
SAMPLES = 5
"""How many times each way is timed, so that the median outvotes two stalls."""
TOO_LONG_S = 5.0
"""Where one call takes longer, whoever comes meanwhile would wait too long: the usual way stays, for this process."""

log = structlog.get_logger()


class Fastest:
    """The fastest ways of one model on one device; `identity` names all that changes them."""

    def __init__(self, identity: str = "", path: Path | None = None) -> None:
        self._figures = Figures(path, str, identity)
        self._known = self._figures.read()
        self._given_up: set[str] = set()

    def find(self, what: str) -> str | None:
        """Return the fastest way; None where it is not known."""
        return self._known.get(what)

    def is_open(self, what: str) -> bool:
        """Tell whether it is still to be measured."""
        return what not in self._known and what not in self._given_up

    def give_up(self, what: str, reason: str) -> None:
        """Keep the usual way, until the next start."""
        self._given_up.add(what)
        log.info("painter.way_kept", what=what, reason=reason)

    def choose(
        self, what: str, ways: Sequence[str], compute: Callable[[str], None], is_idle: Callable[[], bool]
    ) -> str | None:
        """Return the fastest way, and keep it; None where that cannot be told, or it `is_idle` no longer.

        The first of `ways` is the usual one. `compute` computes to the end in a way, or raises where it cannot.
        """
        usual = ways[0]
        seconds = self._times(what, ways, compute, is_idle)
        if seconds is None:
            return None
        medians = {way: median(of) for way, of in seconds.items()}
        best = min(medians, key=lambda way: medians[way])
        share = medians[best] / medians[usual]
        chosen = best if share < 1 - MARGIN else usual
        self._known[what] = chosen
        self._figures.keep(self._known)
        log.info("painter.way", what=what, way=chosen, why=f"{best} takes {share:.0%} of the seconds of {usual}")
        return chosen

    def _times(
        self, what: str, ways: Sequence[str], compute: Callable[[str], None], is_idle: Callable[[], bool]
    ) -> dict[str, list[float]] | None:
        """Return the seconds of each way that works, measured in turns; a way's first call is not timed."""
        seconds: dict[str, list[float]] = {}
        for way in ways:
            if not is_idle():
                return None
            if way == ways[0]:
                compute(way)
            elif not _works(what, way, compute):
                continue
            seconds[way] = []
        if len(seconds) == 1:
            self.give_up(what, "no other way works here")
            return None
        for way in SAMPLES * [*seconds]:
            if not is_idle():
                return None
            began = perf_counter()
            compute(way)
            taken = perf_counter() - began
            if taken > TOO_LONG_S:
                self.give_up(what, f"one call takes {taken:.3g} s")
                return None
            seconds[way].append(taken)
        return seconds


def _works(what: str, way: str, compute: Callable[[str], None]) -> bool:
    try:
        compute(way)
    except Exception as error:
        log.info("painter.way_failed", what=what, way=way, reason=str(error))
        return False
    return True
