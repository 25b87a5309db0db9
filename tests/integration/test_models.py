"""LoRAs and models in Discord: the options, what is offered, and which roles may use what, in every way to start."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.builders import RoleHandle

from bot.cogs.double_press import SAME_S
from bot.cogs.public_refusals import INTERVAL_S
from bot.domain.account import Account
from bot.domain.actor import Actor, NotModerator
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.model_rules import ModelKind, ModelRef, RoleRule
from bot.domain.moderation import Action, Barred, Entry
from bot.domain.quota import Limit
from bot.host.agent_wire import Draw
from bot.services.orders import Rules
from bot.storage.audit import Audit
from bot.storage.ledger import Ledger
from bot.storage.moderation import Decisions
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from engine.api.messages import Lora, LoraFacts, Model, ModelFacts
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_agents import call
from tests.integration.test_moderation import moderator
from tests.integration.test_photos import Way, again, answered, refine, refine_by_menu, reply, upscale

INK = LoraFacts("ink-wash", ["inkwash", "bold lines"])
LARGE, SMALL = "large", "small"
FACTS = ModelFacts("painter", sizes={"square": "512x512"}, loras=[INK, LoraFacts("Pixel Art"), LoraFacts("wax")])


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


async def offering(world: World, *models: str, facts: ModelFacts = FACTS) -> None:
    """Let the engine have these painters, of which the last paints by default."""
    world.engine.listed = [Model(name, limner=facts) for name in models or (SMALL, LARGE)]
    await world.bot.services.catalog.refresh()


async def imagine(world: World, who: Any = None, **options: Any) -> str:
    result = await (who or world.ada).slash(world.channel, "imagine", **{"prompt": "a red boat", **options})
    await world.env.settle()
    return str(result.response.content) if result.response else ""


async def test_the_option_chooses_loras_with_their_weights_and_trigger_words(world: World) -> None:
    await offering(world)
    await imagine(world, lora="INK-wash:0,8, Pixel Art")
    asked = world.engine.painted[-1][0]
    assert asked.loras == [Lora("ink-wash", 0.8), Lora("Pixel Art", 1.0)]
    assert asked.prompt.endswith(", inkwash, bold lines")
    assert "inkwash" not in world.message.content, "nobody asked for the words"
    shown = await under_more(world.ada, world.message, "Details")
    fields = {field.name: field.value for field in shown.response.embeds[0].fields}
    assert fields["LoRAs"].replace("\\", "") == "INK-wash:0.8 (inkwash, bold lines), Pixel Art:1"
    world.env.backend.advance_clock(SAME_S)
    await world.ada.click(world.message, label="Again")
    await world.env.settle()
    assert world.engine.painted[-1][0].loras == asked.loras
    await imagine(world, prompt="a boat, inkwash <lora:wax:0.5> <lora:ink-wash:2>", lora="ink-wash:-1", exact=False)
    asked = world.engine.painted[-1][0]
    assert asked.loras == [Lora("wax", 0.5), Lora("ink-wash", -1.0)], "the option's weight counts"
    assert "bold lines" not in asked.prompt, "who wrote one of the words chose them"
    await imagine(world, prompt="a boat", lora="ink-wash", exact=True)
    assert world.engine.painted[-1][0].prompt == "a boat"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            "nosuch",
            "There is no LoRA nosuch here, so nothing was drawn or counted; there are: ink-wash, Pixel Art, wax.",
        ),
        ("../../etc/passwd", "There is no LoRA ../../etc/passwd here"),
        ("ink-wash, nosuch:0.5", "There is no LoRA nosuch here"),
        ("ink-wash:9", "ink-wash:9 is no LoRA's name with a weight from -2 to 2, such as ink:0.8"),
        ("ink-wash:abc", "ink-wash:abc is no LoRA's name with a weight"),
        ("ink-wash:nan", "ink-wash:nan is no LoRA's name with a weight"),
        ("ink-wash:", "ink-wash: is no LoRA's name with a weight"),
        (":0.5", ":0.5 is no LoRA's name with a weight"),
        ("wax,,ink-wash", "is no LoRA's name with a weight"),
        ("a, b, c, d, e", "with commas between, 4 at most"),
    ],
)
async def test_a_slip_in_the_option_is_one_sentence_and_nothing_is_counted(
    world: World, typed: str, sentence: str
) -> None:
    await offering(world)
    said = await imagine(world, lora=typed)
    assert sentence in said.replace("\\", "").replace("\u200b", "")
    assert said.count("\n") == 0
    assert (world.engine.painted, await world.used(world.ada)) == ([], 0)
    world.speaks[world.ada.id] = "zh-CN"
    assert "LoRA" in await imagine(world, lora=typed)


@pytest.mark.parametrize("typed", ["ink-wash：0.8，wax", "ink-wash:0.8、wax", "INK-WASH：0，8， wax"])
async def test_the_option_takes_the_signs_that_a_chinese_keyboard_writes(world: World, typed: str) -> None:
    await offering(world)
    await imagine(world, lora=typed)
    assert world.engine.painted[-1][0].loras == [Lora("ink-wash", 0.8), Lora("wax", 1.0)]
    offered = await world.ada.autocomplete(world.channel, "imagine", "lora", "ink-wash：0.8，wa", prompt="a boat")
    assert [choice["value"] for choice in offered] == ["ink-wash:0.8, wax"]


@pytest.mark.parametrize("typed", ["SMALL", " Small "])
async def test_a_model_s_name_may_be_typed_in_any_case(world: World, typed: str) -> None:
    await offering(world)
    await imagine(world, model=typed)
    assert world.engine.painted[-1][0].model == SMALL


async def test_a_slip_names_only_what_the_member_may_use(world: World) -> None:
    await offering(world)
    boss = moderator(world)
    await boss.slash(world.channel, "moderation models deny", role=everyone(world), model=SMALL, lora="ink-wash")
    assert "there is large, which" in await imagine(world, model="nosuch")
    assert "there are: Pixel Art, wax." in await imagine(world, lora="nosuch")
    await boss.slash(world.channel, "moderation models deny", role=everyone(world), model=LARGE)
    assert "there is small, large, which" in await imagine(world, model="nosuch"), "where none may be used, all"


async def test_the_notation_and_an_earlier_picture_meet_loras_that_are_not_there(world: World) -> None:
    await offering(world)
    assert "There is no LoRA nosuch here" in await imagine(world, prompt="a boat <lora:nosuch:1>")
    assert await world.used(world.ada) == 0
    await imagine(world, lora="wax")
    picture = world.message
    await offering(world, facts=ModelFacts("painter", loras=[INK]))
    world.env.backend.advance_clock(SAME_S)
    await again(world, None, picture, world.ada)
    await world.env.settle()
    assert "Painted without wax" in world.message.content
    await offering(world, facts=ModelFacts("painter"))
    await imagine(world, prompt="a boat <lora:nosuch:1>")
    assert "Painted without nosuch" in world.message.content, "as where another tool's words are pasted"


async def test_a_model_that_is_gone_is_one_sentence(world: World) -> None:
    await offering(world)
    await imagine(world, model=SMALL)
    picture = world.message
    await offering(world, LARGE)
    for way in (again, refine, reply):
        world.env.backend.advance_clock(SAME_S)
        painted = len(world.engine.painted)
        said = await way(world, None, picture, world.ada)
        await world.env.settle()
        assert "small" in said, way.__name__
        assert LARGE in said
        assert len(world.engine.painted) == painted
    assert await world.used(world.ada) == 1


async def test_names_are_completed_with_their_trigger_words(world: World) -> None:
    await offering(world)

    async def offered(option: str, typed: str, who: Any = None) -> list[tuple[str, str]]:
        given = await (who or world.ada).autocomplete(world.channel, "imagine", option, typed, prompt="a boat")
        return [(choice["name"], choice["value"]) for choice in given]

    assert await offered("lora", "") == [
        ("ink-wash (inkwash, bold lines)", "ink-wash"), ("Pixel Art", "Pixel Art"), ("wax", "wax"),
    ]  # fmt: skip
    assert await offered("lora", "ink-wash:0.8, wa") == [("ink-wash:0.8, wax", "ink-wash:0.8, wax")]
    assert await offered("lora", "INK:0.5") == [("ink-wash:0.5 (inkwash, bold lines)", "ink-wash:0.5")]
    assert await offered("lora", "nosuch") == []
    many = [LoraFacts(f"{n:02}{'x' * 98}", ["word" * 15]) for n in range(40)]
    await offering(world, facts=ModelFacts("painter", loras=many))
    choices = await offered("lora", "")
    assert len(choices) == 25
    assert max(len(text) for choice in choices for text in choice) <= 100
    await offering(world)
    boss = moderator(world)
    denied = {"role": everyone(world), "model": LARGE, "lora": "ink-wash"}
    said = (await boss.slash(world.channel, "moderation models deny", **denied)).response.content
    assert said.count("for nobody.") == 2
    assert await offered("model", "") == [(SMALL, SMALL)]
    assert [value for _, value in await offered("lora", "")] == ["Pixel Art", "wax"]
    moderators = await boss.autocomplete(world.channel, "moderation models deny", "lora", "ink", role=everyone(world))
    assert [choice["value"] for choice in moderators] == ["ink-wash"]


def everyone(world: World) -> RoleHandle:
    """Return the role that all have, which has the server's id."""
    role: RoleHandle = world.env.guild.default_role
    return role


