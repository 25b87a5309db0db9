"""Ten chains of six edits over the starter's world end right: what was said holds, what went stays away."""
# ruff: noqa: E501 (lists of requests)

from __future__ import annotations

import json
import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.starter.reader.picture import Picture
from engine.starter.reader.spec import MAX_PROMPT_CHARS, PromptSpec
from tests.reader.drawn import reader


class Chain(NamedTuple):
    """A first picture, edits in turn, and what the last one's prompt and negative prompt must and must not hold."""

    keywords: list[str]
    prompt: str
    edits: list[str]
    holds: list[str]
    lacks: list[str]
    negative: str = ""
    chat: int = 0
    """How many of the edits are chat, and change nothing."""


CHAINS = {
    "English: colour, count, time, removal": Chain(
        ["red", "boat", "lake"], "a red boat on a calm lake by day, the sun in the sky, flat illustration",
        ["make it night", "add a white cat", "two cats please", "remove the boat", "watercolor", "no clouds"],
        ["two white sitting cats", "calm lake", "at night", "watercolor"], ["boat", "by day", "flat", "clouds", "the sun"], "clouds",
    ),
    "English: where things stand": Chain(
        ["red", "boat", "lake"], "a red boat on a calm lake by day, the sun in the sky, flat illustration",
        ["can you move the boat to the left", "lighthouse on the right side please", "ditch the sun", "I meant a castle", "swap the castle for a windmill and move it left", "more to the middle"],
        ["windmill", "lighthouse", "in the center", "calm lake", "clouds"], ["boat", "castle", "side", "on the left", "on the right", "to the", "ditch", "the sun"], "sun",
    ),
    "English: places, weather, replacement": Chain(
        ["house", "meadow"], "a white house in a green meadow with flowers by day, the sun in the sky, flat illustration",
        ["put it on the beach", "let it rain", "replace the house with a lighthouse", "make the lighthouse blue", "at dusk", "get rid of the rain"],
        ["blue lighthouse", "beach", "at dusk", "flat"], ["house in", "white", "meadow", "rain", "by day"], "rain",
    ),
    "English: talk between the edits": Chain(
        ["windmill"], "a white windmill in a green meadow with flowers by day, the sun in the sky, flat illustration",
        ["haha nice", "beautiful! now in winter", "my uncle has one just like that", "could you add a snowman?", "thanks, make the windmill red", "in ink"],
        ["red windmill", "snowman", "winter", "ink drawing"], ["white windmill", "flat", "uncle"], chat=2,
    ),
    "Chinese: 加, 换, 去掉": Chain(
        ["cat", "beach"], "an orange sitting cat on a sandy beach by the sea by day, the sun in the sky, flat illustration",
        ["改成夜晚", "加一条红色的船", "把猫换成雪人", "去掉船", "水彩风格", "换到森林"],
        ["snowman", "pine forest", "at night", "watercolor"], ["cat", "boat", "red", "beach", "flat", "by day"],
    ),
    "Chinese: colours and counts": Chain(
        ["house", "snow"], "a red house in a snowy winter field at night, a full moon in the sky, flat illustration",
        ["房子改成蓝色", "两棵树", "不要月亮", "变成早晨", "房子换成城堡", "放到山里"],
        ["castle", "two trees", "mountains", "at dawn"], ["house", "moon", "snowy", "at night", "red"], "moon",
    ),
    "Spanish": Chain(
        ["boat", "beach"], "a red boat on a sandy beach by the sea by day, the sun in the sky, flat illustration",
        ["que sea de noche", "añade un faro", "el barco azul", "quita el faro", "en acuarela", "sin nubes"],
        ["blue boat", "beach", "at night", "watercolor"], ["lighthouse", "red", "by day", "flat"], "clouds",
    ),
    "German": Chain(
        ["tree", "meadow"], "a green tree in a green meadow with flowers by day, the sun in the sky, flat illustration",
        ["mach es bei Nacht", "füge ein Schloss hinzu", "ersetze den Baum durch eine Windmühle", "im Schnee", "entferne das Schloss", "als Aquarell"],
        ["windmill", "snow", "at night", "watercolor"], ["tree", "castle", "by day", "flat"],
    ),
    "Japanese": Chain(
        ["castle", "mountains"], "a stone castle in front of tall mountains by day, the sun in the sky, flat illustration",
        ["夜にして", "猫を足して", "城を家に変えて", "家を赤くして", "猫を消して", "水彩画にして"],
        ["red house", "mountains", "at night", "watercolor"], ["castle", "cat", "by day", "flat"],
    ),
    "one language after the other": Chain(
        ["rocket", "desert"], "a white rocket in desert dunes with cactus by day, the sun in the sky, flat illustration",
        ["make the rocket red", "换成夜晚", "añade un árbol", "木を消して", "stars in the sky", "als Tuschezeichnung"],
        ["red rocket", "desert", "at night", "stars"], ["tree", "white", "by day"],
    ),
    "sizes, sides, quotes and names": Chain(
        ["boat", "lake"], "a red boat on a calm lake by day, the sun in the sky, flat illustration",
        ['write "Nemo" on it', "a big lighthouse on the left", "make the lighthouse small", 'change the text to "Luna"', "three boats", "without the lighthouse"],
        ["three red boats", "lake", '"Luna"'], ["lighthouse", "Nemo", "big", "small"],
    ),
}  # fmt: skip


