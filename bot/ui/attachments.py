"""Fetches attached pictures: checks what Discord declares, downloads, and has them decoded and cleaned."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import discord

from bot.services.ports.pictures import PictureInvalid, Pixels
from bot.ui.cdn import Cdn, CdnRefused, DiscordCdn
from engine.api.light_structlog import structlog
from engine.api.messages import parse_size

log = structlog.get_logger(__name__)

MAX_BYTES = 25 * 1024 * 1024
MAX_SIDE = 8_192
MAX_MEGAPIXELS = 40
MIN_SIDE = 16
OWN_BYTES, PHOTO_BYTES = 13_000_000, 4_000_000
"""How much is kept, without loss, of a picture of Limner's and of a photo of which a part alone is painted anew, or
which is enlarged. A picture of 2,048 × 2,048 pixels fits whatever it shows. A photo, which anyone may send, is a third
of that: 1,600 × 1,600 pixels or so, as large as painters paint."""
AT_ONCE, EACH = 2, 2
"""How many are read at once, each of another person; and how many of one person's may be read or wait for that."""
_NUMBER = re.compile(r"^limner-[0-9a-f]{8}-([1-9])\.")
"""How `cards` names a picture's file."""
FACTS: dict[str, str | int] = {
    "bytes": MAX_BYTES // 1024 // 1024,
    "side": str(MAX_SIDE),
    "megapixels": MAX_MEGAPIXELS,
    "least": MIN_SIDE,
    "each": EACH,
}
"""What the sentences of AttachmentRefused name."""


class AttachmentRefused(Exception):
    """A picture cannot be started from; `reason` is one of PICTURE_REASONS, or of CdnRefused's, or busy.

    `sizes` are as in PictureInvalid.
    """

    def __init__(self, reason: str, sizes: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.sizes = reason, sizes


class Attachments:
    """Fetches two at a time, so that the bot holds few of them in memory, and of one person one after the other.

    All ways raise AttachmentRefused.
    """

    def __init__(self, pixels: Pixels, cdn: Cdn | None = None) -> None:
        self._pixels, self._cdn = pixels, cdn or DiscordCdn()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._reading: Counter[int] = Counter()
        self._turns: dict[int, asyncio.Lock] = {}

    async def fetch(self, attachment: discord.Attachment, user_id: int, *, lossless: int = 0) -> bytes:
        """Return a picture as `Pixels.clean` makes it or, in at most `lossless` bytes, `Pixels.keep`.

        `user_id` is whose order it is for.
        """
        check_declared(attachment)
        async with self._one_of(user_id), self._slots:
            try:
                data = await self._cdn.read(attachment.url, attachment.size)
                return await (self._pixels.keep(data, lossless) if lossless else self._pixels.clean(data))
            except CdnRefused as error:
                log.info("attachment.unread", reason=error.reason, attachment_id=attachment.id)
                # More bytes than Discord declared: this is not the file that was attached.
                raise AttachmentRefused("broken" if error.reason == "heavy" else error.reason) from error
            except PictureInvalid as error:
                raise AttachmentRefused(error.reason) from error

    async def mask(
        self, picture: bytes, attachment: discord.Attachment, user_id: int, given: discord.Attachment | None = None
    ) -> bytes:
        """Return a mask for the picture as `Pixels.mask` makes it.

        A refusal names the size of the picture as it was `given`, where it was made smaller since.
        """
        check_declared(attachment)
        async with self._one_of(user_id), self._slots:
            try:
                return await self._pixels.mask(picture, await self._cdn.read(attachment.url, attachment.size))
            except CdnRefused as error:
                raise AttachmentRefused("broken" if error.reason == "heavy" else error.reason) from error
            except PictureInvalid as error:
                sizes = tuple(_as_given(size, given) if at else size for at, size in enumerate(error.sizes))
                raise AttachmentRefused(error.reason, sizes) from error

    async def fetch_all(
        self, attachments: Sequence[discord.Attachment], user_id: int, *, lossless: int = 0
    ) -> tuple[bytes, ...]:
        """Return pictures as `fetch` does, one after the other."""
        return tuple([await self.fetch(attachment, user_id, lossless=lossless) for attachment in attachments])

    async def original(self, attachment: discord.Attachment) -> bytes:
        """Return a file that the bot posted, byte by byte."""
        async with self._slots:
            try:
                return await self._cdn.read(attachment.url, min(attachment.size, MAX_BYTES))
            except CdnRefused as error:
                raise AttachmentRefused(error.reason) from error

    async def of_message(self, message: discord.Message, index: int, user_id: int, *, lossless: int = 0) -> bytes:
        """Return a picture of a message, counted from 0; where its address has expired, from the message read anew."""
        try:
            return await self.fetch(_attachment(message, index), user_id, lossless=lossless)
        except AttachmentRefused as error:
            if error.reason != "gone" or index not in numbered(message):
                raise
        try:
            message = await message.channel.fetch_message(message.id)
        except discord.HTTPException as error:
            raise AttachmentRefused("gone") from error
        return await self.fetch(_attachment(message, index), user_id, lossless=lossless)

    @asynccontextmanager
    async def _one_of(self, user_id: int) -> AsyncIterator[None]:
        """Wait for the person's turn, so that pictures which take long hold no other's up."""
        if self._reading[user_id] >= EACH:
            raise AttachmentRefused("busy")
        self._reading[user_id] += 1
        try:
            async with self._turns.setdefault(user_id, asyncio.Lock()):
                yield
        finally:
            self._reading[user_id] -= 1
            if not self._reading[user_id]:
                del self._reading[user_id], self._turns[user_id]


def pictures_on(message: discord.Message) -> list[discord.Attachment]:
    """Return the pictures that are attached to a message, as far as Discord shows them."""
    return [attachment for attachment in message.attachments if _is_picture(attachment)]


def numbered(message: discord.Message) -> dict[int, discord.Attachment]:
    """Return the pictures that are left of a set's message, by their number in the set, counted from 0."""
    found = {}
    for position, attachment in enumerate(message.attachments):
        named = _NUMBER.search(attachment.filename)
        found[int(named[1]) - 1 if named else position] = attachment
    return found


def check_declared(attachment: discord.Attachment) -> None:
    """Judge by what Discord says of the file, without reading it. Raises AttachmentRefused."""
    if not _is_picture(attachment):
        raise AttachmentRefused("type")
    if attachment.size > MAX_BYTES:
        raise AttachmentRefused("heavy")
    width, height = attachment.width, attachment.height
    if width is None or height is None:
        return
    if max(width, height) > MAX_SIDE or width * height > MAX_MEGAPIXELS * 1_000_000:
        raise AttachmentRefused("large")
    if min(width, height) < MIN_SIDE:
        raise AttachmentRefused("small")


def _as_given(size: str, given: discord.Attachment | None) -> str:
    """Return the size of a picture as it was given, upright as `size` is, to which it was made smaller."""
    short, long = sorted((given.width or 0, given.height or 0)) if given else (0, 0)
    width, height = parse_size(size)
    if not short:
        return size
    return f"{long}x{short}" if width >= height else f"{short}x{long}"


def _is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/")


def _attachment(message: discord.Message, index: int) -> discord.Attachment:
    found = numbered(message).get(index)
    if found is None:
        raise AttachmentRefused("gone")
    return found