@pytest.fixture
def painters(world: World) -> Any:
    return world.env.guild.create_role("Painters")


@pytest.fixture
def cy(world: World, painters: Any) -> Any:
    """A member with the role Painters."""
    return world.env.guild.add_member(world.env.create_user("Cy"), roles=[painters])


async def by_option(world: World, photo: Any, made: Any, who: Any) -> str:
    return await imagine(world, who, lora="ink-wash")


async def by_notation(world: World, photo: Any, made: Any, who: Any) -> str:
    return await imagine(world, who, prompt="a boat <lora:INK-WASH:0.5>")


async def by_mention(world: World, photo: Any, made: Any, who: Any) -> str:
    await who.send(world.channel, f"<@{world.env.bot.user.id}> a boat <lora:ink-wash:0.5>")
    return str(world.message.content)


async def by_agent(world: World, photo: Any, made: Any, who: Any) -> str:
    asked = call(Draw, world, who, words="a boat <lora:ink-wash:0.5>")
    return (await world.bot.agents.answer(asked)).says


async def vary(world: World, photo: Any, made: Any, who: Any) -> str:
    asked = await who.click(made, label="Vary")
    chosen = await who.select(asked.response, values=["strong"])
    return str(chosen.followups[-1].content) if chosen.followups else answered(chosen)


