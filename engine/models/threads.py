"""How many CPU threads torch computes with, by a measurement when the engine starts, and at which priority.

Invariant: the measurement takes less than half a second, and none is made where the host has set a number.

Threads that share one operation wait for each other at its end. Where other programs want the same cores, that wait
lasts a time slice of the system: seen 12 ms for a product of matrices that takes one thread 0.3 ms.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from statistics import median

import torch

from engine.api.light_structlog import structlog

BUDGET_S = 0.35
"""What the timing may take in all, as long as one product of matrices is short beside it."""
TURN_S = 0.02
"""How long one number of threads is timed in a round, within the budget: longer than a time slice of the system."""
ROUNDS = 5
"""How often each number of threads is timed; the median counts."""
TOLERANCE = 2.0
"""More threads are taken if they are slower by no more than this factor: the denoiser's larger products gain more from
them, and on a crowded machine two threads get two shares of the cores (starter pictures there: 5.5 s against 11.7)."""
NICE = 10
"""How much lower the priority of the threads that compute is: beside others that want the cores they get a tenth."""
SMALL, LARGE = (64, 256), (256, 1024)
"""Rows and columns of the matrices: the starter's usual ones, and those of a painter of full size."""

log = structlog.get_logger()


def set_threads(asked: int | None, *, small: bool) -> None:
    """Set the number of torch's threads for the calling thread, and log why.

    `asked` is what the settings say; without it the variable OMP_NUM_THREADS counts, which torch has read. `small`
    tells that the models are as small as the starter.
    """
    threads, why = asked or 0, "LIMNER_THREADS says so"
    if asked is None:
        threads, why = torch.get_num_threads(), "OMP_NUM_THREADS says so"
        if not os.environ.get("OMP_NUM_THREADS"):
            threads, why = _measured(SMALL if small else LARGE)
    torch.set_num_threads(threads)
    log.info("threads.chosen", threads=threads, why=why)


def give_way() -> None:
    """Lower the priority of the calling thread and of those that it starts, where the CPU computes.

    An answer to someone is due within seconds, and painting takes what is left of the cores. Calling it again changes
    nothing. The main thread, which answers requests, and systems without priorities of threads are left alone.
    """
    if threading.current_thread() is threading.main_thread() or not hasattr(os, "setpriority"):
        return
    with suppress(OSError):  # where the number of a thread is none of a process
        of_process = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), of_process + NICE)


def choose_threads(seconds: Mapping[int, float]) -> int:
    """Return the largest number of threads that is not much slower than the fastest, from seconds by number."""
    limit = TOLERANCE * min(seconds.values())
    return max(threads for threads, taken in seconds.items() if taken <= limit)


def candidates(cores: int) -> list[int]:
    """Return the numbers of threads to try: the powers of two below the cores, and all of them."""
    return [*(1 << power for power in range((cores - 1).bit_length())), cores]


def time_by_threads(
    tried: Sequence[int], run: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> dict[int, float]:
    """Return the median seconds of `run` by number of threads.

    The numbers take turns, so that a program that comes or goes meanwhile changes all of them. Each turn repeats `run`.
    What took too long for a second round has been timed once.
    """
    began, turn = clock(), min(TURN_S, BUDGET_S / (ROUNDS * len(tried)))
    taken: dict[int, list[float]] = {threads: [] for threads in tried}
    for _ in range(ROUNDS):
        for threads in tried:
            torch.set_num_threads(threads)
            run()  # new threads are made here
            taken[threads].append(_seconds(run, turn, clock))
        if clock() - began > BUDGET_S * (ROUNDS - 1) / ROUNDS:
            break
    return {threads: median(times) for threads, times in taken.items()}


def _measured(shape: tuple[int, int]) -> tuple[int, str]:
    tried = candidates(_cores())
    if len(tried) == 1:
        return 1, "there is one core"
    rows, width = shape
    left, right = torch.full((rows, width), 0.5), torch.full((width, width), 0.5)
    seconds = time_by_threads(tried, lambda: left @ right)
    figures = ", ".join(f"{threads}: {taken * 1e3:.3g}" for threads, taken in seconds.items())
    return choose_threads(seconds), f"measured ms of a product of matrices by threads: {figures}"


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _seconds(run: Callable[[], object], turn: float, clock: Callable[[], float]) -> float:
    """Return the mean seconds of `run`, repeated for about `turn` seconds."""
    began, times, passed = clock(), 0, 0.0
    while passed < turn:
        run()
        times += 1
        passed = clock() - began
    return passed / times
