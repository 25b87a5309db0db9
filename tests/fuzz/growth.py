"""Growth as an oracle: processor time at sizes that double, which may grow as the input does and no faster.

Invariant: a sample on a busy machine fails nothing by itself: what looks too slow is measured anew, three times, and by
medians, before it is called so.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
DOUBLINGS = 4
TIMES = 2**DOUBLINGS
GENEROUS = 3.0
"""Times the growth of the input. Where time grows with its square, 16 times the input takes 256 times as long."""
FREE_S = 0.01
ROUNDS = 3
LONGEST_S = 5.0
"""No size that doubles takes longer; what does is not tried at the next."""

Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """What reads something foreign. `made` makes an input of about so many bytes out of a unit that it repeats.

    `size` is the smallest, in bytes; sixteen times as much is the largest. Refusals are answers; their time counts.
    """

    read: Read
    made: Callable[[bytes, int], bytes]
    size: int
    refusals: tuple[type[Exception], ...] = (ValueError,)
    children: bool = False
    """Whether the work is done by child processes."""


class Superlinear(AssertionError):
    """Time grew faster than the input."""


def repeated(unit: bytes, size: int) -> bytes:
    """Return the unit again and again, so many bytes."""
    unit = unit or b" "
    return (unit * (size // len(unit) + 1))[:size]


def whole(unit: bytes, size: int) -> bytes:
    """Return the unit again and again, about so many bytes, none of them cut."""
    return unit * max(1, size // max(1, len(unit)))


def around(before: bytes, after: bytes, between: bytes = b"") -> Callable[[bytes, int], bytes]:
    """Return what makes an input of whole units between two ends."""
    return lambda unit, size: before + between.join([unit] * max(1, size // max(1, len(unit)))) + after


def assert_linear(target: Target, unit: bytes) -> None:
    """Read inputs whose sizes double. Raises Superlinear."""
    small, large = (target.made(unit, target.size * times) for times in (1, TIMES))
    if _seconds(target, large) <= TIMES * GENEROUS * _seconds(target, small) + FREE_S:
        return
    told = ""
    for _ in range(ROUNDS):
        times = list(_doubled(target, unit))
        if len(times) > DOUBLINGS and times[-1] <= TIMES * GENEROUS * times[0] + FREE_S:
            return
        told = ", ".join(f"{target.size << number} bytes {seconds:.3f} s" for number, seconds in enumerate(times))
    raise Superlinear(f"{unit[:60]!r}: {told}")


def kept(name: str) -> list[bytes]:
    """Return the units that a target's corpus keeps, oldest first: bytes by Latin-1's letters, and text as it is."""
    units = json.loads((CORPUS / f"{name}.json").read_text("utf-8"))
    return [unit.encode("latin-1" if max(unit, default=" ") < "\u0100" else "utf-8") for unit in units]


def _doubled(target: Target, unit: bytes) -> Iterator[float]:
    for number in range(DOUBLINGS + 1):
        made = target.made(unit, target.size << number)
        yield (seconds := statistics.median(_seconds(target, made) for _ in range(3)))
        if seconds > LONGEST_S:
            return


def _seconds(target: Target, made: bytes) -> float:
    gc.disable()  # a collection looks through all that the other tests hold
    try:
        began = _now(target)
        with suppress(*target.refusals):
            target.read(made)
        return _now(target) - began
    finally:
        gc.enable()


def _now(target: Target) -> float:
    if not target.children:
        return time.process_time()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
