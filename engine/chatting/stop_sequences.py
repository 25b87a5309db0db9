"""Ends an answer before the first of its stop sequences, wherever the tokens' borders lie.

Invariant: no text that was let through holds a stop sequence, or is a part of one that is completed later.
"""

from __future__ import annotations

from collections.abc import Sequence


class StopSequences:
    """The stop sequences of one answer, and the text that may yet turn out to be the beginning of one."""

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.is_over = False
        """Whether a stop sequence came; what comes after it is dropped."""

    def feed(self, text: str) -> str:
        """Take the next text; return what can be no part of a stop sequence any more."""
        if self.is_over:
            return ""
        text = self._held + text
        found = [at for at in map(text.find, self._stops) if at >= 0]
        if found:
            self.is_over, self._held = True, ""
            return text[: min(found)]
        kept = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]

    def end(self) -> str:
        """Return the text that was held back; nothing comes after it."""
        text, self._held = self._held, ""
        return text

    def cut(self, text: str) -> str:
        """Return a whole text up to its first stop sequence."""
        return text[: min((at for at in map(text.find, self._stops) if at >= 0), default=len(text))]


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the text's end are the beginning of the stop sequence."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)
