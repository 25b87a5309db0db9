"""structlog without the packages that it takes where it finds them, and that nothing here uses.

Every module takes structlog from here: the first import decides.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNUSED = ("rich", "greenlet")
"""rich's colored tracebacks take 3 to 4 MB and 70 ms; greenlet serves a context that structlog has deprecated."""


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports find none of these installed, as Python documents for None in sys.modules."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # the stubs know no None there
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _hidden(UNUSED):
    import structlog as structlog
