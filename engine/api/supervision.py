"""What an engine tells the process that supervises it, over its standard output: that it runs, loaded, or cannot load.

Invariant: nothing else is written there, and a supervisor that reads no more disturbs nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress

BEAT, LOADED, FAILED = b".", b"+", b"!"
MAX_SENTENCE_BYTES = 2_000
"""Below what a pipe takes in one piece, so that no heartbeat falls amid a sentence."""


class Reporter:
    """The engine's side; without an `output` it reports nothing."""

    def __init__(self, output: int | None = None) -> None:
        self._output = output

    @property
    def is_heard(self) -> bool:
        return self._output is not None

    def beat(self) -> None:
        """Say that the process runs."""
        self._write(BEAT)

    def loaded(self) -> None:
        """Say that the models work."""
        self._write(LOADED)

    def failed(self, sentence: str) -> None:
        """Say why the models cannot be loaded."""
        self._write(FAILED + " ".join(sentence.split()).encode()[:MAX_SENTENCE_BYTES] + b"\n")

    def _write(self, data: bytes) -> None:
        if self._output is not None:
            with suppress(OSError):  # nobody reads it any more
                os.write(self._output, data)


class Report:
    """The supervisor's side: what one run of the engine has told so far."""

    def __init__(self) -> None:
        self.loaded = False
        self._sentence: bytearray | None = None

    @property
    def failure(self) -> str:
        """Why the models cannot be loaded; empty where that was not told."""
        return (self._sentence or b"").partition(b"\n")[0].decode(errors="replace")

    def feed(self, data: bytes) -> None:
        """Take what was read; a sentence may come in pieces, and is the last that counts."""
        if self._sentence is None:
            beats, mark, rest = data.partition(FAILED)
            self.loaded = self.loaded or LOADED in beats
            self._sentence = bytearray(rest) if mark else None
        elif b"\n" not in self._sentence:
            self._sentence += data
