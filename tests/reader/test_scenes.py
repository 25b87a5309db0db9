"""Scenes that are not in the form of a caption stay word for word, and an edit changes them where its thing stands."""
# ruff: noqa: E501 (lists of requests)

from __future__ import annotations

import json
import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.starter.reader.picture import Picture
from engine.starter.reader.spec import PromptSpec
from tests.reader.drawn import reader


class Row(NamedTuple):
    """A scene, edits in turn, and what the last prompt holds and lacks."""

    scene: str
    edits: tuple[str, ...]
    holds: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    negative: str = ""


ROWS = {
    "the colour of a thing within a phrase": [
        Row("a dog on a blue carpet", ("make the carpet purple",), ("dog on a purple carpet",), ("blue",)),
        Row("an old man with a black umbrella", ("the umbrella should be red",), ("old man with a red umbrella",), ("black",)),
        Row("a girl holding a yellow kite", ("can you make the kite green?",), ("girl holding a green kite",), ("yellow",)),
        Row("a bird in a golden cage", ("turn the cage silver",), ("bird in a silver cage",), ("golden",)),
        Row("a witch with a purple hat and a broom", ("make the hat black", "and the broom red"), ("witch with a black hat", "a red broom"), ("purple",)),
        Row("a knight riding a white horse", ("make the horse black", "at night"), ("knight riding a black horse", "at night"), ("white",)),
        Row("a fox in the snow, it wears a blue scarf", ("scarf should be yellow",), ("fox", "wears a yellow scarf"), ("blue",)),
    ],
    "a text in quotation marks": [
        Row('a sign that says "OPEN"', ('change it to "CLOSED"',), ('sign that says "CLOSED"',), ("OPEN",)),
        Row('a birthday cake with "Anna" on it', ('it should say "Bob"',), ('birthday cake with "Bob" on it',), ("Anna",)),
        Row('a shirt with "HELLO" printed on it, red', ('replace "HELLO" with "BYE"',), ('shirt with "BYE" printed on it', "red"), ("HELLO",)),
        Row('a shop called "Luna" at night', ('rename it to "Sol"', "make it day"), ('shop called "Sol"', "day"), ("Luna", "night")),
        Row('a banner reading "GO TEAM"', ('把文字改成"WIN"',), ('banner reading "WIN"',), ("GO", "TEAM")),
    ],
    "one of two alike": [
        Row("a red car and a green car in the snow", ("make the green one blue",), ("red car", "blue car", "snow"), ("green",)),
        Row("a red car and a green car in the snow", ("remove the red one",), ("green car", "snow"), ("red",)),
        Row("a red car and a green car in the snow", ("remove the green car",), ("red car", "snow"), ("green",)),
        Row("a white cat and a black cat on the beach", ("swap the black one for orange",), ("white sitting cat", "orange sitting cat", "beach"), ("black",)),
        Row("a yellow house and a blue house by a lake", ("replace the blue house with a windmill",), ("yellow house", "windmill", "lake"), ("blue",)),
        Row("a red fish and a blue fish in a big bowl", ("make the blue one green",), ("red fish", "green fish", "big bowl"), ("blue",)),
    ],
    "places with words of their own": [
        Row("a wolf in a dark forest", ("make it night",), ("wolf in a dark forest", "at night")),
        Row("a crowded fish market street at midday", ("add a dog",), ("crowded fish market street at midday", "dog")),
        Row("a temple on a misty mountain", ("in autumn",), ("temple on a misty mountain", "autumn")),
        Row("an abandoned factory by a frozen lake", ("remove the lake",), ("abandoned factory",), ("lake", "frozen")),
        Row("a deer in a snowy forest", ("get rid of the snow",), ("deer in a forest",), ("snowy", "snow")),
        Row("an astronaut in a dark cave at night", ("by day please",), ("astronaut in a dark cave", "day"), ("night",)),
        Row("a wolf in a dark forest", ("put it on the beach",), ("wolf", "beach"), ("forest", "dark")),
    ],
    "what stays where the one before it goes": [
        Row("a cat by the campfire", ("remove the cat",), ("campfire",), ("cat",)),
        Row("a dog under a big tree", ("no dog",), ("big tree",), ("dog",)),
        Row("a girl riding a horse", ("remove the girl",), ("horse",), ("girl", "riding")),
        Row("a knight with a sword in front of a ruin", ("without the knight",), ("ruin",), ("knight", "sword"), "knight"),
        Row("a robot watering flowers in a garden", ("delete the robot",), ("flowers", "garden"), ("robot",)),
        Row("a clown juggling balls", ("replace the clown with a bear",), ("bear juggling balls",), ("clown",)),
    ],
    "what was never there": [
        Row("a market at noon", ("without the people",), ("market at noon",), ("people",), "people"),
        Row("a quiet street in Kyoto", ("remove the cars",), ("quiet street in Kyoto",), ("cars",), "cars"),
        Row("a bowl of soup", ("get rid of any text",), ("bowl of soup",), ("text",), "text"),
        Row("a train in the rain", ("no umbrella please",), ("train", "rain"), ("umbrella",), "umbrella"),
        Row("a bus on a bridge", ("去掉人",), ("bus on a bridge",), ("people",), "people"),
    ],
    "weather in one word": [
        Row("a lighthouse on a cliff", ("make it foggy",), ("lighthouse on a cliff", "foggy")),
        Row("a temple on a misty mountain", ("add a dog",), ("temple on a misty mountain", "dog")),
        Row("a bridge over a river", ("it should be misty",), ("bridge over a river", "misty")),
        Row("a boat on a lake", ("make it foggy", "no fog"), ("boat", "lake"), ("foggy", "fog"), "fog"),
        Row("a wolf in a dark forest", ("foggy please",), ("wolf in a dark forest", "foggy")),
    ],
    "sizes compared": [
        Row("a pirate ship in a bottle", ("make the ship smaller",), ("smaller pirate ship in a bottle",)),
        Row("a cat wearing a top hat", ("make the cat bigger",), ("bigger sitting cat wearing a top hat",)),
        Row("a cat wearing a top hat", ("make the hat bigger",), ("cat wearing a bigger top hat",)),
        Row("a red car and a green car in the snow", ("make the green one bigger",), ("red car", "bigger green car", "snow")),
        Row("a small dog near a pond", ("bigger dog",), ("bigger dog",), ("small",)),
    ],
    "snow that falls": [
        Row("a boat on a lake", ("now it's snowing",), ("boat on a lake", "falling snow")),
        Row("a boat on a lake", ("now it's snowing", "remove the snow"), ("boat on a lake",), ("snow",)),
        Row("a wolf in a dark forest", ("下雪",), ("wolf in a dark forest", "falling snow")),
        Row("a fox in a forest", ("let it snow", "at night"), ("forest", "falling snow", "night")),
        Row("a house by a river", ("es schneit",), ("house by a river", "falling snow")),
    ],
    "how it is now": [
        Row("a lighthouse", ("now it's raining",), ("lighthouse", "rain")),
        Row("a sad girl in the rain", ("now she's happy and the sun is out",), ("happy girl", "sun"), ("sad", "rain")),
        Row("a wizard in a tower", ("ok now it is winter and he has a red hat",), ("wizard in a tower", "winter", "red hat")),
        Row("a boat on a lake", ("now it's night and there's a moon",), ("boat", "at night", "moon")),
        Row("a red fox and a white fox", ("now it's snowing and the white one wears a blue scarf",), ("red fox", "white fox", "snow", "blue scarf")),
        Row("a boat on a lake", ("jetzt ist es Nacht",), ("boat", "at night")),
        Row("a boat on a lake", ("ahora es de noche",), ("boat", "at night")),
        Row("a boat on a lake", ("现在是晚上",), ("boat", "at night")),
    ],
    "bare words and slips": [
        Row("a cat on a beach", ("two of them",), ("two sitting cats", "beach")),
        Row("a mushroom", ("three of those please",), ("three mushrooms",)),
        Row("a house", ("maek it nigth",), ("house", "at night")),
        Row("a house", ("bei Nacht und als Aquarell",), ("house", "at night", "watercolor")),
        Row("a cat by a window", ("窗外下着雨",), ("cat by a window", "rain")),
    ],
    "what was there is brought back": [
        Row("a red boat on a lake", ("make the boat blue", "bring the red boat back"), ("a red boat", "lake"), ("blue",)),
        Row("a red boat on a lake", ("remove the boat", "bring the red boat back"), ("red boat", "lake")),
        Row("a red boat on a lake", ("add a cat", "remove the boat", "at night", "bring back the red boat"), ("red boat", "cat", "at night")),
        Row("a dog in a park", ("remove the dog", "put the dog back"), ("dog", "park")),
        Row("a dog in a park", ("no dog", "bring the dog back"), ("dog", "park")),
    ],
}  # fmt: skip


