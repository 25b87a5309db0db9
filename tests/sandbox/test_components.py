"""Buttons, menus and forms under messages; a member uses them, the bot answers, and old ones work after a restart."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.sandbox.stage import DRAWING, Stage, TinyBot, stage


class Form(discord.ui.Modal, title="Refine"):
    words: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Words", min_length=2, max_length=20)
    look: discord.ui.Label[Any] = discord.ui.Label(
        text="Look",
        component=discord.ui.Select(options=[discord.SelectOption(label="Oil"), discord.SelectOption(label="Ink")]),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        select = self.look.component
        assert isinstance(select, discord.ui.Select)
        await interaction.response.edit_message(content=f"{self.words.value} in {select.values[0]}", view=None)


class Panel(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="More", emoji="🔁", style=discord.ButtonStyle.primary, custom_id="more")
    async def more(self, interaction: discord.Interaction, button: discord.ui.Button[Any]) -> None:
        button.label = f"{button.label}!"
        await interaction.response.edit_message(view=self)

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"later, {interaction.user.name}")
        await interaction.followup.send("private", ephemeral=True)

    @discord.ui.button(label="Form", custom_id="form")
    async def form(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Form())

    @discord.ui.button(label="Never", disabled=True, custom_id="never")
    async def never(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        raise AssertionError

    @discord.ui.select(
        custom_id="menu",
        max_values=2,
        options=[discord.SelectOption(label=name) for name in ("subtle", "strong", "wild")],
    )
    async def menu(self, interaction: discord.Interaction, select: discord.ui.Select[Any]) -> None:
        await interaction.response.send_message(" and ".join(select.values), ephemeral=True)


def with_panel(bot: TinyBot) -> None:
    @bot.tree.command(description="Panel")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("panel", view=Panel())


async def posted(on: Stage) -> str:
    return str((await on.command("panel"))["message_id"])


async def test_a_button_edits_its_message() -> None:
    async with stage(with_panel) as on:
        message = await posted(on)
        [shown] = await on.seen()
        labels = [item["label"] for item in shown["components"][0]["components"]]
        assert labels == ["More", "Later", "Form", "Never"]
        outcome = await on.act("click", "Ben", message_id=message, custom_id="more")
        assert (outcome["outcome"], outcome["message_id"]) == ("updated", message)
        [shown] = await on.seen()
        assert shown["components"][0]["components"][0]["label"] == "More!"
        assert shown["edited_timestamp"] is not None


async def test_a_button_defers_edits_and_follows_up() -> None:
    async with stage(with_panel) as on:
        await on.act("click", "Ben", message_id=await posted(on), custom_id="later")
        await on.until(lambda: len(on.sandbox.world.messages) == 2)
        assert await on.texts("Ben") == ["later, ben", "private"]
        assert await on.texts("Ada") == ["later, ben"]


async def test_a_menu_gives_its_values() -> None:
    async with stage(with_panel) as on:
        message = await posted(on)
        await on.act("select", message_id=message, custom_id="menu", values=["subtle", "wild"])
        answer = (await on.seen())[-1]
        assert answer["content"] == "subtle and wild"
        assert answer["message_reference"]["message_id"] == message
        for values in ([], ["none"], ["subtle", "strong", "wild"]):
            status, _ = await on.try_to("select", message_id=message, custom_id="menu", values=values)
            assert status == 400


async def test_a_form_is_filled_in() -> None:
    async with stage(with_panel) as on:
        shown = await on.act("click", message_id=await posted(on), custom_id="form")
        assert (shown["outcome"], shown["modal"]["title"]) == ("modal", "Refine")
        words, look = (row.get("component") or row["components"][0] for row in shown["modal"]["components"])
        fields = {words["custom_id"]: "at night", look["custom_id"]: ["Ink"]}
        asked = {"interaction_id": shown["interaction_id"]}
        status, complaint = await on.try_to("modal", fields={**fields, words["custom_id"]: "x"}, **asked)
        assert (status, complaint["message"]) == (400, "Words: 2 to 20 characters.")
        status, _ = await on.try_to("modal", fields={}, **asked)
        assert status == 400
        status, _ = await on.try_to("modal", "Ben", fields=fields, **asked)
        assert status == 400
        await on.act("modal", fields=fields, **asked)
        assert await on.texts() == ["at night in Ink"]


async def test_what_cannot_be_clicked() -> None:
    async with stage(with_panel) as on:
        message = await posted(on)
        for custom_id in ("never", "unknown"):
            status, _ = await on.try_to("click", message_id=message, custom_id=custom_id)
            assert status == 400
        status, body = await on.try_to("click", message_id="1", custom_id="more")
        assert (status, body["code"]) == (404, 10008)


async def test_a_button_outlives_the_bot() -> None:
    async with stage(with_panel) as on:
        message = await posted(on)
        on.bot._connection._view_store._views.clear()
        on.bot.add_view(Panel())
        assert (await on.act("click", message_id=message, custom_id="more"))["outcome"] == "updated"


ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "A", "custom_id": "a"}]}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "A", "custom_id": "a", **changes}


@pytest.mark.parametrize(
    "rows",
    [
        [{"type": 1, "components": [button(custom_id=str(n))]} for n in range(6)],
        [{"type": 1, "components": [button(custom_id=str(n)) for n in range(6)]}],
        [{"type": 1, "components": [button(), button()]}],
        [{"type": 1, "components": [button(custom_id="x" * 101)]}],
        [{"type": 1, "components": [button(label="x" * 81)]}],
        [{"type": 1, "components": [button(label="")]}],
        [{"type": 1, "components": []}],
        [button()],
        [{"type": 1, "components": [{"type": 3, "custom_id": "s", "options": []}]}],
    ],
)
async def test_rows_that_discord_refuses(rows: list[Any]) -> None:
    async with stage() as on:
        body = {"content": "x", "components": rows}
        status, answer = await on.rest("POST", f"/channels/{DRAWING}/messages", json=body)
        assert (status, answer["code"]) == (400, 50035)
        assert "components" in answer["errors"]
        assert await on.seen() == []
