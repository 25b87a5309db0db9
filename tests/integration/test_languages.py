"""A request in a language that the language model does not read gets one sentence, and nothing else comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.jobs import JobState
from engine.api.messages import Model, ModelFacts
from tests.integration.conftest import World

READS = ModelFacts(
    "planner",
    words=["cat", "beach", "猫"],
    languages={"en": "English", "zh": "中文"},
    common={"en": ["a", "on", "the"], "fr": ["un", "chat", "sur", "la", "plage"], "ru": ["кот", "на"]},
)
FRENCH = "un chat noir sur la plage"
SENTENCE = (
    "Je ne lis pas le français ; rien n'a été dessiné ni compté. Écrivez dans une de ces langues : English, 中文."
)


@pytest.fixture
def engine(engine: Any) -> Any:
    engine.listed = [Model("painter", limner=ModelFacts("painter")), Model("starter", limner=READS)]
    return engine


async def told(world: World, words: str, **options: Any) -> str:
    response = await world.ada.slash(world.channel, "imagine", prompt=words, **options)
    assert response.ephemeral
    return str(response.response.content)


async def untouched(world: World, posted: int = 0, used: int = 0) -> bool:
    jobs = await world.jobs.of_user(world.ada.id, 0, 10)
    return (len(await world.pictures()), len(jobs), await world.used(world.ada)) == (posted, posted, used)


async def test_a_request_in_another_language_gets_one_sentence_in_it(world: World) -> None:
    await world.bot.services.catalog.refresh()
    assert await told(world, FRENCH) == SENTENCE
    assert (await told(world, "кот на пляже")).startswith("Я не читаю по-русски;")
    assert (await told(world, "แมวบนชายหาด")).startswith("The language model does not read this language;")
    assert await untouched(world)
    assert world.engine.chats == []


async def test_who_has_set_discord_to_chinese_is_told_in_chinese(world: World) -> None:
    await world.bot.services.catalog.refresh()
    world.speaks[world.ada.id] = "zh-CN"
    assert await told(world, FRENCH) == "语言模型读不懂这种语言；没有画，也没有计数。请用以下语言之一：English, 中文。"


async def test_words_that_are_not_read_go_on_in_any_language(world: World) -> None:
    await world.bot.services.catalog.refresh()
    await world.ada.slash(world.channel, "imagine", prompt=FRENCH, exact=True)
    assert world.engine.painted[-1][0].prompt == FRENCH


async def test_a_reply_in_another_language_changes_nothing(world: World) -> None:
    await world.bot.services.catalog.refresh()
    await world.ada.slash(world.channel, "imagine", prompt="a cat on the beach")
    await world.ada.send(world.channel, "un chat sur la plage", reply_to=world.message)
    assert world.message.content == SENTENCE
    assert len(world.engine.painted) == 1
    assert await world.used(world.ada) == 1


async def test_a_request_from_before_the_engine_told_is_refunded(world: World) -> None:
    """The catalog is empty until the engine has answered once; the job asks it again before it paints."""
    world.bot.services.catalog.loaded, world.bot.services.catalog._facts = (), None
    await world.ada.slash(world.channel, "imagine", prompt=FRENCH)
    job = await world.jobs.by_message(world.message.id)
    assert job
    assert job.state is JobState.FAILED
    assert "It reads English, 中文." in world.message.content
    assert await world.used(world.ada) == 0
    assert world.engine.painted == []
