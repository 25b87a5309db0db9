"""Parses the end of a block or rule as people type it: a duration, or a date in UTC."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

MOST = timedelta(days=3_650)
UNITS = {
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60, "分": 60, "分钟": 60,
    "h": 3_600, "hr": 3_600, "hrs": 3_600, "hour": 3_600, "hours": 3_600, "小时": 3_600, "时": 3_600,
    "d": 86_400, "day": 86_400, "days": 86_400, "天": 86_400, "日": 86_400,
    "w": 604_800, "week": 604_800, "weeks": 604_800, "周": 604_800, "星期": 604_800,
}  # fmt: skip
_PIECE = re.compile(r"(\d{1,6})\s*([^\W\d_]+)[\s,]*")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ t]+(\d{1,2}):(\d{2}))?z?")


class ExpiryInvalid(Exception):
    """What was `typed` is no duration and no date within the next ten years."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


def parse_expiry(typed: str, now: float) -> float:
    """Return seconds since 1970 for `2h`, `1d 12h`, `3 days`, `2026-12-24` (its end) or `2026-12-24 18:00`.

    Raises ExpiryInvalid for anything else, and for what is past or more than ten years away.
    """
    words = unicodedata.normalize("NFKC", typed).strip().casefold()
    at = _duration(words, now) or _date(words)
    if at is None or not now < at <= now + MOST.total_seconds():
        raise ExpiryInvalid(typed)
    return at


def _duration(words: str, now: float) -> float | None:
    total, end = 0, 0
    for piece in _PIECE.finditer(words):
        if piece.start() != end or piece[2] not in UNITS:
            return None
        total, end = total + int(piece[1]) * UNITS[piece[2]], piece.end()
    return now + total if end == len(words) and total else None


def _date(words: str) -> float | None:
    match = _DATE.fullmatch(words)
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) if part else 0 for part in match.groups())
    try:
        at = datetime(year, month, day, hour, minute, tzinfo=UTC)
        return (at if match[4] else at + timedelta(days=1)).timestamp()
    except (ValueError, OverflowError):
        return None
