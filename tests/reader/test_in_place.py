"""A refusal before another thing, or a contrast, sets it in the place of the one that the picture shows."""

from __future__ import annotations

import json

import pytest

from engine.models.source import STARTER
from engine.starter.lexicon.things import read_things
from engine.starter.orders.read import OrderReader
from engine.starter.reader.spec import PromptSpec

READER = OrderReader(read_things(STARTER / "planner"))
WOLF = "a wolf in the forest"
BEAR = ["bear", "forest"]


def reply(picture: str, words: str) -> list[str]:
    """Return the keywords of the picture that a reply asks for."""
    shown = json.loads(READER.answer(picture, None, lambda _: "{}"))
    base = PromptSpec(shown["understood"], shown["keywords"], shown["prompt"])
    answer = json.loads(READER.answer(words, base, lambda _: "{}"))
    assert (answer["kind"], answer["unknown"]) == ("change", [])
    found: list[str] = answer["keywords"]
    return found


@pytest.mark.parametrize(
    ("picture", "words", "keywords"),
    [
        (WOLF, "no, a bear", BEAR), (WOLF, "nope, a bear", BEAR), (WOLF, "actually a bear", BEAR),
        (WOLF, "not a wolf but a bear", BEAR), ("ein Wolf im Wald", "nein, ein Bär", BEAR),
        ("ein Wolf im Wald", "kein Wolf sondern ein Bär", BEAR), ("un loup dans la forêt", "non, un ours", BEAR),
        ("un lobo en el bosque", "no, un oso", BEAR), ("un lupo nella foresta", "no, un orso", BEAR),
        ("um lobo na floresta", "não, um urso", BEAR), ("волк в лесу", "нет, медведя", BEAR),
        ("wilk w lesie", "nie, niedźwiedź", BEAR), ("een wolf in het bos", "nee, een beer", BEAR),
        ("een wolf in het bos", "geen wolf maar een beer", BEAR), ("森林里的狼", "不，熊", BEAR),
        ("森林里的狼", "不是狼，是熊", BEAR), ("森の狼", "いや、クマ", BEAR), ("숲속의 늑대", "아니, 곰", BEAR),
    ],
)  # fmt: skip
def test_another_thing_takes_the_place(picture: str, words: str, keywords: list[str]) -> None:
    assert reply(picture, words) == keywords


PAIR, CAT, DOG = "a cat and a dog in a meadow", ["cat", "meadow"], ["dog", "meadow"]
KATZE_UND_HUND = "eine Katze und ein Hund auf einer Wiese"
HORSES = ["two horses", "meadow"]


@pytest.mark.parametrize(
    ("picture", "words", "keywords"),
    [
        (PAIR, "only the cat", CAT), (PAIR, "just the dog please", DOG), (KATZE_UND_HUND, "nur die Katze", CAT),
        ("un chat et un chien dans un pré", "seulement le chat", CAT),
        ("un gato y un perro en un prado", "solo el gato", CAT),
        ("un gatto e un cane in un prato", "solo il cane", DOG), ("um gato e um cachorro num prado", "só o gato", CAT),
        ("кошка и собака на лугу", "только собаку", DOG), ("kot i pies na łące", "tylko kot", CAT),
        ("een kat en een hond in een wei", "alleen de kat", CAT), ("草地上一只猫和一条狗", "只要猫", CAT),
        ("草原に猫と犬", "犬だけにして", DOG), ("초원에 고양이와 개", "고양이만", CAT),
        (PAIR, "turn both into horses", HORSES), (KATZE_UND_HUND, "mach aus beiden Pferde", HORSES),
        ("three cats and a dog in a meadow", "turn them all into foxes", ["four foxes", "meadow"]),
        ("草地上一只猫和一条狗", "把它们都换成马", HORSES),
    ],
)  # fmt: skip
def test_only_what_is_named_stays_and_one_thing_takes_the_place_of_all(
    picture: str, words: str, keywords: list[str]
) -> None:
    assert reply(picture, words) == keywords


