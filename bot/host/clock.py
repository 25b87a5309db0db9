"""The system's wall clock."""

from __future__ import annotations

import time


class SystemClock:
    """Implements services.ports.clock.Clock."""

    def now(self) -> float:
        return time.time()
