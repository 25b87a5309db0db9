"""/moderation: blocks, blocked words, channels, the log, pause; offered to moderators alone, and checked again."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.cogs.moderation_models import add_models
from bot.cogs.paged_lists import PagedLists
from bot.cogs.requester import actor
from bot.cogs.responses import Interaction, answer, moderator, own_locale
from bot.cogs.review import add_review
from bot.cogs.services import Services
from bot.domain.actor import check_moderator
from bot.domain.moderation import ChannelRule
from bot.domain.photos import PhotoMode
from bot.domain.wordfilter.blocked_words import MAX_WORD_CHARS
from bot.errors import LogChannelClosed
from bot.services.moderation import REASON_CHARS, NothingToLift
from bot.ui.command_translator import localised
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.moderation import channels_text, reason_part, until
from bot.ui.paging import LOG, WORDS

MODERATION = "moderation"
Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel
Reason = app_commands.Range[str, 0, REASON_CHARS]
Word = app_commands.Range[str, 1, MAX_WORD_CHARS]


async def _say(interaction: Interaction, key: str, **facts: str | int) -> None:
    await answer(interaction, text(own_locale(interaction), key, **facts))


def add_moderation(tree: app_commands.CommandTree, services: Services, lists: PagedLists) -> None:
    """Add the group to the tree."""
    group = app_commands.Group(
        name=MODERATION,
        description=localised("command-moderation"),
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )
    _add_people(group, services)
    _add_words(group, services, lists)
    _add_channels(group, services)
    add_models(group, services)
    _add_server(group, services, lists)
    add_review(group, services, lists)
    tree.add_command(group)


def _add_people(group: app_commands.Group, services: Services) -> None:
    @group.command(name="block", description=localised("command-moderation-block"))
    @app_commands.describe(
        user=localised("block-user"), expires=localised("block-expires"), reason=localised("block-reason")
    )
    async def block(interaction: Interaction, user: discord.User, expires: str = "", reason: Reason = "") -> None:
        who, locale = await moderator(interaction), own_locale(interaction)
        made, stopped = await services.moderation.block(who, user.id, expires, reason)
        why = reason_part(locale, made.reason)
        await _say(interaction, "blocked", user=user.mention, until=until(locale, made), why=why, stopped=stopped)

    @group.command(name="unblock", description=localised("command-moderation-unblock"))
    @app_commands.describe(user=localised("unblock-user"))
    async def unblock(interaction: Interaction, user: discord.User) -> None:
        by_host = services.moderation.host_blocks(user.id)
        try:
            await services.moderation.unblock(await moderator(interaction), user.id)
        except NothingToLift:
            if not by_host:
                raise
            await _say(interaction, "host-blocks", user=user.mention)
            return
        await _say(interaction, "unblocked-host-blocks" if by_host else "unblocked", user=user.mention)


def _add_words(group: app_commands.Group, services: Services, lists: PagedLists) -> None:
    words = app_commands.Group(name="words", description=localised("command-moderation-words"), parent=group)

    @words.command(name="add", description=localised("command-moderation-words-add"))
    @app_commands.describe(word=localised("word-add"))
    async def add(interaction: Interaction, word: Word) -> None:
        kept = await services.moderation.add_word(await moderator(interaction), word)
        await _say(interaction, "word-added", word=plain(kept))

    @words.command(name="remove", description=localised("command-moderation-words-remove"))
    @app_commands.describe(word=localised("word-remove"))
    async def remove(interaction: Interaction, word: Word) -> None:
        kept = await services.moderation.remove_word(await moderator(interaction), word)
        await _say(interaction, "word-removed", word=plain(kept))

    @words.command(name="list", description=localised("command-moderation-words-list"))
    async def show(interaction: Interaction) -> None:
        who = actor(interaction)
        check_moderator(who, who.guild_id)
        await lists.show(interaction, WORDS)


def _add_channels(group: app_commands.Group, services: Services) -> None:
    channels = app_commands.Group(name="channels", description=localised("command-moderation-channels"), parent=group)

    async def change(interaction: Interaction, channel: Channel | None, rule: ChannelRule) -> None:
        who = await moderator(interaction)
        here = interaction.channel
        inside = here.parent_id if isinstance(here, discord.Thread) else interaction.channel_id
        standing = await services.moderation.set_channel(who, channel.id if channel else inside or 0, rule)
        await answer(interaction, channels_text(own_locale(interaction), standing))

    @channels.command(name="allow", description=localised("command-moderation-channels-allow"))
    @app_commands.describe(channel=localised("channel-allow"))
    async def allow(interaction: Interaction, channel: Channel | None = None) -> None:
        await change(interaction, channel, ChannelRule.ALLOWED)

    @channels.command(name="deny", description=localised("command-moderation-channels-deny"))
    @app_commands.describe(channel=localised("channel-deny"))
    async def deny(interaction: Interaction, channel: Channel | None = None) -> None:
        await change(interaction, channel, ChannelRule.DENIED)

    @channels.command(name="list", description=localised("command-moderation-channels-list"))
    async def show(interaction: Interaction) -> None:
        standing = await services.moderation.channels(await moderator(interaction))
        await answer(interaction, channels_text(own_locale(interaction), standing))


def _add_server(group: app_commands.Group, services: Services, lists: PagedLists) -> None:
    @group.command(name="log", description=localised("command-moderation-log"))
    @app_commands.describe(user=localised("log-user"))
    async def show_log(interaction: Interaction, user: discord.User | None = None) -> None:
        who = actor(interaction)
        check_moderator(who, who.guild_id)
        await lists.show(interaction, f"{LOG}-{user.id}" if user else LOG)

    @group.command(name="log-channel", description=localised("command-moderation-log-channel"))
    @app_commands.describe(channel=localised("log-channel-where"))
    async def log_channel(interaction: Interaction, channel: discord.TextChannel | None = None) -> None:
        who = await moderator(interaction)
        if channel is not None:
            has = channel.permissions_for(channel.guild.me)
            missing = [name for name in ("view_channel", "send_messages") if not getattr(has, name)]
            if missing:
                raise LogChannelClosed(missing)
        await services.moderation.set_log_channel(who, channel.id if channel else None)
        if channel:
            await _say(interaction, "log-mirrored", channel=channel.mention)
        else:
            await _say(interaction, "log-unmirrored")

    @group.command(name="replies", description=localised("command-moderation-replies"))
    @app_commands.describe(mode=localised("replies-mode"))
    @app_commands.choices(
        mode=[app_commands.Choice(name=localised(f"replies-mode-{mode}"), value=mode) for mode in ("any", "mention")]
    )
    async def replies(interaction: Interaction, mode: str) -> None:
        await services.moderation.set_replies(await moderator(interaction), mode == "mention")
        await _say(interaction, f"replies-{mode}")

    @group.command(name="photos", description=localised("command-moderation-photos"))
    @app_commands.describe(mode=localised("photos-mode"))
    @app_commands.choices(
        mode=[app_commands.Choice(name=localised(f"photos-mode-{mode.value}"), value=mode.value) for mode in PhotoMode]
    )
    async def photos(interaction: Interaction, mode: str) -> None:
        await services.moderation.set_photos(await moderator(interaction), PhotoMode(mode))
        await _say(interaction, f"photos-{mode}")

    @group.command(name="pause", description=localised("command-moderation-pause"))
    @app_commands.describe(reason=localised("pause-reason"))
    async def pause(interaction: Interaction, reason: Reason = "") -> None:
        paused = await services.moderation.pause(await moderator(interaction), reason)
        await _say(interaction, "paused", why=reason_part(own_locale(interaction), paused.reason))

    @group.command(name="resume", description=localised("command-moderation-resume"))
    async def resume(interaction: Interaction) -> None:
        await services.moderation.resume(await moderator(interaction))
        await _say(interaction, "resumed")