WAYS: tuple[Way, ...] = (
    by_option,
    by_notation,
    by_mention,
    by_agent,
    reply,
    refine,
    refine_by_menu,
    again,
    vary,
    upscale,
)


@pytest.mark.parametrize("kind", ["lora", "model"])
async def test_what_is_for_a_role_alone_is_refused_to_others_in_every_way(
    world: World, painters: Any, cy: Any, kind: str
) -> None:
    await offering(world)
    await imagine(world, cy, lora="ink-wash", model=LARGE)
    made = world.message
    boss, name = moderator(world), {"lora": "ink-wash", "model": LARGE}[kind]
    result = await boss.slash(world.channel, "moderation models allow", role=painters, **{kind: name})
    assert f"for <@&{painters.id}> alone" in result.response.content
    used = await world.used(world.ada)
    ways = WAYS if kind == "lora" else (reply, refine, refine_by_menu, again, vary, upscale)
    for way in ways:
        for who, may in ((world.ada, False), (cy, True)):
            world.env.backend.advance_clock(SAME_S)
            world.clock.at += INTERVAL_S
            painted = len(world.engine.painted)
            said = await way(world, None, made, who)
            await world.env.settle()
            if may:
                assert len(world.engine.painted) == painted + 1, (way.__name__, said)
            else:
                assert len(world.engine.painted) == painted, way.__name__
                roles = f"<@&{painters.id}>"
                assert said == text("en", f"barred-{kind}-roles", name=plain(name), roles=roles), way.__name__
    assert await world.used(world.ada) == used
    entries = await Audit(world.database).entries(world.env.guild.id, None, 0, 9)
    assert [entry.action for entry in entries if entry.action is Action.MODEL_ALLOW]
    log = await boss.slash(world.channel, "moderation log")
    line = str(log.response.embeds[0].description)
    assert f"<@&{painters.id}>" in line
    assert f"{name}: allowed" in line.replace("\\", "")


async def test_a_denied_role_goes_before_an_allowed_one_and_to_allow_lifts_that(
    world: World, painters: Any, cy: Any
) -> None:
    await offering(world)
    boss = moderator(world)

    async def rule(verb: str, role: Any, **named: str) -> str:
        result = await boss.slash(world.channel, f"moderation models {verb}", role=role, **named)
        return str(result.response.content)

    async def may(who: Any) -> bool:
        painted = len(world.engine.painted)
        await imagine(world, who, lora="wax")
        return len(world.engine.painted) > painted

    assert "everyone but <@&" in await rule("deny", painters, lora="WAX")
    assert (await may(world.ada), await may(cy)) == (True, False)
    assert "the LoRA wax: for everyone." in await rule("allow", painters, lora="wax")
    assert await may(cy)
    await rule("allow", everyone(world), lora="wax")
    assert "alone, and not for" in await rule("deny", painters, lora="wax")
    assert (await may(world.ada), await may(cy)) == (True, False)
    shown = (await boss.slash(world.channel, "moderation models list")).response.content
    assert "the LoRA wax" in shown
    assert "everyone" in shown
    for wrong in ({"model": "flux3-ultra"}, {"lora": "flux3-ultra"}):
        said = await rule("deny", painters, **wrong)
        assert plain("flux3-ultra") in said
        assert plain(LARGE if "model" in wrong else "ink-wash") in said
    assert "flux3" not in (await boss.slash(world.channel, "moderation models list")).response.content
    await offering(world, facts=ModelFacts("painter"))
    assert "wax" in await rule("allow", painters, lora="wax"), "a rule on what is gone can be lifted"