def edited(row: Row, base: PromptSpec | None = None) -> PromptSpec:
    spec = base or PromptSpec("", [row.scene], row.scene)
    for words in row.edits:
        answer = json.loads(reader(classified=True).answer(words, spec, lambda text: "{}"))
        assert answer["kind"] == "change", words
        spec = PromptSpec(answer["understood"], answer["keywords"], answer["prompt"], answer["negative"])
    return spec


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=" + ".join(row[:1] + row.edits)) for some in ROWS.values() for row in some]
)
def test_an_edit_changes_what_it_names_and_nothing_else(row: Row) -> None:
    spec = edited(row)
    assert [words for words in row.holds if words not in spec.prompt] == [], spec.prompt
    assert [words for words in row.lacks if re.search(rf"\b{re.escape(words)}\b", spec.prompt)] == [], spec.prompt
    assert spec.negative == row.negative


TALK = [
    "now it's perfect", "now that's what I call a boat", "now I'm hungry", "it's raining here too lol", "now he's my favourite", "now we're talking",
    "it's night here, see you", "now it's my turn", "jetzt ist es perfekt", "现在好看了",
]  # fmt: skip


@pytest.mark.parametrize("words", TALK)
def test_talk_of_now_is_no_wish(words: str) -> None:
    base = PromptSpec("", ["girl in a dark forest"], "a girl in a dark forest")
    assert json.loads(reader(classified=True).answer(words, base, lambda text: "{}"))["kind"] == "chat"


