"""/help, /styles and /status, as members see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from discord import app_commands

from bot.domain.styles import Style, Styles
from bot.ui.button_items import CANCEL, FINISHED, MORE
from bot.ui.help import help_text
from bot.ui.i18n import text
from engine.api.errors import EngineError, ModelLoading, Unavailable
from engine.api.messages import CheckState, Model, ModelFacts, Status
from tests.fakes import FakeEngine
from tests.integration import conftest
from tests.integration.conftest import World

MESSAGE_CHARS, DESCRIPTION_CHARS = 2_000, 4_096


def localised_path(locale: str, command: str) -> str:
    """Return how the command is written in that language."""
    words = command.split()
    paths = ("-".join(words[:end]) for end in range(1, len(words) + 1))
    return " ".join(text(locale, f"command-{path}-name") for path in paths)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_help_names_every_command_option_and_button(world: World, locale: str) -> None:
    world.speaks[world.ada.id] = locale
    result = await world.ada.slash(world.channel, "help")
    assert result.ephemeral
    told = result.response.content
    assert told == help_text(locale)
    assert len(told) <= MESSAGE_CHARS
    moderation = world.env.bot.tree.get_command("moderation")
    assert "`/moderation`" in told, "its many verbs show up once it is typed"
    for command in world.env.bot.tree.walk_commands():
        if (
            isinstance(command, app_commands.Command)
            and command.name != "help"
            and command.root_parent is not moderation
        ):
            assert f"`/{command.qualified_name}`" in told, command.qualified_name
            assert f"`/{localised_path(locale, command.qualified_name)}`" in told, command.qualified_name
    for option in world.env.bot.tree.get_command("imagine").parameters:
        shown = {option.name, text(locale, f"option-{option.name}-name")} - {"prompt", "描述"}
        assert all(f"`{name}`" in told for name in shown), shown
    for menu in ("refine-picture", "favourite-picture", "start-from-this-picture"):
        assert f"**{text(locale, f'menu-{menu}-name')}**" in told, menu
    for action in (*FINISHED, MORE, CANCEL):
        assert f"**{text(locale, f'button-{action}')}**" in told, action


async def test_styles_are_listed_with_a_line_each(world: World) -> None:
    result = await world.ada.slash(world.channel, "styles")
    assert result.ephemeral
    (embed,) = result.response.embeds
    assert "**Watercolor**: Light washes on paper" in embed.description.splitlines()
    assert len(embed.description.splitlines()) == len(conftest.STYLES)
    assert "`/imagine`" in result.response.content
    world.speaks[world.ada.id] = "zh-CN"
    (chinese,) = (await world.ada.slash(world.channel, "styles")).response.embeds
    assert "**水彩**：纸上的轻薄水色" in chinese.description.splitlines()


class TestManyStyles:
    @pytest.fixture(autouse=True)
    def many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        styles = [Style(f"s-{n}", {"": f"Style {n}"}, {"": "x" * 280}) for n in range(20)]
        monkeypatch.setattr(conftest, "STYLES", Styles(styles))

    async def test_styles_that_fill_more_than_a_page_are_turned(self, world: World) -> None:
        shown = (await world.ada.slash(world.channel, "styles")).response
        seen = list(self.names(shown))
        await world.restart()
        await world.ada.click(shown, label="On ▶")
        seen += self.names(shown)
        assert seen == [f"Style {n}" for n in range(20)]
        await world.ada.click(shown, label="◀ Back")
        assert next(self.names(shown)) == "Style 0"

    def names(self, shown: Any) -> Iterator[str]:
        (embed,) = shown.embeds
        assert len(embed.description) <= DESCRIPTION_CHARS
        for line in embed.description.splitlines():
            yield line.split("**")[1]


PAINTER = Model("gpt-image-1", owned_by="openai", limner=ModelFacts("painter", lacks=["seed", "steps"], hosted=True))
PLANNER = Model("qwen", limner=ModelFacts("planner", knows={"en": ["beach", "boat"], "zh": ["海滩", "船"]}))


class TestStatus:
    @pytest.fixture(autouse=True)
    def models(self, engine: FakeEngine) -> None:
        engine.listed = [PAINTER, PLANNER]

    async def test_status_tells_models_what_they_lack_and_where_words_go(self, world: World) -> None:
        world.clock.at += 3_600
        result = await world.ada.slash(world.channel, "status")
        assert result.ephemeral
        assert result.response.content.splitlines() == [
            "**Limner**",
            "The engine is ready and nothing waits: a new picture begins at once.",
            "Painter: gpt\\-image\\-1",
            "-# It runs at another service (openai): what you write is sent there.",
            "-# It takes no notice of: seed, steps",
            "Language model: qwen",
            "-# It knows a small world: beach, boat",
            "No request is on its way.",
            "Started <t:1800000000:R>",
        ]

    @pytest.mark.parametrize(
        ("check", "told"),
        [("on", "on"), ("unneeded", "not needed"), ("off", "turned off"), ("failed", "nothing is drawn")],
    )
    async def test_status_tells_how_the_picture_check_stands(self, world: World, check: CheckState, told: str) -> None:
        world.engine.listed = [Model("painter", limner=ModelFacts("painter", check=check))]
        await world.bot.services.catalog.refresh()
        lines = (await world.ada.slash(world.channel, "status")).response.content.splitlines()
        assert [told in line for line in lines if "Picture check" in line] == [True]

    async def test_status_counts_what_is_on_its_way(self, world: World) -> None:
        world.engine.listed = []
        painted = world.hold()
        await world.ada.slash(world.channel, "imagine", prompt="a boat")
        world.engine.queue = Status(waiting=3, wait_s=42.0)
        told = (await world.ben.slash(world.channel, "status")).response.content
        assert "3 pictures wait or are being painted; a new one begins <t:1800000042:R>." in told
        assert "1 request is on its way." in told
        painted.set()
        await world.env.settle()

    @pytest.mark.parametrize(
        ("queue", "sentence"),
        [
            (Status(waiting=1), "1 picture waits or is being painted."),
            (Status(), "The engine works; it does not tell how many wait."),
            (Unavailable("x"), "The engine does not answer."),
            (ModelLoading("x"), "The engine is loading its models."),
        ],
    )
    async def test_an_engine_that_tells_less_or_nothing_is_told_plainly(
        self, world: World, queue: Status | EngineError, sentence: str
    ) -> None:
        world.engine.queue = queue
        told = (await world.ada.slash(world.channel, "status")).response.content
        assert sentence in told
        assert "Painter: gpt" in told, "what was loaded last is still known"

    async def test_status_is_in_chinese_for_those_who_read_chinese(self, world: World) -> None:
        world.speaks[world.ada.id] = "zh-CN"
        told = (await world.ada.slash(world.channel, "status")).response.content
        assert "绘画模型：gpt" in told
        assert "它不理会：种子、步数" in told
        assert "它只认识一个小世界：海滩、船" in told
