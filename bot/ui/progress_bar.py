"""The progress bar of a picture that is being painted: ten cells, with the share as a number beside them."""

from __future__ import annotations

from bot.ui.i18n import text

CELLS = 10


def progress_bar(locale: str, step: int, steps: int | None) -> str:
    """Return the line for step `step` of `steps`; before the first, and where their number is unknown, words alone."""
    if not steps or not step:
        return text(locale, "painting-starts")
    share = min(1.0, step / steps)
    filled = round(share * CELLS)
    return text(locale, "painting", bar="▰" * filled + "▱" * (CELLS - filled), percent=round(share * 100))
