"""Answers to interactions: deferred, edited, followed up, private; and what Discord refuses of them."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from tests.sandbox.stage import BOT, DRAWING, READ_ONLY, Stage, TinyBot, note, picture, stage

LOADING = 128


def one_command(act: Any) -> Any:
    """A bot with one command, /go, that does this."""

    def define(bot: TinyBot) -> None:
        @bot.tree.command(description="Go")
        async def go(interaction: discord.Interaction) -> None:
            await act(interaction)

    return define


async def test_a_deferred_answer_is_filled_by_the_first_follow_up() -> None:
    may_go_on = asyncio.Event()

    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await may_go_on.wait()
        await interaction.followup.send("the answer")
        second = await interaction.followup.send("for everyone", wait=True)
        await second.edit(content="for all")

    async with stage(one_command(act)) as on:
        assert (await on.command("go"))["outcome"] == "deferred"
        [thinking] = await on.seen()
        assert thinking["flags"] & LOADING
        assert await on.seen("Ben") == []
        may_go_on.set()
        await on.until(lambda: len(on.sandbox.world.messages) == 2 and "edited: for all" in on.bot.log)
        first, second = await on.seen()
        assert (first["id"], first["content"], first["flags"]) == (thinking["id"], "the answer", 64)
        assert first["edited_timestamp"] is None
        assert second["message_reference"]["message_id"] == first["id"]
        assert await on.texts("Ben") == ["for all"]


async def test_the_original_answer_can_be_read_edited_and_deleted() -> None:
    async def act(interaction: discord.Interaction) -> None:
        answer = await interaction.response.send_message("one")
        assert isinstance(answer.resource, discord.InteractionMessage)
        assert (await interaction.original_response()).id == answer.message_id
        edited = await interaction.edit_original_response(content="two", attachments=[picture()])
        assert (await edited.fetch()).attachments[0].filename == "a.png"
        await interaction.delete_original_response()
        with pytest.raises(discord.NotFound) as gone:
            await interaction.edit_original_response(content="three")
        assert gone.value.code == 10008
        note(interaction, "done")

    async with stage(one_command(act)) as on:
        await on.command("go")
        await on.until(lambda: "done" in on.bot.log)
        assert await on.seen() == []


async def test_an_answer_later_than_three_seconds_is_refused() -> None:
    async def act(interaction: discord.Interaction) -> None:
        await asyncio.sleep(0.3)
        with pytest.raises(discord.NotFound) as late:
            await interaction.response.send_message("too late")
        assert late.value.code == 10062
        note(interaction, "refused")

    async with stage(one_command(act)) as on:
        assert on.sandbox.world.acknowledge_s == 3.0
        on.sandbox.world.acknowledge_s = 0.15
        outcome = await on.command("go")
        assert (outcome["outcome"], outcome["error"]) == ("failed", "The application did not respond")
        await on.until(lambda: "refused" in on.bot.log)
        assert await on.seen() == []


async def test_a_second_acknowledgement_is_refused() -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        status, body = await again(interaction, {"type": 4, "data": {"content": "twice"}})
        note(interaction, f"{status} {body['code']}")

    async with stage(one_command(act)) as on:
        again = callback(on)
        await on.command("go")
        await on.until(lambda: "400 40060" in on.bot.log)


async def test_follow_ups_end_with_the_token() -> None:
    async def act(interaction: discord.Interaction) -> None:
        with pytest.raises(discord.NotFound) as early:
            await interaction.followup.send("before the answer")
        assert early.value.code == 10015
        await interaction.response.send_message("in time")
        world.answer_s = 0.0
        with pytest.raises(discord.HTTPException) as late:
            await interaction.followup.send("after 15 minutes")
        note(interaction, f"{late.value.status} {late.value.code}")

    async with stage(one_command(act)) as on:
        world = on.sandbox.world
        assert world.answer_s == 900
        await on.command("go")
        await on.until(lambda: "401 50027" in on.bot.log)


async def test_a_refused_answer_leaves_the_interaction_open() -> None:
    async def act(interaction: discord.Interaction) -> None:
        with pytest.raises(discord.HTTPException) as refused:
            await interaction.response.send_message("x" * 2001)
        assert refused.value.code == 50035
        await interaction.response.send_message("short")

    async with stage(one_command(act)) as on:
        assert (await on.command("go"))["outcome"] == "message"
        assert await on.texts() == ["short"]


async def test_answers_need_no_permission_but_messages_do() -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("I may not write here", ephemeral=True)
        with pytest.raises(discord.Forbidden) as refused:
            await interaction.channel.send("but I try")  # type: ignore[union-attr]
        note(interaction, str(refused.value.code))

    async with stage(one_command(act)) as on:
        await on.command("go", channel=READ_ONLY)
        await on.until(lambda: "50013" in on.bot.log)


async def test_private_answers_are_reached_by_their_token_alone() -> None:
    async def act(interaction: discord.Interaction) -> None:
        answer = await interaction.response.send_message("hush", ephemeral=True)
        status, body = await on.rest("GET", f"/channels/{DRAWING}/messages/{answer.message_id}")
        assert (status, body["code"]) == (404, 10008)
        await interaction.edit_original_response(content="hush now")

    async with stage(one_command(act)) as on:
        await on.command("go")
        await on.until(lambda: [m.content for m in on.sandbox.world.messages.values()] == ["hush now"])
        assert on.bot.messages == []
        assert await on.texts("Ben") == []
        status, _ = await on.try_to("dismiss", "Ben", message_id=(await on.seen())[0]["id"])
        assert status == 404
        await on.act("dismiss", message_id=(await on.seen())[0]["id"])
        assert await on.seen() == []


async def test_foreign_tokens_and_unknown_interactions() -> None:
    async with stage() as on:
        status, body = await on.rest("POST", "/interactions/1/nothing/callback", json={"type": 5})
        assert (status, body["code"]) == (404, 10062)
        status, body = await on.rest("POST", f"/webhooks/{BOT}/nothing", json={"content": "x"})
        assert (status, body["code"]) == (401, 50027)
        status, body = await on.rest("POST", "/webhooks/7/nothing", json={"content": "x"})
        assert (status, body["code"]) == (404, 10015)


def callback(on: Stage) -> Any:
    async def send(interaction: discord.Interaction, body: Any) -> tuple[int, Any]:
        return await on.rest("POST", f"/interactions/{interaction.id}/{interaction.token}/callback", json=body)

    return send
