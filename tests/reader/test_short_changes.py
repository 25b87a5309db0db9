"""Short changes in twelve languages: two things change places, the snow stops, and what is not there keeps its colour to itself."""
# ruff: noqa: E501 (lists of requests in other languages)

from __future__ import annotations

from typing import Any

import pytest

from engine.starter.reader.spec import PromptSpec
from tests.reader.test_strangers import answer


def spec(found: dict[str, Any]) -> PromptSpec:
    return PromptSpec(found["understood"], found["keywords"], found["prompt"])


@pytest.mark.parametrize(
    "words",
    [
        "swap them", "switch places", "vertausche die beiden", "intercámbialos de sitio", "échange-les", "scambiali", "inverta os dois",
        "поменяй их местами", "zamień je miejscami", "wissel ze om", "把它们交换一下", "位置を入れ替えて", "자리를 바꿔줘",
    ],
)  # fmt: skip
def test_two_things_change_places_without_being_named(words: str) -> None:
    base = spec(answer("a dog in front of a cat in the forest"))
    assert answer(words, base)["keywords"] == ["cat", "dog", "in front of", "forest"]
    alone = answer(words, spec(answer("a dog in the forest")))
    assert alone["kind"] != "change" or alone["keywords"] == ["dog", "forest"]


@pytest.mark.parametrize(
    "words",
    [
        "stop the snow", "no more snow", "kein Schnee mehr", "que deje de nevar", "arrête la neige", "smettila di nevicare", "chega de neve",
        "пусть снег перестанет", "dość śniegu", "geen sneeuw meer", "别下雪了", "雪はやめて", "눈은 그만",
    ],
)  # fmt: skip
def test_no_snow_stops_what_falls_and_leaves_the_place(words: str) -> None:
    falling = spec(answer("a dog in the forest, snow falling"))
    assert answer(words, falling)["keywords"] == ["dog", "forest", "clear"]


def test_a_colour_or_a_number_of_what_is_not_there_is_no_others() -> None:
    base = spec(answer("an elephant and a dog"))
    assert answer("mach den Ball gelb", base)["keywords"] == ["elephant", "dog"]
    assert answer("un gato en la playa con mucha lluvia")["keywords"] == ["cat", "beach", "rain"]
    assert answer("犬三匹 雪")["keywords"][0] == "three dogs"


@pytest.mark.parametrize(
    "words",
    [
        "now the same but at night", "das Gleiche bei Nacht", "lo mismo de noche", "la même chose de nuit", "lo stesso di notte",
        "a mesma coisa à noite", "то же самое ночью", "to samo w nocy", "hetzelfde maar 's nachts", "同样的，晚上", "同じで夜", "똑같이 밤에",
        "やっぱり夜がいいな",
    ],
)  # fmt: skip
def test_the_same_at_another_time_names_no_unknown_thing(words: str) -> None:
    found = answer(words, spec(answer("a cat and a dog in a meadow")))
    assert (found["keywords"], found["unknown"]) == (["cat", "dog", "meadow", "night"], [])


@pytest.mark.parametrize(
    "words",
    [
        "two more cats",
        "dos gatos más",
        "deux chats de plus",
        "altri due gatti",
        "mais dois gatos",
        "ещё две кошки",
        "再加两只猫",
        "zwei Katzen mehr",
    ],
)
def test_so_many_more_are_added(words: str) -> None:
    assert answer(words, spec(answer("a cat and a dog")))["keywords"] == ["three cats", "dog"]


@pytest.mark.parametrize(
    "words",
    [
        "make them smaller",
        "hazlos más pequeños",
        "rends-les plus petits",
        "falli più piccoli",
        "deixa eles menores",
        "maak ze kleiner",
        "сделай их поменьше",
    ],
)
def test_them_is_all_that_there_is(words: str) -> None:
    assert answer(words, spec(answer("a cat and a dog")))["keywords"] == ["small cat", "small dog"]
