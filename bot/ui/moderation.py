"""The answers of /moderation about blocks, blocked words and channels."""

from __future__ import annotations

import discord

from bot.domain.moderation import Block, ChannelRule, Channels
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.paging import WORDS, Sheet, packed, page_buttons
from bot.ui.timestamps import relative
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

PAGE_CHARS = 1_800
REASON_SHOWN = 300


def reason_part(locale: str, reason: str) -> str:
    return text(locale, "moderation-reason", reason=plain(reason, REASON_SHOWN)) if reason else ""


def until(locale: str, block: Block) -> str:
    return text(locale, "moderation-lifted") if block.until is None else relative(block.until)


def words_sheet(locale: str, owner_id: int, words: tuple[str, ...], number: int) -> Sheet:
    texts = packed((f"- {plain(word)}" for word in words), PAGE_CHARS)
    number = min(number, len(texts) - 1)
    embed = discord.Embed(description=texts[number] or text(locale, "words-none"))
    title = text(locale, "words-title", total=len(words))
    return Sheet(title, [embed], page_buttons(locale, WORDS, owner_id, number, len(texts)))


def channels_text(locale: str, channels: Channels) -> str:
    allowed, denied = channels.having(ChannelRule.ALLOWED), channels.having(ChannelRule.DENIED)
    if allowed:
        return text(locale, "channels-only", channels=named(allowed))
    return text(locale, "channels-but", channels=named(denied)) if denied else text(locale, "channels-all")


def named(channel_ids: tuple[int, ...], most: int = 60) -> str:
    return ", ".join(f"<#{channel}>" for channel in channel_ids[:most]) + (" …" if len(channel_ids) > most else "")
