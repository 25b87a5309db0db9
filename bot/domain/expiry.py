"""How long something lasts, as people write it: 30m, 2h, 7 days, 2周."""

from __future__ import annotations

import re

UNITS = {
    60.0: ("m", "min", "mins", "minute", "minutes", "分", "分钟"),
    3_600.0: ("h", "hour", "hours", "小时"),
    86_400.0: ("d", "day", "days", "天", "日"),
    604_800.0: ("w", "week", "weeks", "周", "星期"),
}
LONGEST_S = 10 * 366 * 86_400.0
_SECONDS = {name: seconds for seconds, names in UNITS.items() for name in names}
_WRITTEN = re.compile(r"\s*([0-9]{1,6})\s*([^\W\d_]+)\s*")


class ExpiryInvalid(Exception):
    """What was written is no duration, or one beyond ten years."""


def expiry(written: str, now: float) -> float:
    """Return when it ends, in seconds since 1970. Raises ExpiryInvalid."""
    match = _WRITTEN.fullmatch(written)
    seconds = int(match[1]) * _SECONDS.get(match[2].casefold(), 0.0) if match else 0.0
    if not 0 < seconds <= LONGEST_S:
        raise ExpiryInvalid
    return now + seconds
