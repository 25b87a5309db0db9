"""One editor a channel: the newest card of each message, finals first, nothing after a final."""

from __future__ import annotations

import asyncio
import gc
from functools import partial
from types import SimpleNamespace

import discord
import pytest
import stamina

from bot.ui import discord_retry
from bot.ui.cards import Card
from bot.ui.channel_editor import ChannelEditor


class Channel:
    """Takes `slow` seconds an edit, remembers each, and fails those of `broken` messages."""

    def __init__(self, slow: float = 0.0) -> None:
        self.edits: list[tuple[int, str, bool]] = []
        self.slow, self.broken, self.editing, self.now = slow, set[int](), 0, 0
        self.fails: list[Exception] = []

    async def edit(self, message_id: int, card: Card) -> None:
        self.editing += 1
        self.now = message_id
        assert self.editing == 1, "one edit at a time"
        await asyncio.sleep(self.slow)
        self.editing -= 1
        if self.fails:
            raise self.fails.pop(0)
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
        editor.show(1, partial(card, f"one {step}"))
        editor.show(2, partial(card, f"two {step}"))
        await asyncio.sleep(0.001)
    await settle(editor)
    assert len(channel.edits) < 20
    assert [content for message_id, content, _ in channel.edits if message_id == 1][-1] == "one 49"
    assert [content for message_id, content, _ in channel.edits if message_id == 2][-1] == "two 49"


async def test_a_quick_picture_shows_its_progress_and_a_slow_one_edits_ever_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def passed(seconds: float) -> None:
        if seconds:
            pauses.append(seconds)
            if len(pauses) < 5:
                editor.show(1, partial(card, f"step {len(pauses)}"))
        await sleep(0)

    channel = Channel()
    editor = ChannelEditor(channel.edit)
    monkeypatch.setattr(asyncio, "sleep", passed)
    editor.show(1, partial(card, "step 0"))
    async with asyncio.timeout(5):
        while not editor.idle:
            await sleep(0)
    assert pauses == [0.3, 0.6, 1.2, 1.5, 1.5]
    assert [content for _, content, _ in channel.edits] == [f"step {step}" for step in range(5)]


async def test_the_first_picture_of_a_message_does_not_wait_as_long_as_its_words_do() -> None:
    channel, clock = Channel(), asyncio.get_running_loop().time
    editor = ChannelEditor(channel.edit, interval_s=3.0)
    for step in range(3):  # after 0.3 and 0.9 s: the next would come after 2.1
        editor.show(1, partial(card, f"step {step}"))
        await asyncio.sleep(0.05 if step == 0 else 0.45)
    await asyncio.sleep(0.1)
    began = clock()
    editor.show(2, partial(card, "drawn", b"draft"), preview=True)
    while channel.edits[-1] != (2, "drawn", True):
        await asyncio.sleep(0.01)
        assert clock() - began < 1.0
    editor.show(2, partial(card, "drawn further", b"step"), preview=True)
    await asyncio.sleep(0.4)
    assert channel.edits[-1] == (2, "drawn", True), "only the first one is hurried"
    await editor.finish(1, card("one"))
    await editor.finish(2, card("two"))


async def test_a_card_that_is_replaced_before_it_is_shown_is_never_made() -> None:
    made: list[int] = []

    def counted(step: int) -> Card:
        made.append(step)
        return card(f"{step} %")

    editor = ChannelEditor(Channel().edit, interval_s=0.01)
    for step in range(50):
        editor.show(1, partial(counted, step))
    await settle(editor)
    assert made == [49]


async def test_a_preview_is_not_lost_to_the_next_step_and_sent_once() -> None:
    channel = Channel()
    editor = ChannelEditor(channel.edit, interval_s=0.01)
    editor.show(1, partial(card, "30 %", b"preview"), preview=True)
    editor.show(1, partial(card, "40 %"))
    await settle(editor)
    editor.show(1, partial(card, "50 %"))
    await settle(editor)
    assert channel.edits == [(1, "40 %", True), (1, "50 %", False)]


