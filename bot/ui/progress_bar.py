"""The progress bar of a picture that is being painted, or of a model that is being fetched: ten cells and a number."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.progress import Fetching
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain

CELLS = 10


def progress_bar(locale: str, step: int, steps: int | None) -> str:
    """Return the line for step `step` of `steps`; before the first, and where their number is unknown, words alone."""
    if not steps or not step:
        return text(locale, "painting-starts")
    share = min(1.0, step / steps)
    return text(locale, "painting", bar=_cells(share), percent=round(share * 100))


def fetching_line(locale: str, key: str, fetching: Fetching, escape: Callable[[str], str] = plain) -> str:
    """Return the text `key` about a model that is being fetched; by default for Discord."""
    return text(
        locale, key, model=escape(fetching.model), bar=_cells(fetching.percent / 100), percent=fetching.percent,
        size=f"{fetching.total / 1e9:.1f} GB",
    )  # fmt: skip


def _cells(share: float) -> str:
    filled = round(share * CELLS)
    return "▰" * filled + "▱" * (CELLS - filled)
