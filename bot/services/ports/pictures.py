"""What the services need to read and rewrite picture files, as a protocol."""

from __future__ import annotations

from typing import Protocol

PICTURE_REASONS = ("type", "animated", "large", "small", "broken", "slow", "mask-shape", "mask-empty", "mask-whole")


class PictureInvalid(Exception):
    """A picture cannot be taken; `reason` is one of PICTURE_REASONS.

    Where a mask has another shape than its picture, `sizes` are both, as WIDTHxHEIGHT.
    """

    def __init__(self, reason: str, sizes: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.sizes = reason, sizes


class Pixels(Protocol):
    """Picture files, looked at and rewritten outside the bot's process. All raise PictureInvalid."""

    async def clean(self, data: bytes) -> bytes:
        """Return a foreign PNG, JPEG or WebP as an upright, opaque WebP of at most 500 kB and 2,048 pixels on a side.

        Nothing but its pixels stays.
        """

    async def keep(self, data: bytes, most: int) -> bytes:
        """Return the same without loss, for what is to stay as it is: of at most `most` bytes and 3,072 pixels a side.

        Only a picture that is larger than that is made smaller.
        """

    async def fit(self, data: bytes, limit: int) -> bytes:
        """Return a finished picture in at most `limit` bytes: as it is, else as a smaller PNG, WebP or JPEG."""

    async def mask(self, picture: bytes, mask: bytes) -> bytes:
        """Return a foreign mask as a PNG of the picture's size, transparent where it was, or white on black."""

    async def grid(self, picture: bytes) -> bytes:
        """Return the picture with a grid of nine cells over it."""

    async def cells(self, picture: bytes, chosen: int) -> bytes:
        """Return a mask for the picture, transparent in the cells whose bits are set, 1 for the upper left one."""

    async def surround(self, picture: bytes, size: tuple[int, int], share: float) -> tuple[bytes, bytes]:
        """Return a picture of this size with that one in its middle, and a mask for what is around it.

        A share of 1 lets it fill the size as far as its proportions go.
        """


class OldStartPictures(Protocol):
    """Start pictures from before they were kept once by content. Both raise StoreUnavailable."""

    async def first(self) -> tuple[str, bytes] | None:
        """Return one of them and its job's id, None where none is left that can be read."""

    async def move(self, job_id: str, image: bytes) -> None:
        """Keep `image` in its place, as those of new jobs are kept."""
