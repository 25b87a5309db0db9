"""A member's defaults for what a request leaves open; the empty text is no preference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preferences:
    """`style` is a style's key, `shape` one of SHAPES; `private` pictures are seen by their requester alone.

    `photos` is whether others may paint from this member's photos; None leaves that to the server.
    """

    style: str = ""
    shape: str = ""
    private: bool = False
    photos: bool | None = None
