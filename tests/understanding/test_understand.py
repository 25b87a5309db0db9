"""A valid answer is left alone; whatever else the language model does, there is a picture to paint."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.domain.jobs import Order
from bot.domain.prompt import MAX_PROMPT_CHARS, MAX_UNDERSTOOD_CHARS, PromptSpec, as_written
from bot.services.draw import Facts, understood
from bot.ui.markdown_escape import plain
from bot.understanding.conversation import AGAIN, MAX_VERSIONS, Painter, Request, Version, chat_request
from bot.understanding.instructions import EXAMPLE
from bot.understanding.understand import understand
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.errors import BadRequest, Internal, ModelLoading, Unavailable
from engine.api.messages import ChatRequest
from tests.fakes import FakeEngine

BASE = PromptSpec("a beach at sunset", ["beach", "sunset"], "a sandy beach at sunset, warm light", "fog")
CHAIN = (Version("a beach", BASE),)
FACTS = Facts("fake", {}, {})


class Scripted(FakeEngine):
    """Gives these answers in turn; an error is raised."""

    def __init__(self, *answers: str | Exception) -> None:
        super().__init__()
        self.answers = list(answers)

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        self.chats.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def answer(**parts: object) -> str:
    whole = {"understood": "a red boat", "keywords": ["red", "boat"], "prompt": "a red boat on a lake", "negative": ""}
    return json.dumps({**whole, **parts}, ensure_ascii=False)


async def spec_of(engine: FakeEngine, words: str, versions: tuple[Version, ...] = ()) -> PromptSpec:
    found = (await understand(engine, Request(words, versions))).spec
    assert found
    return found


@pytest.mark.parametrize(
    ("words", "prompt", "negative"),
    [
        ("a no smoking sign on a wall", "a no smoking sign on a brick wall, photograph", ""),
        ("лодка на озере, без людей", "a boat on a lake, calm water", "people"),
        ("yelow submarien", "a yellow submarine deep under the sea", ""),
        ("xq zzrb frop", "a small round robot in a field", "gloom, mist"),
        ("火车站的海报", "a poster in a railway station", ""),
    ],
)
@pytest.mark.parametrize("versions", [(), CHAIN], ids=["first", "change"])
async def test_a_valid_answer_is_left_alone(
    words: str, prompt: str, negative: str, versions: tuple[Version, ...]
) -> None:
    engine = FakeEngine(answer(prompt=prompt, negative=negative, understood="…"))
    assert await spec_of(engine, words, versions) == PromptSpec("…", ["red", "boat"], prompt, negative)
    assert len(engine.chats) == 1


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        ('a sign that says "OPEN late"', 'a red boat on a lake, "OPEN late"'),
        ("写着“开门大吉”的招牌", 'a red boat on a lake, "开门大吉"'),
        ("「営業中」の看板", 'a red boat on a lake, "営業中"'),
        ("en skylt: ”Öppet”", 'a red boat on a lake, "Öppet"'),
        ("et skilt: »Åbent«", 'a red boat on a lake, "Åbent"'),
        ('a "RED boat" sign', "a red boat on a lake"),
        ('a "red, boat!" sign', "a red boat on a lake"),
        ('the sign "???"', 'a red boat on a lake, "???"'),
        ("a 5” print beside a 7” print", "a red boat on a lake"),
        ('"some red boat"', "a red boat on a lake"),
        ('a 5" x 7" print', "a red boat on a lake"),
        ("the dog's toy and the cats' bed", "a red boat on a lake"),
    ],
)
async def test_dropped_quotations_alone_are_put_back(words: str, becomes: str) -> None:
    assert (await spec_of(FakeEngine(answer()), words)).prompt == becomes
    assert (await spec_of(FakeEngine(answer()), words, CHAIN)).prompt == "a red boat on a lake"


async def test_a_quotation_that_is_to_be_left_out_stays_out() -> None:
    spec = await spec_of(FakeEngine(answer(negative='the word "SALE"')), 'a shop window without "SALE" on it')
    assert spec.prompt == "a red boat on a lake"


async def test_exact_words_and_known_specs_need_no_model() -> None:
    engine = FakeEngine()
    assert await understood(engine, Order("a\u202e boat, no cat", exact=True), FACTS) == as_written("a boat, no cat")
    assert await understood(engine, Order("x", spec=BASE), FACTS) is BASE
    assert engine.chats == []


async def test_a_bad_answer_is_asked_for_again_with_what_was_wrong() -> None:
    engine = Scripted("I would rather not.", answer())
    assert (await spec_of(engine, "a red boat")).prompt == "a red boat on a lake"
    first, second = (chat.messages for chat in engine.chats)
    assert "it holds no whole JSON object" in second[0].text
    assert [message.text for message in first[1:]] == [message.text for message in second[1:]]
    drawn = [chat.temperature for chat in engine.chats]
    assert drawn == [0.0, AGAIN], "greedily, a model that loops would loop again"


async def test_a_conversation_that_is_too_long_is_asked_without_examples() -> None:
    engine = Scripted(BadRequest("messages: 2000 tokens are more than gpt2 can read."), answer())
    assert (await spec_of(engine, "a red boat")).prompt == "a red boat on a lake"
    assert [message.role for message in engine.chats[1].messages] == ["system", "user"]


FAILING = [
    ("no", "no"), (Internal("broken"),), (ModelLoading("soon"),), (BadRequest("no"),),
    (BadRequest("9 tokens"), BadRequest("9 tokens")),
    ("{}", Internal("x")),
    (answer(prompt="cat " * 9), answer(prompt="")),
]  # fmt: skip


@pytest.mark.parametrize("answers", FAILING, ids=range(len(FAILING)))
async def test_without_a_valid_answer_the_words_are_drawn_and_said_so(answers: tuple[str | Exception, ...]) -> None:
    spec = await spec_of(Scripted(*answers), "两只猫，没有人")
    assert (spec.prompt, spec.negative, spec.understood, spec.fell_back) == (
        "两只猫，没有人",
        "",
        "两只猫，没有人",
        True,
    )
    edited = await spec_of(Scripted(*answers), "add a boat", CHAIN)
    assert (edited.prompt, edited.negative) == (BASE.prompt + ", add a boat", "fog")
    assert edited.fell_back
    assert edited.understood == "a beach at sunset · add a boat"
    assert edited.keywords == ["beach", "sunset", "add a boat"]


async def test_a_line_does_not_grow_with_each_failure() -> None:
    spec = BASE
    for words in ("one", "two", "three"):
        spec = await spec_of(Scripted("", ""), words, (Version("x", spec),))
    assert spec.understood == "a beach at sunset · three"
    assert spec.prompt == BASE.prompt + ", one, two, three"


async def test_long_words_are_whole_behind_a_long_prompt() -> None:
    words, base = "w" * 1_500, PromptSpec("", [], "p" * 2_000)
    spec = await spec_of(Scripted("", ""), words, (Version("x", base),))
    assert spec.prompt.endswith(words)
    assert len(spec.prompt) <= MAX_PROMPT_CHARS


async def test_a_slow_model_blocks_no_picture() -> None:
    class Slow(FakeEngine):
        async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
            await asyncio.sleep(60)
            return answer()

    found = await understand(Slow(), Request("a boat"), silent_s=0.01)
    assert found.spec
    assert found.spec.fell_back


async def test_an_engine_that_is_gone_is_waited_for() -> None:
    with pytest.raises(Unavailable):
        await understand(Scripted(Unavailable("gone")), Request("a boat"))


async def test_the_model_sees_examples_the_versions_and_the_words_as_they_are() -> None:
    versions = (*CHAIN, Version("make it night", PromptSpec("night", ["beach", "night"], "a beach at night", "fog")))
    messages = chat_request(Request("加一条船", versions)).messages
    assert messages[0].role == "system"
    examples = [message for message in messages if message.role == "user" and message.text.startswith(EXAMPLE)]
    assert len(examples) == 4
    chain = messages[1 + 2 * len(examples) :]
    assert [message.text for message in chain if message.role == "user"] == ["a beach", "make it night", "加一条船"]
    newest = json.loads(chain[3].text)
    assert (newest["prompt"], newest["negative"], newest["kind"]) == ("a beach at night", "fog", "change")
    assert json.loads(chain[1].text)["kind"] == "new"


def test_a_long_chain_keeps_to_its_budget_and_its_newest_version_whole() -> None:
    long = PromptSpec("海" * 200, ["sea"], "p" * 1_900)
    versions = [Version(f"words {number}", long) for number in range(30)]
    messages = chat_request(Request("and now?", versions)).messages
    assert len(messages) <= 64
    words = [message.text for message in messages if message.text.startswith("words")]
    assert words == ["words 0", *(f"words {number}" for number in range(31 - MAX_VERSIONS, 30))]
    assert json.loads(messages[-2].text)["prompt"] == long.prompt
    assert "prompt" not in json.loads(messages[-20].text)


def test_what_the_painter_takes_is_told() -> None:
    def system(painter: Painter) -> str:
        return chat_request(Request("a beach without people", painter=painter)).messages[0].text

    assert "an empty beach" in system(Painter(negative=False))
    assert "about 50 words" in system(Painter(words=50))
    assert system(Painter()) == chat_request(Request("x")).messages[0].text


HOSTILE = [
    "\ud800", "[" * 100_000, answer(extra=[[[[{}]]]]), answer(prompt="@everyone here", understood="@everyone <@1>"),
    answer(prompt="\x00\x1b[31m red\u200b boat"), answer(understood="\u202e" * 100),
    answer(keywords=["<@1>", "@everyone"]), answer(understood="[x](https://x.example)"),
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("versions", [(), CHAIN], ids=["first", "change"])
async def test_nothing_of_a_hostile_answer_takes_effect_in_a_message(text: str, versions: tuple[Version, ...]) -> None:
    spec = await spec_of(FakeEngine(text), "a red boat with a cat", versions)
    assert 0 < len(spec.prompt) <= MAX_PROMPT_CHARS
    assert len(spec.understood) <= MAX_UNDERSTOOD_CHARS
    assert all(char.isprintable() for char in spec.prompt + spec.understood)
    for shown in (spec.understood, spec.prompt, *spec.keywords):
        assert "@everyone" not in plain(shown)
        assert "://" not in plain(shown)
        assert not plain(shown).startswith("<")
