"""Where training runs, as accelerate finds it, and in which number format, which is measured once for each home.

A format that is settled stays: a run that is resumed goes on in it, and comes to the same bits.
"""

import logging
import math
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import torch
from accelerate import Accelerator
from torch import Tensor

from training.runtime.atomic_files import write_whole

FLOAT32, BFLOAT16 = "float32", "bfloat16"
FORMATS: Final = (FLOAT32, BFLOAT16)

_FILE = "number-format"
_STEPS = 3
"""Steps that are timed in each format; the fastest counts."""

_HOPELESS = 3.0
"""A step that takes so many times as long as the best one in the other format is the last one in its own."""

_log = logging.getLogger(__name__)


@cache
def accelerator() -> Any:
    """The one Accelerator of this process; number formats are `autocast`'s."""
    return Accelerator(mixed_precision="no")


def autocast(home: Path) -> torch.autocast:
    """A context in which networks calculate in the number format of a home: float32 where none is settled."""
    return _autocast(_settled(home) or FLOAT32)


def settle_format(home: Path, wanted: str | None, trial: Callable[[], Callable[[], Tensor]]) -> str:
    """Settle in which format the parts of a home are trained, and return it; a home that has one keeps it.

    Without a format `wanted`, training steps are timed in each: `trial` returns a function that takes one as far as its
    loss. A processor without units for bfloat16 calculates in it all the same, but a step can take nine times as long.
    """
    with accelerator().main_process_first():
        settled = _settled(home)
        if settled is None:
            settled = wanted or _fastest(trial())
            text = settled + "\n"
            write_whole(home / _FILE, lambda path: path.write_text(text, encoding="utf-8"))
    if wanted not in (None, settled):
        _log.warning("%s is trained in %s, and goes on so", home, settled)
    return settled


def _settled(home: Path) -> str | None:
    path = home / _FILE
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def _fastest(step: Callable[[], Tensor]) -> str:
    seconds: dict[str, float] = {}
    for name in FORMATS:
        seconds[name] = _seconds(step, name, _HOPELESS * min(seconds.values(), default=math.inf))
    _log.info("a step takes %s", ", ".join(f"{taken * 1000:.0f} ms in {name}" for name, taken in seconds.items()))
    return min(seconds, key=seconds.__getitem__)


def _seconds(step: Callable[[], Tensor], name: str, hopeless_s: float) -> float:
    """What one step takes at least; of this process's own time on a CPU, so that others' work does not count."""
    clock = time.perf_counter if accelerator().device.type == "cuda" else time.process_time
    taken: list[float] = []
    while len(taken) < _STEPS and min(taken, default=0.0) < hopeless_s:
        started = clock()
        with _autocast(name):
            loss = step()
        loss.backward()
        loss.item()  # waits for a GPU
        taken.append(clock() - started)
    return min(taken)


def _autocast(name: str) -> torch.autocast:
    return torch.autocast(accelerator().device.type, torch.bfloat16, enabled=name == BFLOAT16)
