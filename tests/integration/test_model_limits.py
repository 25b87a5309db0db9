"""Limits of one model, beside those of all: as moderators set them, and as members meet them on every way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Order, Place
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.storage.personal_data import Records
from bot.ui.i18n import text
from engine.api.errors import EngineError
from engine.api.messages import Model
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_limits import boss, rows
from tests.integration.test_models import LARGE, SMALL, offering
from tests.integration.test_models import imagine as draw
from tests.integration.test_photos import again, refine, reply

__all__ = ["boss"]

HOST = Rules((Limit(6, "hour"),), at_once=9, ceiling=(Limit(9, "hour"),))


@pytest.fixture(autouse=True)
async def host(world: World) -> None:
    await offering(world)


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", HOST)


async def order(world: World, who: Any, verb: str, **options: Any) -> str:
    result = await who.slash(world.channel, f"limits {verb}", **options)
    assert result.ephemeral
    return str(result.response.content)


async def limit(world: World, who: Any, images: int, per: str = "day", model: str = LARGE, **options: Any) -> str:
    options.setdefault("target", world.env.guild.default_role)
    return await order(world, who, "set", images=images, per=per, model=model, **options)


async def usage(world: World, who: Any = None) -> str:
    return str((await (who or world.ada).slash(world.channel, "my usage")).response.content)


async def test_a_picture_counts_toward_its_model_and_toward_all(world: World, boss: Any) -> None:
    supporters = world.env.guild.create_role("Supporters")
    eve = world.env.guild.add_member(world.env.create_user("Eve"), roles=[supporters])
    said = await limit(world, boss, 1)
    assert said.splitlines() == [
        "**Set. What counts for everyone now**",
        "everyone: 1 each day with large",
        "-# A picture with large counts toward this and toward the limit for all models; both hold, and granted"
        " pictures raise that one alone.",
    ]
    await limit(world, boss, 3, target=supporters)
    assert (await draw(world, model=LARGE)).endswith("0 of 1 with large left this day.")
    refused = "1 of 1 pictures with large used this day; the next with it is free <t:1800086400:R>."
    assert await draw(world, model=LARGE) == refused
    assert await draw(world, model=LARGE, private=True) == refused
    said = await draw(world, model=LARGE, count=2)
    assert (
        said
        == "You asked for 2 pictures, and the limit with large is 1 each day; ask for fewer, or choose another model."
    )
    assert await world.used(world.ada) == 1, "a refusal counts toward neither"
    assert LARGE not in await draw(world, model=SMALL), "what is left of another model is not told"
    assert await world.used(world.ada) == 2, "another model goes on"
    lines = (await usage(world)).splitlines()
    assert lines[1].startswith("4 of 6 pictures left this hour")
    assert lines[2] == "0 of 1 pictures with large left this day; the next comes back <t:1800086400:R>"
    assert lines[-1] == (
        "-# The limit of large holds beside that, granted pictures included: a moderator set it for everyone in this"
        " server."
    )
    for _ in range(3):
        await draw(world, eve, model=LARGE)
    assert (await draw(world, eve, model=LARGE)).startswith("3 of 3 pictures with large used this day"), "the role's"
    assert "a moderator set it for <@&" in await usage(world, eve)
    shown = await order(world, boss, "why", user=eve)
    assert f"<@&{supporters.id}>: 3 each day with large · **this one wins**" in shown
    assert "everyone: 1 each day with large · does not count: another goes first" in shown
    assert "The host's default: 6 each hour; 9 requests at once · **this one wins**" in shown
    assert f"3 of 3 with large used this day (the rule of <@&{supporters.id}>)" in shown
    assert (await order(world, boss, "show")).count("each day with large") == 2


async def test_a_models_limit_raises_nothing(world: World, boss: Any) -> None:
    assert "The host's ceiling is 9 each hour" in await limit(world, boss, 10, "hour")
    assert await rows(world) == []
    await limit(world, boss, 9, "hour")
    await draw(world, model=LARGE, count=4)
    await draw(world, model=LARGE, count=2)
    said = await draw(world, model=LARGE)
    assert said.startswith("6 of 6 pictures used this hour"), "the general one is the stricter"
    await order(world, boss, "grant", user=world.ada, images=50)
    await draw(world, model=LARGE, count=3)
    said = await draw(world, model=LARGE)
    assert "9 of 9 pictures" in said


async def test_a_grant_does_not_raise_a_models_limit(world: World, boss: Any) -> None:
    await order(world, boss, "set", target=world.ada, images=1, per="day")
    await limit(world, boss, 2)
    await order(world, boss, "grant", user=world.ada, images=5)
    assert "n its way" in await draw(world, model=LARGE, count=2)
    assert (await draw(world, model=LARGE)).startswith("2 of 2 pictures with large used this day")
    assert "4 granted pictures are left" in await usage(world), "of which the refused request took none"
    await draw(world, model=SMALL)
    assert await world.used(world.ada) == 3


async def test_what_fails_gives_both_back(world: World, boss: Any) -> None:
    await limit(world, boss, 1)
    world.engine.fails = [EngineError("it broke")]
    await draw(world, model=LARGE)
    assert "refunded" in world.message.content
    shown = await usage(world)
    assert "6 of 6 pictures left this hour" in shown
    assert "1 of 1 pictures with large left this day" in shown
    world.hold()
    await draw(world, model=LARGE)
    assert (await draw(world, model=LARGE)).startswith("1 of 1 pictures with large"), "what is on its way counts"
    await world.ada.click(world.message, label="Cancel")
    await world.env.settle()
    shown = await usage(world)
    assert "6 of 6 pictures left this hour" in shown
    assert "1 of 1 pictures with large left this day" in shown
    world.engine.hold = None
    await draw(world, model=LARGE)
    assert "0 of 1 pictures with large" in await usage(world)


async def test_none_stops_a_person_for_that_model_and_says_so(world: World, boss: Any) -> None:
    said = await limit(world, boss, 0, "week", target=world.ada, reason="too slow", expires="2h")
    assert "0 stops a person for large alone, until `/limits reset`." in said
    refused = await draw(world, model=LARGE)
    assert refused == (
        "No pictures with large are allowed for you here; choose another model, or ask a moderator, who can change that"
        " with /limits."
    )
    await order(world, boss, "grant", user=world.ada, images=3)
    assert await draw(world, model=LARGE) == refused
    assert "n its way" in await draw(world, model=SMALL)
    shown = await usage(world)
    assert "No pictures with large: a moderator allows 0." in shown
    assert "3 granted pictures are left on top." in shown, "the person is not stopped altogether"
    assert "0 each week with large · ends <t:1800007200:R> · reason: too slow" in shown
    said = await draw(world, world.ben, model=LARGE)
    assert "n its way" in said
    place = Place(world.ada.id, 1, None)
    assert (await world.bot.services.orders.submit(Order("a boat", model=LARGE), place)).job, "no block in messages"


WAYS: dict[str, Callable[[World, Any], Awaitable[str]]] = {
    "again": lambda world, made: again(world, None, made, world.ada),
    "refine": lambda world, made: refine(world, None, made, world.ada),
    "reply": lambda world, made: reply(world, None, made, world.ada),
    "no model named": lambda world, made: draw(world),
}


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_a_picture_counts_for_the_model_that_paints(world: World, boss: Any, way: str) -> None:
    usual = world.bot.services.catalog.facts.model
    painter = usual if way == "no model named" else next(name for name in (SMALL, LARGE) if name != usual)
    await limit(world, boss, 2, model=painter)
    await draw(world, model=painter)
    made = world.message
    world.env.backend.advance_clock(SAME_S)
    await WAYS[way](world, made)
    await world.env.settle()
    assert f"0 of 2 pictures with {painter} left this day" in await usage(world)
    world.env.backend.advance_clock(SAME_S)
    said = await WAYS[way](world, made)
    assert f"2 of 2 pictures with {painter} used this day" in (said or world.message.content)
    assert await world.used(world.ada) == 2


@pytest.mark.parametrize("way", ["again", "refine", "reply"])
async def test_another_models_picture_goes_on_every_way(world: World, boss: Any, way: str) -> None:
    await limit(world, boss, 0)
    await draw(world, model=SMALL)
    made = world.message
    world.env.backend.advance_clock(SAME_S)
    await WAYS[way](world, made)
    await world.env.settle()
    assert await world.used(world.ada) == 2
    assert [request.model for request, _ in world.engine.painted] == [SMALL, SMALL]


@pytest.mark.parametrize("typed", ["nosuch", "@everyone", "default", " "])
async def test_a_model_that_the_host_does_not_offer_is_one_sentence(world: World, boss: Any, typed: str) -> None:
    said = await limit(world, boss, 1, model=typed)
    assert said.startswith("The model ")
    assert " is not loaded; there is small, large" in said
    assert "@everyone" not in said
    assert await rows(world) == []
    world.bot.services.catalog.loaded = ()
    world.bot.services.catalog._facts = None
    assert "is not known yet" in await limit(world, boss, 1, model=typed)
    assert await rows(world) == []


async def test_a_models_rule_sets_no_number_at_once(world: World, boss: Any) -> None:
    assert await limit(world, boss, 1, at_once=2) == text("en", "refused-at-once-model")
    assert await rows(world) == []


async def test_the_options_offer_the_hosts_models(world: World, boss: Any) -> None:
    for verb in ("set", "reset"):
        more = {"images": 1, "per": "day"} if verb == "set" else {}
        offered = partial(boss.autocomplete, world.channel, f"limits {verb}", "model", target=world.ada, **more)
        assert [choice["value"] for choice in await offered("")] == [SMALL, LARGE]
        assert [choice["value"] for choice in await offered("LAR")] == [LARGE]
        assert await offered("nosuch") == []


async def test_reset_offers_a_model_that_is_gone_while_it_has_a_rule(world: World, boss: Any) -> None:
    async def offered(verb: str, typed: str = "", **more: Any) -> list[str]:
        given = await boss.autocomplete(world.channel, f"limits {verb}", "model", typed, target=world.ada, **more)
        return [choice["value"] for choice in given]

    await limit(world, boss, 1)
    await limit(world, boss, 1, target=world.ada)
    await offering(world, SMALL)
    assert await offered("reset") == [SMALL, LARGE]
    assert await offered("reset", "LAR") == [LARGE]
    assert await offered("set", images=1, per="day") == [SMALL]
    await order(world, boss, "reset", target=world.ada)
    await order(world, boss, "reset", target=world.env.guild.default_role)
    assert await offered("reset") == [SMALL]


async def test_reset_takes_one_model_or_all(world: World, boss: Any) -> None:
    await order(world, boss, "set", target=world.ada, images=5, per="day", at_once=2)
    await limit(world, boss, 2, target=world.ada)
    await limit(world, boss, 3, target=world.ada, model="SMALL")
    await order(world, boss, "grant", user=world.ada, images=4)
    await offering(world, SMALL)  # the other is gone, and its rule can still be taken away
    said = await order(world, boss, "reset", target=world.ada, model="Large")
    assert said.splitlines() == [f"**Taken away from <@{world.ada.id}>**", f"<@{world.ada.id}>: 2 each day with large"]
    said = await order(world, boss, "reset", target=world.ben, model=SMALL)
    assert said == f"There was nothing set for <@{world.ben.id}> with small."
    shown = await order(world, boss, "show")
    assert "5 each day · 2 requests at once" in shown
    assert "3 each day with small" in shown, "as the host spells it"
    assert "large" not in shown
    log = (await boss.slash(world.channel, "moderation log")).response.embeds[0].description.splitlines()
    assert log[0].endswith(
        "(5 each day, 2 each day with large, 3 each day with small, 2 requests at once → 5 each day, 3 each day with"
        " small, 2 requests at once)"
    )
    await order(world, boss, "reset", target=world.ada)
    assert await rows(world) == []


async def test_while_the_painter_is_not_known_every_models_limit_counts_and_then_its_own(
    world: World, boss: Any
) -> None:
    await limit(world, boss, 1)
    await limit(world, boss, 2, model=SMALL)
    catalog = world.bot.services.catalog
    catalog.loaded, catalog._facts = (), None
    painted = world.hold()
    await draw(world)
    assert "0 of 1 pictures with large" in await usage(world)
    assert "1 of 2 pictures with small" in await usage(world)
    assert "pictures with large used this day" in await draw(world)
    painted.set()
    await world.env.settle()
    assert "1 of 1 pictures with large" in await usage(world), "another one painted: fake"
    assert "2 of 2 pictures with small" in await usage(world)
    assert await world.used(world.ada) == 1


async def test_a_service_that_names_its_default_only_leaves_it_unknown(world: World, boss: Any) -> None:
    world.engine.listed = [Model("one"), Model("two")]
    await world.bot.services.catalog.refresh()
    await limit(world, boss, 1, model="two")
    await draw(world, model="two")
    assert (await draw(world)).startswith("1 of 1 pictures with two used this day")
    assert "n its way" in await draw(world, model="one")


async def test_the_export_has_the_model_and_an_erase_gives_nothing_back(world: World, boss: Any) -> None:
    await limit(world, boss, 1)
    await draw(world, model=LARGE)
    await limit(world, boss, 2, target=world.ada)
    records, now = Records(world.database), world.clock.now()
    kept = await records.kept(world.ada.id, now)
    assert [use["model"] for use in kept["usage"]] == [LARGE]
    assert [(rule["model"], rule["images"]) for rule in kept["rules"]] == [(LARGE, 2)]
    await order(world, boss, "reset", target=world.ada)
    assert (await records.erase(world.ada.id, now)).whole
    assert [use["model"] for use in (await records.kept(world.ada.id, now))["usage_from_before_an_erase"]] == [LARGE]
    assert await world.used(world.ada) == 1
    assert (await draw(world, model=LARGE)).startswith("1 of 1 pictures with large used this day")
    assert "n its way" in await draw(world, model=SMALL)


async def test_it_is_in_chinese_for_those_who_read_chinese(world: World, boss: Any) -> None:
    world.speaks |= {boss.id: "zh-CN", world.ada.id: "zh-CN"}
    assert "每日 1 张（用 large）" in await limit(world, boss, 1, target=world.ada)
    await draw(world, model=LARGE)
    assert await draw(world, model=LARGE) == "本日用 large 已画 1/1 张；下一张 <t:1800086400:R> 可用。"
    assert "large 的限额也有效" in await usage(world)
