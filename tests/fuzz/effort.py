"""How hard the fuzzing tries: the same few hundred examples each time, or, by LIMNER_FUZZ=20, 20 times as many.

And the measure of "never super-linear": processor time at two lengths, compared with each other alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("LIMNER_FUZZ", "1"))
SHORT, TIMES = 300, 6
LONGEST_GROWTH = 3.0
"""Times the growth of the text; a text six times as long takes 36 times as long where time grows with its square."""
FREE_S = 0.02
"""What a machine that does other things may add to any measurement."""


def fuzz(examples: int) -> settings:
    """Return the settings of a test that tries so many examples, or LIMNER_FUZZ times as many."""
    return settings(
        max_examples=examples * FACTOR,
        derandomize=FACTOR == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=FACTOR > 1,
    )


def assert_linear(read: Callable[[str], object], unit: str) -> None:
    """Read a text that repeats the unit, and one six times as long; the time may grow as the text does."""
    unit = unit or " "
    short, long = (_repeated(unit, SHORT), _repeated(unit, SHORT * TIMES))
    for _ in range(4):  # once more where something else on the machine came between
        before, after = _seconds(read, short), _seconds(read, long)
        if after <= before * TIMES * LONGEST_GROWTH + FREE_S:
            return
    raise AssertionError(f"{unit!r}: {SHORT} characters take {before:.3f} s, {SHORT * TIMES} take {after:.3f} s")


def _repeated(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def _seconds(read: Callable[[str], object], text: str) -> float:
    times = []
    for _ in range(2):
        began = time.process_time()
        read(text)
        times.append(time.process_time() - began)
    return min(times)
