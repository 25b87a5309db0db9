"""/stats as a moderator sees it, and where its figures come from."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.domain.actor import Actor
from bot.domain.model_rules import ModelKind, ModelRef, RoleRule
from bot.domain.quota import Limit
from bot.domain.stats import Why
from bot.services.engine_wait import Patience
from bot.services.orders import Rules
from engine.api import errors
from engine.api.messages import Model, ModelFacts
from tests.fakes import PNG, FakeCharts
from tests.integration import conftest
from tests.integration.conftest import World


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(4, "hour"),), at_once=1, patience=Patience(5.0)))


@pytest.fixture
def boss(world: World) -> Any:
    managers = world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return world.env.guild.add_member(world.env.create_user("Boss"), roles=[managers])


def charts(world: World) -> FakeCharts:
    found = world.bot.services.charts
    assert isinstance(found, FakeCharts)
    return found


async def imagine(world: World, words: str = "a red boat", count: int = 1, **more: Any) -> str:
    result = await world.ada.slash(world.channel, "imagine", prompt=words, count=count, **more)
    return str(result.response.content)


async def refused(world: World, boss: Any) -> dict[Why, int]:
    await boss.slash(world.channel, "stats")
    return charts(world).drawn[-1][0].refused


async def test_the_chart_has_words_for_who_cannot_see_it_and_the_figures_stand_beside(world: World, boss: Any) -> None:
    await imagine(world, count=2)
    result = await boss.slash(world.channel, "stats", days=7)
    assert result.ephemeral
    assert result.response.content.splitlines() == [
        "**The last 7 days in this server, in UTC, with today**",
        "Pictures: 2; on the busiest day 2.",
        "Wait from request to picture: half within 0.0 s, nine of ten within 0.0 s.",
        "Requests refused: 0.",
        "Requests that failed and were refunded: 0.",
    ]
    (chart,) = result.response.attachments
    assert chart.filename == "stats.png"
    assert chart.description.startswith("Chart of the last 7 days. Pictures: 2.")
    report, words, plain = charts(world).drawn[0]
    assert len(report.days) == 7
    assert words == plain


async def test_in_chinese_for_who_reads_chinese(world: World, boss: Any) -> None:
    world.speaks[boss.id] = "zh-CN"
    result = await boss.slash(world.channel, "stats", days=1)
    assert result.response.content.startswith("**本服务器今天（UTC）**")
    assert charts(world).drawn[0][1]["pictures"] == "图片"


async def test_without_a_chart_the_figures_remain(world: World, boss: Any) -> None:
    charts(world).fails = True
    result = await boss.slash(world.channel, "stats")
    assert "The chart could not be drawn" in result.response.content
    assert not result.response.attachments


async def test_each_refusal_is_counted_where_it_happens(world: World, boss: Any) -> None:
    await boss.slash(world.channel, "moderation words add", word="lake")
    await imagine(world, "a lake")
    await imagine(world)  # the model adds a lake
    await boss.slash(world.channel, "moderation words remove", word="lake")
    await boss.slash(world.channel, "moderation pause")
    await imagine(world)
    await boss.slash(world.channel, "moderation resume")
    await boss.slash(world.channel, "moderation channels deny", channel=world.channel)
    await imagine(world)
    await boss.slash(world.channel, "moderation channels allow", channel=world.channel)
    await boss.slash(world.channel, "moderation block", user=world.ada)
    await imagine(world)
    await boss.slash(world.channel, "moderation unblock", user=world.ada)
    await boss.slash(world.channel, "moderation photos", mode="off")
    await imagine(world, image=("boat.png", PNG))
    guild, wax = world.env.guild.id, ModelRef(ModelKind.LORA, "wax")
    await world.bot.services.moderation.set_model_rule(Actor(boss.id, guild, manages=True), wax, guild, RoleRule.DENIED)
    await imagine(world, "a boat <lora:wax:1>")
    world.engine.fails = [errors.QueueFull("full")]
    await imagine(world)
    world.engine.fails = [errors.ContentBlocked("no")]
    await imagine(world)
    painted = world.hold()
    await imagine(world, count=3)
    await imagine(world)
    painted.set()
    await world.env.settle()
    await imagine(world, count=2)
    assert await refused(world, boss) == dict.fromkeys(set(Why) - {Why.CHECK, Why.REVIEW}, 1)
    report = charts(world).drawn[-1][0]
    assert (report.pictures, report.failed) == (3, 0)


async def test_what_the_check_and_the_moderators_refused_is_no_failure(world: World, boss: Any) -> None:
    world.engine.listed = [Model("fake", limner=ModelFacts("painter", check="on"))]
    world.engine.scores = [0.9]
    await imagine(world)
    await boss.slash(world.channel, "moderation nsfw", policy="hold")
    await imagine(world)
    (held,) = await world.jobs.unfinished()
    await world.bot.services.review.remove(Actor(boss.id, world.env.guild.id, manages=True), held.id)
    assert await refused(world, boss) == {Why.CHECK: 1, Why.REVIEW: 1}
    assert charts(world).drawn[-1][0].failed == 0


async def test_a_failure_is_one_and_what_someone_stopped_is_none(world: World, boss: Any) -> None:
    world.engine.fails = [errors.OutOfMemory("none left")]
    await imagine(world)
    painted = world.hold()
    await imagine(world)
    await world.ada.click(world.message, label="Cancel")
    painted.set()
    await boss.slash(world.channel, "stats")
    report = charts(world).drawn[-1][0]
    assert (report.pictures, report.failed, report.refused) == (0, 1, {})
