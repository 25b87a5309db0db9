"""Whatever the language model does, there is a picture to paint, and nothing of it takes effect in a message."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.domain.jobs import Order
from bot.domain.prompt import MAX_PROMPT_CHARS, MAX_UNDERSTOOD_CHARS, PromptSpec, as_written
from bot.domain.words.vocabulary import Vocabulary
from bot.services.understand import understand
from bot.ui.markdown_escape import plain
from engine.api.errors import Internal, ModelLoading, Unavailable
from engine.api.messages import ChatRequest
from harness.request_table import TUNING, load
from tests.fakes import FakeEngine

STARTER = Path(__file__).parents[2] / "engine" / "starter" / "models" / "planner" / "limner.json"
BASE = PromptSpec("a beach at sunset", ["beach", "sunset"], "a sandy beach at sunset, warm light", "")


def answer(**parts: object) -> str:
    whole = {"understood": "a red boat", "keywords": ["red", "boat"], "prompt": "a red boat on a lake", "negative": ""}
    return json.dumps({**whole, **parts}, ensure_ascii=False)


async def understood(words: str, text: str = "", base: PromptSpec | None = None) -> PromptSpec:
    return await understand(FakeEngine(text or answer()), Order(words, base=base))


async def test_a_good_answer_is_taken_as_it_is() -> None:
    spec = PromptSpec("a red boat", ["red", "boat"], "a red boat on a lake", "")
    assert await understood("a red boat") == spec


async def test_exact_words_and_known_specs_need_no_model() -> None:
    engine = FakeEngine()
    assert await understand(engine, Order("a\u202e boat, no cat", exact=True)) == as_written("a boat, no cat")
    assert await understand(engine, Order("x", spec=BASE)) is BASE
    assert engine.chats == []


async def test_an_edit_shows_the_model_the_present_picture() -> None:
    engine = FakeEngine(answer(keywords=["beach", "night"], prompt="a sandy beach at night"))
    spec = await understand(engine, Order("make it night", base=BASE))
    roles = [(message.role, message.text) for message in engine.chats[0].messages[1:]]
    assert [role for role, _ in roles] == ["user", "assistant", "user"]
    assert list(json.loads(roles[1][1])) == ["understood", "keywords", "prompt", "negative"]
    assert roles[2] == ("user", "make it night")
    assert spec.prompt == "a sandy beach at night"


HOSTILE = [
    "", "no", "{}", "[]", "null", "{" * 10_000, "[" * 100_000, '{"understood":' * 5_000, "\ud800",
    '{"prompt": ' + "[" * 50_000 + "]" * 50_000, '{"x": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "```json\n" + answer() + "\n```", answer(extra=[[[[{}]]]]),
    answer(prompt="@everyone " * 200), answer(prompt="x" * 100_000), answer(prompt=""), answer(prompt=None),
    answer(prompt="\x00\x1b[31m red\u200b boat"), answer(negative="boat, cat, @here"),
    answer(keywords={}), answer(keywords=["<@1>", "@everyone"]), answer(keywords=["cat"] * 24),
    answer(understood="@everyone <@1> [x](https://x.example)"), answer(understood="\u202e" * 100),
    answer(understood=["a"]),
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("base", [None, BASE], ids=["first", "edit"])
async def test_a_hostile_answer_still_gives_the_picture(text: str, base: PromptSpec | None) -> None:
    spec = await understood("a red boat with a cat", text or " ", base)
    assert {"red", "boat", "cat"} <= set(spec.prompt.replace(",", " ").split())
    assert 0 < len(spec.prompt) <= MAX_PROMPT_CHARS
    assert len(spec.understood) <= MAX_UNDERSTOOD_CHARS
    assert not {"cat", "boat"} & {part.strip() for part in spec.negative.split(",")}
    assert all(char.isprintable() for char in spec.prompt + spec.understood)
    for shown in (spec.understood, spec.prompt, *spec.keywords):
        assert "@everyone" not in plain(shown)
        assert "://" not in plain(shown)
        assert not plain(shown).startswith("<")
    if base:
        assert {"beach", "sunset"} <= set(spec.prompt.replace(",", " ").split())


@pytest.mark.parametrize("error", [Internal("broken"), ModelLoading("soon")])
async def test_a_failing_model_blocks_no_picture(error: Exception) -> None:
    class Failing(FakeEngine):
        async def chat(self, request: ChatRequest) -> str:
            raise error

    spec = await understand(Failing(), Order("两只猫，没有人"))
    assert (spec.prompt, spec.negative, spec.understood) == ("两只猫, two cats", "people", "两只猫，没有人")
    edited = await understand(Failing(), Order("add a boat", base=BASE))
    assert edited.prompt == BASE.prompt + ", boat"
    assert edited.understood == "a beach at sunset · add a boat"
    assert edited.keywords == ["beach", "sunset", "boat"]


async def test_a_slow_model_blocks_no_picture() -> None:
    class Slow(FakeEngine):
        async def chat(self, request: ChatRequest) -> str:
            await asyncio.sleep(60)
            return answer()

    assert (await understand(Slow(), Order("a boat"), timeout_s=0.01)).prompt == "a boat"


async def test_an_engine_that_is_gone_is_waited_for() -> None:
    class Gone(FakeEngine):
        async def chat(self, request: ChatRequest) -> str:
            raise Unavailable("gone")

    with pytest.raises(Unavailable):
        await understand(Gone(), Order("a boat"))


@pytest.mark.parametrize(
    ("words", "line", "told"),
    [
        ("夕阳下的船", "a boat at sunset", "夕阳下的船"),
        ("红色的船", "一艘红色的船", "一艘红色的船"),
        ("a boat", "un barco en la playa con el gato", "a boat"),
        ("ein rotes Boot auf dem See", "ein rotes Boot", "ein rotes Boot"),
        ("a boat", "", "a boat"),
        ("two red boats", "a red boat", "two red boats"),
        ("a boat", "a red boat <@1> https://x.example", "a red boat"),
    ],
)
async def test_understood_speaks_the_requesters_language_and_claims_no_less(words: str, line: str, told: str) -> None:
    assert (await understood(words, answer(understood=line))).understood == told


async def test_a_model_that_recognised_nothing_is_not_quoted() -> None:
    assert (await understood("something", answer(keywords=[], understood="a lake"))).understood == "something"


async def test_a_small_model_hears_only_what_it_knows() -> None:
    vocabulary = Vocabulary(["boat", "lake", "castle", "on", "the", "a", "no", "with", "船", "湖", "的"])

    async def heard(words: str) -> str | None:
        engine = FakeEngine()
        await understand(engine, Order(words), vocabulary)
        return engine.chats[0].messages[-1].text if engine.chats else None

    assert await heard("a purple boat on the lake") == "a boat on the lake"
    assert await heard("a caslte on the lkae, no people") == "a castle on the lake"
    assert await heard('a boat with "the castle"') == "a boat with"
    assert await heard("恐龙的船") == "的船"
    assert await heard("a dragon") is None


async def test_a_small_model_that_kept_nothing_is_asked_for_the_bare_things() -> None:
    engine = FakeEngine(answer(keywords=["boat"], prompt="a boat on a lake"))
    await understand(engine, Order("一条龙飞过城堡"), Vocabulary(["一", "条", "飞", "城堡"]))
    assert [chat.messages[-1].text for chat in engine.chats] == ["一条 飞 城堡", "城堡"]
    await understand(engine, Order("a dragon over a castle"))
    assert len(engine.chats) == 3


async def test_a_name_is_no_word_to_a_small_model() -> None:
    engine = FakeEngine()
    await understand(engine, Order("my boat Luna on the lake"), Vocabulary(["my", "boat", "luna", "on", "the", "lake"]))
    assert engine.chats[0].messages[-1].text == "my boat on the lake"


async def test_a_small_model_sees_the_picture_as_it_writes_it_itself() -> None:
    base = PromptSpec("", ["two boats", "lake"], "a boat on a lake, flat, two boats, dragon", "")
    engine = FakeEngine()
    await understand(
        engine, Order("on the lake", base=base), Vocabulary(["a", "boat", "on", "lake", "flat", "two", "the"])
    )
    shown = json.loads(engine.chats[0].messages[-2].text)
    assert (shown["keywords"], shown["prompt"]) == (["boat", "lake"], "a boat on a lake, flat")


async def test_every_request_of_the_table_survives_a_model_that_answers_with_something_else() -> None:
    words = json.loads(STARTER.read_text())["words"]
    for vocabulary in (Vocabulary(), Vocabulary(words)):
        for row in load(TUNING):
            spec = await understand(FakeEngine(), Order(row.words, base=BASE if row.first else None), vocabulary)
            assert 0 < len(spec.prompt) <= MAX_PROMPT_CHARS
            assert spec.understood.strip()