EVERY = [row for some in ROWS.values() for row in some]


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(EVERY), st.lists(st.sampled_from(EVERY), max_size=4))
def test_a_scene_read_from_its_own_prompt_is_the_same(first: Row, others: list[Row]) -> None:
    spec = edited(first)
    for row in others:
        spec = edited(row, spec)
    assert Picture.of(spec).spec(spec.understood) == spec


UNDONE = [
    ("a red boat on a lake", ["make the boat blue", "undo", "at night"], ["red boat", "at night"], ["blue"]),
    ("a cat on a red sofa", ["make the sofa green", "add a dog", "go back", "remove the cat"], ["green sofa"], ["cat", "dog", "red"]),
    ("a wolf in a dark forest", ["put it on the beach", "revert", "now it's snowing"], ["wolf in a dark forest", "falling snow"], ["beach"]),
    ('a sign that says "OPEN"', ['change it to "CLOSED"', "in winter", "go back to the first one", "at night"], ['"OPEN"', "at night"], ["CLOSED", "winter"]),
    ("a red boat on a lake", ["remove the boat", "at night", "go back two steps", "add a cat"], ["red boat", "cat"], ["night"]),
    ("a girl riding a horse", ["去掉女孩", "撤销", "马改成黑色"], ["girl riding a black horse"], []),
]  # fmt: skip


@pytest.mark.parametrize(("scene", "words", "holds", "lacks"), UNDONE)
def test_an_undo_within_a_chain_goes_on_from_its_version(
    scene: str, words: list[str], holds: list[str], lacks: list[str]
) -> None:
    versions = [PromptSpec("", [scene], scene)]
    for each in words:
        answer = json.loads(reader(classified=True).answer(each, versions[-1], lambda text: "{}"))
        if answer["kind"] == "undo":  # a version by its number, or so many steps back
            number = answer["version"]
            versions = versions[:number]
            continue
        assert answer["kind"] == "change", each
        versions.append(PromptSpec(answer["understood"], answer["keywords"], answer["prompt"], answer["negative"]))
    prompt = versions[-1].prompt
    assert [some for some in holds if some not in prompt] == [], prompt
    assert [some for some in lacks if re.search(rf"\b{some}\b", prompt)] == [], prompt