async def test_again_with_a_model_that_is_gone_or_closed_says_how_to_ask_with_another(
    world: World, painters: Any
) -> None:
    await offering(world)
    await world.ada.slash(world.channel, "imagine", prompt="a boat", model=LARGE)
    picture = world.message
    await moderator(world).slash(world.channel, "moderation models allow", model=LARGE, role=painters)
    world.env.backend.advance_clock(SAME_S)
    closed = await world.ada.click(picture, label="Again")
    world.bot.services.catalog.loaded = tuple(one for one in world.bot.services.catalog.loaded if one.id != LARGE)
    world.env.backend.advance_clock(SAME_S)
    gone = await world.ada.click(picture, label="Again")
    for refused in (closed, gone):
        assert LARGE in refused.response.content
        assert "`/imagine model:` takes" in refused.response.content, "the button itself takes no option"
    assert len(world.engine.painted) == 1


async def test_without_a_name_the_model_that_paints_is_meant_and_a_rule_holds_while_it_loads(
    world: World, painters: Any
) -> None:
    await offering(world)
    boss = moderator(world)
    await boss.slash(world.channel, "moderation models allow", role=painters)
    assert text("en", "barred-model-roles", name=LARGE, roles=f"<@&{painters.id}>") == await imagine(world)
    await imagine(world, model=SMALL)
    assert len(world.engine.painted) == 1
    world.bot.services.catalog.loaded = ()
    world.bot.services.catalog._facts = None
    assert "for <@&" in await imagine(world), "it is not known yet that another model would paint"
    assert len(world.engine.painted) == 1


async def test_only_moderators_set_and_see_them(world: World) -> None:
    moderation, guild = world.bot.services.moderation, world.env.guild.id
    member, ref = Actor(world.ada.id, guild, manages=False), ModelRef(ModelKind.LORA, "wax")
    with pytest.raises(NotModerator):
        await moderation.set_model_rule(member, ref, guild, RoleRule.DENIED)
    with pytest.raises(NotModerator):
        await moderation.model_rules(member)
    assert await Decisions(world.database).model_rules(guild) == {}


async def test_a_server_holds_so_many_rules(world: World, painters: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.moderation.MAX_MODEL_RULES", 1)
    await offering(world)
    boss = moderator(world)
    await boss.slash(world.channel, "moderation models deny", role=painters, lora="wax")
    second = await boss.slash(world.channel, "moderation models deny", role=painters, lora="ink-wash")
    assert second.response.content.startswith("This server has")
    again_ = await boss.slash(world.channel, "moderation models allow", role=painters, lora="wax")
    assert "for everyone" in again_.response.content


async def test_in_direct_messages_there_are_no_rules(world: World, painters: Any) -> None:
    await offering(world)
    await moderator(world).slash(world.channel, "moderation models allow", role=painters, lora="wax")
    place, order = Place(world.ada.id, 1, None), Order("a boat", loras=("wax:1",))
    accepted = await world.bot.services.orders.submit(order, place)
    assert accepted.job.order.loras == ("wax:1",)
    assert await world.bot.services.moderation.closed_models(place) == frozenset()
    with pytest.raises(Barred):
        await world.bot.services.orders.submit(order, Place(world.ada.id, world.channel.id, world.env.guild.id))


async def test_admission_itself_reads_the_rules(world: World, painters: Any) -> None:
    """In its one transaction, so that a rule which comes between the check and the job is not passed by."""
    job = Job("a" * 32, Order("a boat", loras=("WAX:1",)), Place(1, 2, 3), 7, JobState.QUEUED, world.clock.now())
    ledger, decisions = Ledger(world.database), Decisions(world.database)
    entry = Entry(9, Action.MODEL_DENY, 0.0)
    await decisions.set_model_rule(3, ModelRef(ModelKind.LORA, "wax"), 3, RoleRule.DENIED, entry)
    with pytest.raises(Barred):
        await ledger.reserve(job, conftest.RULES.host)
    await decisions.set_model_rule(3, ModelRef(ModelKind.LORA, "wax"), 3, None, entry)
    await decisions.set_model_rule(3, ModelRef(ModelKind.MODEL, "large"), 3, RoleRule.DENIED, entry)
    with pytest.raises(Barred):
        await ledger.reserve(job, conftest.RULES.host, model="Large")
    assert isinstance(await ledger.reserve(job, conftest.RULES.host, model="small"), Account)
