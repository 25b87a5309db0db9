"""Turns an answer's tokens into text as they come, and reports it as far as its characters are whole.

Invariant: what was reported is the beginning of the decoded whole, and ends before a stop sequence; a token costs the
same however long the answer is.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from engine.chatting.stop_sequences import StopSequences
from engine.jobs.requests import Delta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.jobs.job import Reporter

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


class TextStream:
    """The text of one answer. What a token adds is seen from the tokens shortly before it, as vLLM and TGI do."""

    def __init__(self, tokenizer: Any, reporter: Reporter, stops: Sequence[str] = ()) -> None:
        self.text = ""
        self.began = 0.0
        """When the first tokens came, in seconds of `time.perf_counter`."""
        self._tokenizer = tokenizer
        self._reporter = reporter
        self._stops = StopSequences(stops)
        self._tokens: list[int] = []
        self._before = 0
        """Where the tokens begin that give the newest ones their context."""
        self._told = 0
        """How many tokens the decoded text is of."""
        self._decoded = ""

    @property
    def is_over(self) -> bool:
        """Whether a stop sequence came, so that no more tokens are needed."""
        return self._stops.is_over

    def put(self, tokens: Sequence[int]) -> None:
        """Take the next tokens, and report what they add. Raises Cancelled."""
        if not self._tokens:
            self.began = time.perf_counter()
        self._tokens += tokens
        before = self._decode(self._tokens[self._before : self._told])
        after = self._decode(self._tokens[self._before :])
        if len(after) > len(before) and not after.endswith(_UNFINISHED):  # a character's bytes may span tokens
            self._report(after[len(before) :])
            self._before, self._told = self._told, len(self._tokens)

    def end(self) -> None:
        """Report what is left, finished or not."""
        whole = self._decode(self._tokens)
        if whole.startswith(self._decoded):
            self._report(whole[len(self._decoded) :])
            self._pass_on(self._stops.end())
        else:
            self.text = self._stops.cut(whole)

    def _report(self, text: str) -> None:
        self._decoded += text
        self._pass_on(self._stops.feed(text))

    def _pass_on(self, text: str) -> None:
        if text:
            self.text += text
            self._reporter.tell(Delta(text))

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return text
