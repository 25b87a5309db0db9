"""One editor a channel: the newest card of each message, finals first, nothing after a final."""

from __future__ import annotations

import asyncio

import pytest

from bot.ui.cards import Card
from bot.ui.progress import ChannelEditor


class Channel:
    """Takes `slow` seconds an edit, remembers each, and fails those of `broken` messages."""

    def __init__(self, slow: float = 0.0) -> None:
        self.edits: list[tuple[int, str, bool]] = []
        self.slow, self.broken, self.editing = slow, set[int](), 0

    async def edit(self, message_id: int, card: Card) -> None:
        self.editing += 1
        assert self.editing == 1, "one edit at a time"
        await asyncio.sleep(self.slow)
        self.editing -= 1
        if message_id in self.broken:
            raise ConnectionResetError
        self.edits.append((message_id, card.content, card.files is not None))


def card(content: str, preview: bytes | None = None) -> Card:
    return Card(content, None, None if preview is None else (("a.png", preview, "alt"),))


async def settle(editor: ChannelEditor) -> None:
    async with asyncio.timeout(5):
        while not editor.idle:
            await asyncio.sleep(0.01)


async def test_only_the_newest_card_of_each_message_is_shown() -> None:
    channel = Channel(slow=0.01)
    editor = ChannelEditor(channel.edit, interval_s=0.02)
    for step in range(50):
        editor.show(1, card(f"one {step}"))
        editor.show(2, card(f"two {step}"))
        await asyncio.sleep(0.001)
    await settle(editor)
    assert len(channel.edits) < 20
    assert [content for message_id, content, _ in channel.edits if message_id == 1][-1] == "one 49"
    assert [content for message_id, content, _ in channel.edits if message_id == 2][-1] == "two 49"


async def test_a_preview_is_not_lost_to_the_next_step_and_sent_once() -> None:
    channel = Channel()
    editor = ChannelEditor(channel.edit, interval_s=0.01)
    editor.show(1, card("30 %", b"preview"))
    editor.show(1, card("40 %"))
    await settle(editor)
    editor.show(1, card("50 %"))
    await settle(editor)
    assert channel.edits == [(1, "40 %", True), (1, "50 %", False)]


async def test_the_final_card_comes_before_waiting_ones_and_is_the_last() -> None:
    channel = Channel()
    editor = ChannelEditor(channel.edit, interval_s=0.05)
    editor.show(2, card("other"))
    editor.show(1, card("90 %"))
    await editor.finish(1, card("done", b"picture"))
    editor.show(1, card("too late"))
    await settle(editor)
    assert channel.edits[0] == (1, "done", True)
    assert (1, "90 %", False) not in channel.edits
    assert (1, "too late", False) not in channel.edits
    assert (2, "other", False) in channel.edits


async def test_the_same_card_is_not_sent_twice() -> None:
    channel = Channel()
    editor = ChannelEditor(channel.edit, interval_s=0.02)
    for _ in range(3):
        editor.show(1, card("waiting"))
        await asyncio.sleep(0.01)
    await settle(editor)
    assert len(channel.edits) == 1


async def test_broken_progress_is_no_harm_and_a_broken_final_is_told() -> None:
    channel = Channel()
    channel.broken = {1}
    editor = ChannelEditor(channel.edit, interval_s=0.01)
    editor.show(1, card("10 %"))
    editor.show(2, card("20 %"))
    await settle(editor)
    assert channel.edits == [(2, "20 %", False)]
    with pytest.raises(ConnectionResetError):
        await editor.finish(1, card("done"))
