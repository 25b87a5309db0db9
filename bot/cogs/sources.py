"""The pictures that a request is to start from: files attached to it, and one of the asker's favourites after them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import discord

from bot.cogs.autocomplete import favourite
from bot.cogs.responses import Interaction
from bot.cogs.services import Services
from bot.domain.jobs import Job
from bot.ui.attachments import PHOTO_BYTES


@dataclass(frozen=True, slots=True)
class Sources:
    """The files come first, so that the first of them is painted from; the favourite is `kept`."""

    services: Services
    user_id: int
    files: tuple[discord.Attachment, ...]
    kept: Job | None

    @property
    def count(self) -> int:
        return len(self.files) + (self.kept is not None)

    @property
    def authors(self) -> tuple[int, ...]:
        """Whose photos they are: the asker's own, and those that the favourite was made of."""
        own = (self.user_id,) if self.files else ()
        return tuple(dict.fromkeys((*own, *(self.kept.order.photos_of if self.kept else ()))))

    async def fetch(self, *, lossless: bool = False) -> tuple[bytes, ...]:
        """Return the files; `lossless` keeps their very pixels. Raises AttachmentRefused, PictureGone."""
        made, bound = self.services, PHOTO_BYTES if lossless else 0
        files = await made.attachments.fetch_all(self.files, self.user_id, lossless=bound)
        if self.kept is None:
            return files
        return (*files, *await made.picture_of(self.kept, 0, self.user_id, lossless=lossless)())


async def sources(
    services: Services, interaction: Interaction, files: Iterable[discord.Attachment | None], kept: str | None
) -> Sources:
    """Return the pictures that were given; `kept` is what was typed as a favourite. Raises FavouriteUnknown."""
    job = await favourite(services, interaction, kept) if kept else None
    return Sources(services, interaction.user.id, tuple(file for file in files if file), job)