@pytest.mark.parametrize(
    ("picture", "words", "keywords"),
    [
        ("ein rotes Auto in der Stadt", "füge Schnee hinzu", ["red car", "city", "snowflakes falling"]),
        ("城里的红车", "加雪", ["red car", "city", "snowflakes falling"]),
        ("une voiture rouge en ville", "dans la neige", ["red car", "snow"]),
        (PAIR, "only two cats", ["two cats", "dog", "meadow"]),
        (PAIR, "just make the cat black", ["black cat", "dog", "meadow"]),
        (PAIR, "just add a tree", ["cat", "dog", "tree", "meadow"]),
        (PAIR, "only at night", ["cat", "dog", "meadow", "night"]),
        (WOLF, "no wolf", ["forest"]),
        (WOLF, "no, two wolves", ["two wolves", "forest"]),
        (WOLF, "no, make it white", ["white wolf", "forest"]),
        (WOLF, "no, sunny", ["wolf", "forest", "sun"]),
        (WOLF, "actually add a dog", ["wolf", "dog", "forest"]),
        ("a cat and a dog in a meadow", "no, a horse", ["cat", "dog", "horse", "meadow"]),
        ("森の狼", "やっぱり犬も", ["wolf", "dog", "forest"]),
        ("three apples", "green ones", ["three green apples"]),
    ],
)
def test_the_rest_is_read_as_without_a_refusal(picture: str, words: str, keywords: list[str]) -> None:
    assert reply(picture, words) == keywords


@pytest.mark.parametrize(
    ("picture", "words", "keywords"),
    [
        ("a cat and a dog", "no dog, rather a horse", ["cat", "horse"]),
        ("a cat and a dog", "remove the dog, a horse instead", ["cat", "horse"]),
        ("eine Katze und ein Hund", "Hund weg, lieber ein Pferd", ["cat", "horse"]),
        ("a cat, a dog and a cow", "dog away, rather a horse", ["cat", "cow", "horse"]),
    ],
)
def test_what_comes_for_a_thing_that_goes_takes_no_other_place(picture: str, words: str, keywords: list[str]) -> None:
    assert reply(picture, words) == keywords


TOWN, FALLING = "a dog in the city", ["dog", "city", "snowflakes falling"]
STADT = "ein Hund in der Stadt"


@pytest.mark.parametrize(
    ("picture", "words", "keywords"),
    [
        (TOWN, "snow", FALLING), (TOWN, "snow please", FALLING), (STADT, "Schnee bitte", FALLING),
        ("un perro en la ciudad", "nieve", FALLING), ("城市里的狗", "雪", FALLING), ("街の犬", "雪", FALLING),
        ("도시의 개", "눈", FALLING), (TOWN, "in the snow", ["dog", "snow"]), (STADT, "im Schnee", ["dog", "snow"]),
        ("a dog", "snow", ["dog", "snow"]), ("собака в городе", "пусть будет снег", FALLING),
    ],
)  # fmt: skip
def test_bare_snow_falls_where_a_picture_has_its_place(picture: str, words: str, keywords: list[str]) -> None:
    assert reply(picture, words) == keywords


@pytest.mark.parametrize(
    ("picture", "words", "keywords"),
    [
        ("a dog and a cat", "make the dog bigger than the cat", ["big dog", "cat"]),
        ("ein Hund und eine Katze", "der Hund größer als die Katze", ["big dog", "cat"]),
        ("un perro y un gato", "el perro más grande que el gato", ["big dog", "cat"]),
        ("een hond en een kat", "de hond kleiner dan de kat", ["small dog", "cat"]),
        ("a whale and two dogs", "no wait one was better", ["whale", "dog"]),
        (WOLF, "no wait a bear", BEAR),
        ("ein Pinguin und ein Hund", "statt Pinguin lieber ein Eisbär", ["polar bear", "dog"]),
        ("a penguin and a dog", "instead of the penguin rather a bear", ["bear", "dog"]),
        ("馬", "馬をもう1頭", ["two horses"]),
        ("кот и морковка", "убери морковку", ["cat"]),
        ("a cat", "zwei rote Äpfel", ["cat", "two red apples"]),
    ],
)
def test_a_size_a_number_and_a_colour_go_to_what_they_are_said_of(
    picture: str, words: str, keywords: list[str]
) -> None:
    assert reply(picture, words) == keywords


def test_one_of_several_in_another_colour_is_told_and_takes_none_away() -> None:
    shown = json.loads(READER.answer("three balloons", None, lambda _: "{}"))
    base = PromptSpec(shown["understood"], shown["keywords"], shown["prompt"])
    answer = json.loads(READER.answer("make one red", base, lambda _: "{}"))
    assert (answer["keywords"], answer["unknown"]) == (["three balloons"], ["one red"])
