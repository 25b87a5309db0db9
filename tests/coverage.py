"""Which lines and branches the tests reach, in files of the folder that COVERAGE_FOLDER names; `make test` reports it.

Invariant: each line gets its probe as its module is imported, and keeps it. Taking probes out again would swap the code
of functions that other threads run.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from slipcover import FileMatcher, ImportManager, Slipcover

PACKAGES = ["bot", "engine", "training"]
EXCLUDED = ["if TYPE_CHECKING:", r"\.\.\.$"]
"""Lines that no process runs."""
PICKLED = ["engine/cluster.py"]
"""Ray pickles its classes, and a probe cannot be pickled."""
FOREVER = -1
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""The name of the process that runs tests for another; empty where it is that other, or the only one."""
FOLDER = os.environ.get("COVERAGE_FOLDER", "")
if WORKER:
    os.environ.pop("COVERAGE_FOLDER", None)  # what tests start is not measured

_reached = None
if FOLDER:
    _reached = Slipcover(branch=True, d_miss_threshold=FOREVER, exclude_also=EXCLUDED)
    ImportManager(_reached, FileMatcher(sources=PACKAGES, omit=PICKLED)).__enter__()


def list_lines() -> None:
    """Write down which lines there are, once for all workers: those of modules that no test imports count too."""
    if FOLDER and not WORKER:
        _write("all", Slipcover(branch=True, source=PACKAGES, exclude_also=EXCLUDED))


def write_reached() -> None:
    """Write down which lines this process ran."""
    if _reached:
        _write(WORKER or "main", _reached)


def _write(name: str, lines: Slipcover) -> None:
    Path(FOLDER, f"{name}.json").write_text(json.dumps(lines.get_coverage()), "utf-8")
