"""`python -m tests.engine.hanging_process`: the engine's process, whose UNet never returns from its third forward.

Besides, only the watchdog's limits are shorter than they are in earnest. With HANG_ONCE, the path of a file, it hangs
where that file is not there yet.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import engine.assembly
import engine.process
from engine.__main__ import main
from engine.batching.watchdog import Limits
from engine.loading import Models, load

LIMITS = Limits(first_s=120, least_s=2, poll_s=0.2)
LAST = 2
"""Forwards that return."""


def load_hanging(*sources: Any, **options: Any) -> Models:
    models = load(*sources, **options)
    gate = models.painter.gate
    assert gate is not None
    real, begun = gate.real, 0
    once = os.environ.get("HANG_ONCE", "")
    hung = Path(once or "/nowhere/hung")

    def hanging(*args: Any, **kwargs: Any) -> Any:
        nonlocal begun
        begun += 1
        if begun > LAST and not hung.exists():
            if once:
                hung.touch()
            threading.Event().wait()  # as a kernel that never ends
        return real(*args, **kwargs)

    gate.real = hanging
    return models


if __name__ == "__main__":
    vars(engine.assembly)["load"] = load_hanging
    vars(engine.process)["assemble"] = partial(engine.assembly.assemble, limits=LIMITS)
    sys.exit(main(sys.argv[1:]))
