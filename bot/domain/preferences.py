"""What a member wants where a request does not say; the empty text is no preference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preferences:
    """`style` is a style's key, `shape` one of SHAPES; `private` pictures are seen by their requester alone."""

    style: str = ""
    shape: str = ""
    private: bool = False
