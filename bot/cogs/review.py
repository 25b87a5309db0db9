"""/moderation nsfw and review: the server's picture policy, and the decision on each held picture."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.cogs.paged_lists import PagedLists
from bot.cogs.requester import actor
from bot.cogs.responses import Interaction, answer, moderator, own_locale
from bot.cogs.services import Services
from bot.domain.actor import check_moderator
from bot.domain.picture_policy import Policy
from bot.errors import ReviewChannelClosed, ReviewChannelOpen
from bot.services.review import AlreadyDecided
from bot.ui.command_translator import localised
from bot.ui.i18n import text
from bot.ui.paging import REVIEW
from bot.ui.review import RELEASE

UNSET = "default"
NEEDED = ("view_channel", "send_messages", "attach_files")
NEEDED_IN_THREADS = ("view_channel", "send_messages_in_threads", "attach_files")
Channel = discord.TextChannel | discord.Thread


class Decide:
    """Takes what is pressed below held pictures."""

    def __init__(self, services: Services, lists: PagedLists) -> None:
        self._services, self._lists = services, lists

    async def decide(self, interaction: Interaction, action: str, job_id: str) -> None:
        """Raises NotModerator, AlreadyDecided; then nothing was changed."""
        who, review = actor(interaction), self._services.review
        check_moderator(who, interaction.guild_id)
        await interaction.response.defer()
        try:
            await (review.release if action == RELEASE else review.remove)(who, job_id)
        except AlreadyDecided:
            await self._refresh(interaction, stale=True)
            raise
        await self._refresh(interaction, stale=False)
        notice = text(own_locale(interaction), "review-released" if action == RELEASE else "review-removed")
        await interaction.followup.send(notice, ephemeral=True)

    async def _refresh(self, interaction: Interaction, *, stale: bool) -> None:
        """Turn one's own list to what waits next, and take off what waits no more from another message."""
        if interaction.message and interaction.message.flags.ephemeral:
            await self._lists.write(interaction, REVIEW, 0)
        elif stale:
            notice = text(str(interaction.guild_locale or interaction.locale), "review-decided")
            await interaction.edit_original_response(content=notice, attachments=[], view=None)


def add_review(group: app_commands.Group, services: Services, lists: PagedLists) -> None:
    """Add the commands to the group of moderators' commands."""

    @group.command(name="nsfw", description=localised("command-moderation-nsfw"))
    @app_commands.describe(policy=localised("nsfw-policy"))
    @app_commands.choices(
        policy=[
            app_commands.Choice(name=localised(f"nsfw-choice-{value}"), value=value)
            for value in (*(policy.value for policy in Policy), UNSET)
        ]
    )
    async def nsfw(interaction: Interaction, policy: str = "") -> None:
        who, locale = await moderator(interaction), own_locale(interaction)
        if policy:
            await services.review.set_policy(who, None if policy == UNSET else Policy(policy))
        stands = await services.review.policy(who)
        check = services.catalog.facts.check or "untold"
        lines = [text(locale, f"nsfw-is-{stands.value if stands else UNSET}"), text(locale, f"nsfw-check-{check}")]
        if stands and check in ("off", "untold"):
            lines.append(text(locale, "nsfw-nothing-passes"))
        await answer(interaction, " ".join(lines))

    @group.command(name="review", description=localised("command-moderation-review"))
    @app_commands.describe(channel=localised("review-channel"), unset=localised("review-no-channel"))
    async def review(interaction: Interaction, channel: Channel | None = None, unset: bool = False) -> None:
        if channel is None and not unset:
            check_moderator(actor(interaction), interaction.guild_id)
            await lists.show(interaction, REVIEW)
            return
        who, locale = await moderator(interaction), own_locale(interaction)
        if channel is None:
            await services.review.set_channel(who, None)
            await answer(interaction, text(locale, "review-channel-unset"))
            return
        _check_private(channel)
        await services.review.set_channel(who, channel.id)
        await answer(interaction, text(locale, "review-channel-set", channel=channel.mention))


def _check_private(channel: Channel) -> None:
    """Raises ReviewChannelOpen where everyone can see the channel, ReviewChannelClosed where the bot cannot use it."""
    guild, private_thread = channel.guild, isinstance(channel, discord.Thread) and channel.is_private()
    if not private_thread and channel.permissions_for(guild.default_role).view_channel:
        raise ReviewChannelOpen
    has = channel.permissions_for(guild.me)
    needed = NEEDED_IN_THREADS if isinstance(channel, discord.Thread) else NEEDED
    missing = [name for name in needed if not getattr(has, name)]
    if missing:
        raise ReviewChannelClosed(missing)
