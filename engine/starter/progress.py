"""Plain progress lines: how much is done, what it looks like, and when it will end."""

import logging
import time

_log = logging.getLogger(__name__)


class Progress:
    """Logs at most one line every `every_s` seconds, and always the last one."""

    def __init__(self, name: str, every_s: float = 15.0) -> None:
        self._name, self._every_s = name, every_s
        self._started = self._shown = time.monotonic()
        self._first: float | None = None

    def show(self, share: float, note: str) -> None:
        """`share` (0 to 1) of the work is done; the speed leaves out what an earlier process did."""
        now = time.monotonic()
        if self._first is None:
            self._first = share
        if now - self._shown < self._every_s and share < 1:
            return
        self._shown = now
        left_s = (now - self._started) * (1 - share) / max(share - self._first, 1e-6)
        _log.info("%s %.0f %%, %s left, %s", self._name, share * 100, _duration(left_s), note)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