async def test_the_final_card_comes_before_waiting_ones_and_is_the_last() -> None:
    channel = Channel()
    editor = ChannelEditor(channel.edit, interval_s=0.05)
    editor.show(2, partial(card, "other"))
    editor.show(1, partial(card, "90 %"))
    await editor.finish(1, card("done", b"picture"))
    editor.show(1, partial(card, "too late"))
    await settle(editor)
    assert channel.edits[0] == (1, "done", True)
    assert (1, "90 %", False) not in channel.edits
    assert (1, "too late", False) not in channel.edits
    assert (2, "other", False) in channel.edits


async def test_the_same_card_is_not_sent_twice() -> None:
    channel = Channel()
    editor = ChannelEditor(channel.edit, interval_s=0.02)
    for _ in range(3):
        editor.show(1, partial(card, "waiting"))
        await asyncio.sleep(0.01)
    await settle(editor)
    assert len(channel.edits) == 1


def refusal(status: int) -> discord.HTTPException:
    answer = SimpleNamespace(status=status, reason="")
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    return kinds.get(status, discord.HTTPException)(answer, "no")  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [refusal(500), refusal(503), refusal(429), ConnectionResetError()])
async def test_a_final_is_repeated_after_what_passes(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord_retry, "patiently", stamina.AsyncRetryingCaller(wait_initial=0.01, wait_jitter=0))
    channel = Channel()
    channel.fails = [error, error]
    await ChannelEditor(channel.edit).finish(1, card("done"))
    assert channel.edits == [(1, "done", False)]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_final_that_is_refused_is_told_at_once(status: int) -> None:
    channel = Channel()
    channel.fails = [refusal(status)]
    with pytest.raises(discord.HTTPException):
        await ChannelEditor(channel.edit).finish(1, card("done"))
    assert channel.fails == []


async def test_a_deleted_message_is_left_alone_and_others_go_on() -> None:
    channel = Channel()
    editor = ChannelEditor(channel.edit, interval_s=0.01)
    channel.fails = [refusal(404)]
    editor.show(1, partial(card, "10 %"))
    await settle(editor)
    for step in (20, 30):
        editor.show(1, partial(card, f"{step} %"))
        editor.show(2, partial(card, f"{step} %"))
        await settle(editor)
    assert {message_id for message_id, _, _ in channel.edits} == {2}


async def test_a_final_waits_for_no_more_than_the_edit_that_is_under_way() -> None:
    channel = Channel(slow=0.1)
    editor = ChannelEditor(channel.edit, interval_s=0.01)
    for message_id in range(10):
        editor.show(message_id, partial(card, "10 %"))
    await asyncio.sleep(0.02)
    await editor.finish(9, card("done"))
    assert [message_id for message_id, _, _ in channel.edits] == [0, 9]
    await settle(editor)


async def test_broken_progress_is_no_harm_and_a_broken_final_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord_retry, "patiently", stamina.AsyncRetryingCaller(attempts=1))
    channel = Channel()
    channel.broken = {1}
    editor = ChannelEditor(channel.edit, interval_s=0.01)
    editor.show(1, partial(card, "10 %"))
    editor.show(2, partial(card, "20 %"))
    await settle(editor)
    assert channel.edits == [(2, "20 %", False)]
    with pytest.raises(ConnectionResetError):
        await editor.finish(1, card("done"))


async def test_a_channel_that_is_never_idle_keeps_nothing_of_what_is_finished() -> None:
    channel = Channel(slow=0.001)
    editor = ChannelEditor(channel.edit, interval_s=0.0)
    alive = []
    for message_id in range(1, 201):
        editor.show(message_id, partial(card, "99 %", b"preview"))
        while channel.now != message_id:  # the final comes while progress is on its way
            await asyncio.sleep(0)
        editor.show(0, partial(card, f"goes on {message_id}"))
        await editor.finish(message_id, card("done"))
        assert not editor.idle
        if message_id % 100 == 0:
            gc.collect()
            alive.append(sum(isinstance(thing, Card) for thing in gc.get_objects()))
    assert alive[1] <= alive[0] + 10
