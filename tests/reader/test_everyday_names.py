"""What people call the starter's things in everyday words, in eleven languages: all of it is understood."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from engine.models.source import STARTER
from engine.starter.lexicon.things import read_things
from engine.starter.orders.read import OrderReader

NAMES = tomllib.loads(Path(__file__).with_name("everyday_names.toml").read_text(encoding="utf-8"))
ON_THE_BEACH = {
    "de": "ein {} am Strand", "fr": "un {} à la plage", "es": "un {} en la playa", "it": "un {} sulla spiaggia",
    "pt": "um {} na praia", "ru": "{} на пляже", "pl": "{} na plaży", "nl": "een {} op het strand", "zh": "海边的{}",
    "ja": "海辺の{}", "ko": "해변의 {}",
}  # fmt: skip


def _words(row: str) -> list[str]:
    return [word.replace("_", " ") for word in row.split()]


@pytest.mark.parametrize("code", ON_THE_BEACH)
def test_a_thing_is_known_by_its_everyday_names(code: str) -> None:
    reader = OrderReader(read_things(STARTER / "planner"))
    misread = []
    for thing, names in zip(_words(NAMES["things"]), _words(NAMES[code]), strict=True):
        for name in names.split("/"):
            words = ON_THE_BEACH[code].format(name)
            answer = json.loads(reader.answer(words, None, lambda _: "{}", addressed=True))
            if answer["keywords"] not in ([thing, "beach"], ["beach", f"{thing}s"]):  # stars, which are in the sky
                misread.append((words, answer["keywords"]))
    assert not misread


@pytest.mark.parametrize(
    ("words", "keywords"),
    [
        ("drei Orangen auf einer Wiese", ["three oranges", "meadow"]),
        ("nen orangen Pilz", ["orange mushroom"]),
        ("オレンジの猫とオレンジ", ["orange cat", "orange"]),
        ("미소 짓는 고양이", ["cat"]),
        ("사막에 로켓 왼쪽엔 선인장", ["cactus", "rocket", "desert"]),
        ("沙漠里三只骆驼 大太阳", ["three camels", "desert", "sun"]),
    ],
)
def test_names_that_are_other_words_too_are_told_apart(words: str, keywords: list[str]) -> None:
    answer = json.loads(OrderReader(read_things(STARTER / "planner")).answer(words, None, lambda _: "{}"))
    assert answer["keywords"] == keywords
