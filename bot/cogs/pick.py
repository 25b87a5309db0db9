"""The numbers under a set of pictures: each makes one picture a message of its own."""

from __future__ import annotations

import discord

from bot.cogs.requester import place
from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.domain.jobs import Job, Place
from bot.domain.progress import Finished
from bot.errors import JobUnknown, PictureGone
from bot.services.picks import Post
from bot.services.ports.messaging import Posted, Undeliverable
from bot.ui.attachments import AttachmentRefused, numbered
from bot.ui.cards import card
from bot.ui.i18n import text


async def pick(services: Services, interaction: Interaction, job: Job, index: int) -> None:
    """Post picture `index` of the job's set; where it was posted before, tell the presser where.

    Raises JobUnknown, PictureGone, and what Picks.pick raises.
    """
    if not 0 <= index < job.order.count:
        raise JobUnknown
    await interaction.response.defer()

    async def privately(picked: Job, finished: Finished) -> Posted:
        """A private picture comes as another answer that its requester alone sees."""
        shown = card(picked, finished)
        view = shown.view or discord.utils.MISSING
        sent = await interaction.followup.send(
            shown.content, view=view, files=shown.discord_files(), ephemeral=True, wait=True
        )
        return Posted(picked.place.channel_id, sent.id, answer=True)

    private = (privately, interaction.token) if job.order.private else ()
    before = await pick_for(services, job, index, place(interaction), *private)
    if before is not None:
        locale = own_locale(interaction)
        key = "picked-before" if before.link else "picked-before-privately"
        await interaction.followup.send(text(locale, key, number=index + 1, link=before.link), ephemeral=True)


async def pick_for(
    services: Services, job: Job, index: int, presser: Place, post: Post | None = None, token: str | None = None
) -> Job | None:
    """Post picture `index` of the job's set; return its job where it was posted before. Raises as `pick`."""

    async def fetch() -> bytes:
        try:
            message = await services.messenger.fetch(job)
            return await services.attachments.original(numbered(message)[index])
        except (Undeliverable, AttachmentRefused, KeyError) as error:
            raise PictureGone from error

    return await services.picks.pick(job, index, presser, fetch, post, token)
