"""Whose photos may be painted from: a server's mode, and what each photo's author said in /my settings.

Invariant: what was made of a photo counts as that photo, so no way around through a picture of Limner's is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class PhotoMode(Enum):
    """Which photos a server lets people paint from; Limner's own pictures are none."""

    OWN = "own"
    EVERYONE = "everyone"
    OFF = "off"


USUAL_MODE = PhotoMode.OWN
"""In servers where no moderator chose, and in direct messages."""


@dataclass(frozen=True, slots=True)
class PhotosOff:
    """Nobody may paint from photos in the server."""


@dataclass(frozen=True, slots=True)
class PhotoNotShared:
    """The photo is someone else's; `refused` where its author said no, else they were not asked yet."""

    refused: bool = False


PhotoBar = PhotosOff | PhotoNotShared


def photo_bar(
    mode: PhotoMode, user_id: int, authors: Sequence[int], consents: Mapping[int, bool | None]
) -> PhotoBar | None:
    """Return why this user may not paint from photos of these authors; None where they may.

    `consents` holds what each author said: True, False, or None for nothing.
    """
    if authors and mode is PhotoMode.OFF:
        return PhotosOff()
    for author in authors:
        consent = consents.get(author)
        if author == user_id or consent or (consent is None and mode is PhotoMode.EVERYONE):
            continue
        return PhotoNotShared(refused=consent is False)
    return None
