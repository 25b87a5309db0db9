"""Discord's markup for points in time, which every reader sees in their own zone and language."""

from __future__ import annotations


def relative(at: float) -> str:
    """Return a ticking relative time, such as "in 5 minutes", for seconds since 1970."""
    return f"<t:{round(at)}:R>"


def date_and_time(at: float) -> str:
    """Return a date with its time, for seconds since 1970."""
    return f"<t:{round(at)}:f>"