def run(chain: Chain) -> tuple[list[PromptSpec], int]:
    """Return every version of a chain, and how many of the edits were taken for chat."""
    versions, chat = [PromptSpec("", chain.keywords, chain.prompt)], 0
    for words in chain.edits:
        answer = json.loads(reader(classified=True).answer(words, versions[-1], lambda text: "{}"))
        if answer["kind"] == "chat":
            chat += 1
            continue
        assert answer["kind"] == "change", words
        versions.append(PromptSpec(answer["understood"], answer["keywords"], answer["prompt"], answer["negative"]))
    return versions, chat


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_ends_right(name: str) -> None:
    chain = CHAINS[name]
    versions, chat = run(chain)
    last = versions[-1]
    assert chat == chain.chat
    assert [words for words in chain.holds if words not in last.prompt] == []
    assert [words for words in chain.lacks if re.search(rf"\b{re.escape(words)}\b", last.prompt)] == []
    assert last.negative == chain.negative


@pytest.mark.parametrize("name", CHAINS)
def test_what_is_not_mentioned_stays_word_for_word(name: str) -> None:
    """An edit of the style leaves every other part of the prompt as it was."""
    for version in run(CHAINS[name])[0]:
        answer = json.loads(reader(classified=True).answer("in pastel", version, lambda text: "{}"))
        before = [part for part in version.prompt.split(", ") if part != "soft pastel drawing"]
        after = [part for part in answer["prompt"].split(", ") if part != "soft pastel drawing"]
        assert set(after) <= set(before)
        assert len(before) - len(after) <= 1


def test_the_line_says_the_picture_as_it_is_now() -> None:
    versions, _ = run(CHAINS["Chinese: 加, 换, 去掉"])
    assert versions[-1].understood == "雪人，森林，夜晚，水彩"
    versions, _ = run(CHAINS["English: colour, count, time, removal"])
    assert versions[-1].understood == "two white cats, lake, night, watercolor, without clouds"


@pytest.mark.parametrize("name", CHAINS)
def test_a_picture_read_from_its_own_prompt_is_the_same(name: str) -> None:
    for version in run(CHAINS[name])[0][1:]:
        picture = Picture.of(version)
        assert picture.spec(version.understood) == version
        assert Picture.of(picture.spec()) == picture


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from([edit for chain in CHAINS.values() for edit in chain.edits]), max_size=8))
def test_any_chain_of_edits_can_be_read_again(edits: list[str]) -> None:
    first = CHAINS["Spanish"]
    versions, _ = run(first._replace(edits=edits))
    for version in versions[1:]:
        assert Picture.of(version).spec(version.understood) == version


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=100), st.text(min_size=1, max_size=200), st.lists(st.text(max_size=20), max_size=5))
def test_any_edit_of_any_picture_becomes_a_spec(words: str, prompt: str, keywords: list[str]) -> None:
    answer = json.loads(reader(classified=True).answer(words, PromptSpec("", keywords, prompt), lambda text: "{}"))
    if answer["kind"] == "change":
        assert 0 < len(answer["prompt"]) <= MAX_PROMPT_CHARS
