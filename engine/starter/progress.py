"""Plain progress lines: what is done, how fast, and when it will end."""

import logging
import time

_log = logging.getLogger(__name__)


class Progress:
    """Logs at most one line every `every_s` seconds, and always the last one."""

    def __init__(self, name: str, total: int, every_s: float = 15.0) -> None:
        self._name, self._total, self._every_s = name, total, every_s
        self._started = self._shown = time.monotonic()
        self._first: int | None = None

    def show(self, done: int, note: str = "") -> None:
        """`done` of the total is finished; work done before this process started is not counted in the speed."""
        now = time.monotonic()
        if self._first is None:
            self._first = done - 1
        if now - self._shown < self._every_s and done < self._total:
            return
        self._shown = now
        remaining_s = (now - self._started) / max(1, done - self._first) * (self._total - done)
        _log.info("%s %d/%d, %s left, %s", self._name, done, self._total, _duration(remaining_s), note)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
