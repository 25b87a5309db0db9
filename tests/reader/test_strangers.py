"""Things that no table knows: which are asked about and which are details; what is offered, and what stays."""
# ruff: noqa: E501 (lists of requests in other languages)

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.prompt import UnknownThing
from engine.models.source import STARTER
from engine.starter.lexicon.families import nouns, own_colors
from engine.starter.lexicon.things import read_things
from engine.starter.lexicon.tongue import CODES
from engine.starter.orders.alike import alike
from engine.starter.orders.read import OrderReader
from engine.starter.reader.spec import PromptSpec

THINGS = read_things(STARTER / "planner")[:120]
"""Of those that are shipped: what else people ask for is unknown here, however many more are drawn one day."""
READER = OrderReader(THINGS)


def answer(words: str, base: PromptSpec | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(READER.answer(words, base, lambda _: "", addressed=True))
    return found


def names(found: dict[str, Any]) -> list[str]:
    one = [found["unknown_thing"]] if "unknown_thing" in found else []
    several: list[str] = found.get("unknown_things", one)
    assert several[:1] == one
    return several


ASKED: dict[str, tuple[str, list[str]]] = {
    "a cat and a pangolin on the beach": ("pangolin", ["cat", "beach"]),
    "cat and pangolin": ("pangolin", ["cat"]),
    "a pangolin and a cat": ("pangolin", ["cat"]),
    "a cat with a pangolin": ("pangolin", ["cat"]),
    "a cat beside a lighthouse": ("lighthouse", ["cat"]),
    "a cat under a lighthouse": ("lighthouse", ["cat"]),
    "an owl above a lighthouse": ("lighthouse", ["owl"]),
    "a cat in front of a lighthouse": ("lighthouse", ["cat"]),
    "a cat behind a lighthouse at night": ("lighthouse", ["cat", "night"]),
    "a cat holding a sword": ("sword", ["cat"]),
    "a cat riding a bicycle": ("bicycle", ["cat"]),
    "a knight riding a horse": ("knight", ["horse"]),
    "a pangolin in a car": ("pangolin", ["car"]),
    "three pangolins and a cat": ("pangolins", ["cat"]),
    "pangolin beach night": ("pangolin", ["beach", "night"]),
    "cat, pangolin, beach": ("pangolin", ["cat", "beach"]),
    "a cat statue": ("cat statue", []),
    "a statue of a cat in the snow": ("statue of a cat", ["snow"]),
    "二只猫和一个灯塔": ("灯塔", ["two cats"]),
    "灯塔旁边的猫": ("灯塔", ["cat"]),
    "猫在灯塔旁边": ("灯塔", ["cat"]),
    "一只猫在灯塔前面，夜晚": ("灯塔", ["cat", "night"]),
    "拿着剑的猫": ("剑", ["cat"]),
    "骑着自行车的熊猫": ("自行车", ["panda"]),
    "桥下面的猫": ("桥", ["cat"]),
    "穿山甲 海滩 夜晚": ("穿山甲", ["beach", "night"]),
    "猫的雕像": ("猫的雕像", []),
    "ein Hund neben einem Leuchtturm": ("Leuchtturm", ["dog"]),
    "ein Leuchtturm neben einem Hund": ("Leuchtturm", ["dog"]),
    "eine Katze vor einem Leuchtturm": ("Leuchtturm", ["cat"]),
    "eine Katze unter einer Brücke": ("Brücke", ["cat"]),
    "eine Katze mit einem Roboter": ("Roboter", ["cat"]),
    "eine Katze hält ein Schwert": ("Schwert", ["cat"]),
    "Leuchtturm Katze Strand": ("Leuchtturm", ["cat", "beach"]),
    "un gato y un pangolín en la playa": ("pangolín", ["cat", "beach"]),
    "un gato delante de un faro": ("faro", ["cat"]),
    "un gato bajo un puente": ("puente", ["cat"]),
    "un gato con un robot": ("robot", ["cat"]),
    "una estatua de un gato": ("estatua de un gato", []),
    "un chat à côté d'un phare": ("phare", ["cat"]),
    "un chat devant un phare": ("phare", ["cat"]),
    "un chat sous un pont": ("pont", ["cat"]),
    "un chat tenant une épée": ("épée", ["cat"]),
    "un gatto accanto a un faro": ("faro", ["cat"]),
    "un gatto davanti a un faro": ("faro", ["cat"]),
    "un gatto sotto un ponte": ("ponte", ["cat"]),
    "un gatto che tiene una spada": ("spada", ["cat"]),
    "um gato ao lado de um farol": ("farol", ["cat"]),
    "um gato em frente a um farol": ("farol", ["cat"]),
    "um gato embaixo de uma ponte": ("ponte", ["cat"]),
    "um gato segurando uma espada": ("espada", ["cat"]),
    "кот и панголин на пляже": ("панголин", ["cat", "beach"]),
    "кот рядом с маяком": ("маяком", ["cat"]),
    "кот перед маяком": ("маяком", ["cat"]),
    "кот под мостом": ("мостом", ["cat"]),
    "кот держит меч": ("меч", ["cat"]),
    "статуя кота": ("статуя кота", []),
    "고양이와 천산갑": ("천산갑", ["cat"]),
    "등대와 고양이": ("등대", ["cat"]),
    "등대 앞에 고양이": ("등대", ["cat"]),
    "등대 아래 고양이": ("등대", ["cat"]),
    "검을 든 고양이": ("검", ["cat"]),
    "로봇이 우산을 들고 있다": ("로봇", ["umbrella"]),
    "猫とセンザンコウ": ("センザンコウ", ["cat"]),
    "灯台の隣に猫": ("灯台", ["cat"]),
    "灯台の前に猫": ("灯台", ["cat"]),
    "橋の下の猫": ("橋", ["cat"]),
    "剣を持った猫": ("剣", ["cat"]),
    "自転車に乗る猫": ("自転車", ["cat"]),
    "kot i pangolin na plaży": ("pangolin", ["cat", "beach"]),
    "kot obok latarni morskiej": ("latarni morskiej", ["cat"]),
    "kot przed latarnią morską": ("latarnią morską", ["cat"]),
    "kot pod mostem": ("mostem", ["cat"]),
    "kot trzyma miecz": ("miecz", ["cat"]),
    "posąg kota": ("posąg kota", []),
    "een kat en een schubdier op het strand": ("schubdier", ["cat", "beach"]),
    "een hond naast een vuurtoren": ("vuurtoren", ["dog"]),
    "een kat voor een vuurtoren": ("vuurtoren", ["cat"]),
    "een kat onder een brug": ("brug", ["cat"]),
    "een kat houdt een zwaard vast": ("zwaard", ["cat"]),
}


@pytest.mark.parametrize("words", ASKED)
def test_an_unknown_thing_is_named_and_one_near_it_takes_its_place_beside_all_else(words: str) -> None:
    found = answer(words)
    name, kept = ASKED[words]
    assert names(found) == [name]
    assert len(found["near"]) == 3
    unknown = UnknownThing(name, tuple(found["near"]))
    assert unknown.stands_in(words)
    for index, near in enumerate(found["near"]):
        again = answer(unknown.replaced(words, index))
        assert names(again) == [], near
        keywords = [word for word in again["keywords"] if word != "in front of"]
        assert set(kept) <= set(keywords), near
        assert len(keywords) == len(kept) + 1, near


TOLD = [
    "a cat in a cozy mood", "a dragon, masterpiece, 8k", "a cat with big eyes", "cat wearing nothing special",
    "a castle in Paris", "a majestic dragon", "a dragon breathing fire",
    "a portrait of a cat", "a cat, highly detailed, trending on artstation", "a herd of elephants",
    "a cozy house with smoke and warm windows", "a lonely cat and its shadow", "a dog and its owner", "a fox with a fluffy tail",
    "a cat and dog, best friends", "a lion, majestic and fearsome", "an epic castle with towers", "a tree with autumn leaves",
    "a horse galloping", "a cat standing and meowing", "in studio ghibli style, a cat", "a cat in the style of van gogh", "a whale in outer space",
    "a cat in front of the window", "a cat behind bars", "a cat, digital art, by greg rutkowski",
    "a castle on a floating island", "a bear sleeping in a cave", "a pizza with cheese",
    "a robot cat", "a pirate cat", "steampunk owl", "a cat looking out of a window", "a tiger made of glass",
    "eine Katze mit großen Augen", "eine Katze in gemütlicher Stimmung", "ein Drache, Meisterwerk, 8k",
    "ein Bär in einer Höhle", "ein Hund und sein Schatten", "eine verträumte Katze",
    "un gato con ojos grandes", "un dragón, obra maestra, 8k", "un gato en un ambiente acogedor", "un gato melancólico",
    "un chat avec de grands yeux", "un dragon, chef-d'oeuvre, 8k", "un chat dans une ambiance chaleureuse",
    "un gatto con grandi occhi", "un drago, capolavoro, 8k", "un leone maestoso e fiero",
    "um gato com olhos grandes", "um dragão, obra-prima, 8k", "um leão majestoso e orgulhoso",
    "кот с большими глазами", "дракон, шедевр, 8k", "величественный и гордый лев", "кот в уютной атмосфере",
    "kot z dużymi oczami", "smok, arcydzieło, 8k", "dumny i majestatyczny lew", "senny kot z uśmiechem",
    "een kat met grote ogen", "een draak, meesterwerk, 8k", "een leeuw, majestueus en trots",
    "忧郁的猫", "一条龙，杰作，8k", "温馨氛围中的猫", "猫在窗户前面", "长着翅膀的龙",
    "ドラゴン、傑作、8k", "居心地の良い雰囲気の猫", "窓の前の猫", "雨の中で踊る猫",
    "용, 걸작, 8k", "아늑한 분위기의 고양이", "창문 앞의 고양이", "날개 달린 용", "다리가 긴 고양이",
]  # fmt: skip


@pytest.mark.parametrize("words", TOLD)
def test_a_detail_a_mood_or_an_unknown_place_is_told_and_not_asked_about(words: str) -> None:
    found = answer(words)
    assert (names(found), found["kind"]) == ([], "new")
    assert found["unknown"]
    assert any(
        word in found["keywords"] or f"two {word}" in found["keywords"]
        for word in (*(one.word for one in THINGS), "four elephants")
    )


@pytest.mark.parametrize(
    ("words", "several"),
    [
        ("a robot, a pangolin and a cat", ["robot", "pangolin"]),
        ("a cat behind a lighthouse and a robot", ["lighthouse", "robot"]),
        ("狗和灯塔还有机器人", ["灯塔", "机器人"]),
        ("ein Roboter und ein Leuchtturm", ["Roboter", "Leuchtturm"]),
        ("a hat of a wizard", ["hat of a wizard"]),
        ("a robot with big eyes in a kitchen", ["robot", "kitchen"]),
        ("a mermaid, highly detailed, trending on artstation", ["mermaid"]),
        ("a robot holding a sword", ["robot", "sword"]),
        ("帽子をかぶったロボット", ["ロボット"]),
        ("робот в шляпе", ["робот"]),
        ("戴帽子的机器人", ["机器人"]),
        ("in a lighthouse at night", ["lighthouse"]),
        ("拿着剑的骑士和一条龙", ["剑", "骑士"]),
        ("a mouse and a piece of cheese", ["piece of cheese"]),
    ],
)
def test_of_several_unknown_things_all_are_named_but_for_whose_they_are(words: str, several: list[str]) -> None:
    assert names(answer(words)) == several


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("put the dog in front of a lighthouse", "lighthouse"),
        ("replace the dog with a pangolin", "pangolin"),
        ("make the dog hold a sword", "sword"),
        ("add a hat to the dog", "hat"),
        ("add a cat with a hat", "hat"),
        ("add a rainbow above the dog", ""),
        ("put the dog in front of the window", ""),
        ("remove the pangolin", ""),
        ("强一点", ""),
        ("让狗拿着剑", "剑"),
        ("给我加一个灯塔", "灯塔"),
    ],
)
def test_a_change_is_asked_about_where_it_brings_a_thing(words: str, name: str) -> None:
    made = answer("a dog on the beach")
    found = answer(words, PromptSpec(made["understood"], made["keywords"], made["prompt"]))
    assert names(found) == [name][: bool(name)]


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("a pangolin and a rabbit", ["fox", "raccoon", "mouse"]),
        ("a lighthouse", ["castle", "house", "tent"]),
        ("a castle and a lighthouse", ["house", "tent", "ferris wheel"]),
        ("a bicycle", ["car", "bus", "train"]),
        ("a sandwich", ["pizza", "burger", "popcorn"]),
        ("two lighthouses", ["castles", "houses", "tents"]),
        ("a zorblat on the beach", ["crab", "palm tree", "sailboat"]),
        ("a zorblat and a crab on the beach", ["palm tree", "sailboat", "turtle"]),
        ("a zorblat in the desert", ["camel", "cactus", "snake"]),
        ("un faro", ["castillo", "casa", "carpa"]),
        ("ein Pfirsich", ["Apfel", "Orange", "Banane"]),
    ],
)
def test_what_is_near_is_of_the_same_family_else_at_home_in_the_place_and_not_asked_for_already(
    words: str, near: list[str]
) -> None:
    assert answer(words)["near"] == near


def test_things_of_another_gallery_are_near_too_and_nothing_is_near_a_detail() -> None:
    assert alike("building", ["mug", "house"], [], "city") == ["house", "mug"]
    assert alike("", ["mug"], ["mug"], "moon") == []
    assert alike("detail", ["house"], [], "city") == []


@pytest.mark.parametrize("code", CODES)
def test_a_listed_noun_is_of_one_family_and_no_thing_of_the_starter(code: str) -> None:
    listed = [word for words in nouns(code).values() for word in words]
    assert sorted(set(listed)) == sorted(listed)
    labels = {one.names[code].label for one in THINGS if code in one.names}
    assert not labels & set(listed)


@pytest.mark.parametrize(
    ("words", "keywords", "unknown"),
    [
        ("three yellow pandas", ["three pandas"], ["yellow panda"]),
        ("three yellow ducks", ["three yellow ducks"], []),
        ("a blue lion and a red cat", ["lion", "red cat"], ["blue lion"]),
        ("一只蓝色的狮子", ["lion"], ["蓝色的狮子"]),
        ("a red car", ["red car"], []),
        ("an orange fox", ["orange fox"], []),
    ],
)
def test_a_colour_that_a_thing_cannot_have_is_told_and_not_promised(
    words: str, keywords: list[str], unknown: list[str]
) -> None:
    found = answer(words)
    assert (found["keywords"], found["unknown"]) == (keywords, unknown)
    assert "unknown_thing" not in found


def test_a_change_to_a_colour_that_a_thing_cannot_have_is_told_and_a_drawing_has_its_own() -> None:
    made = answer("a lion on the beach")
    found = answer("make the lion blue", PromptSpec(made["understood"], made["keywords"], made["prompt"]))
    assert (found["keywords"], found["unknown"]) == (["lion", "beach"], ["blue lion"])
    assert "blue" not in found["prompt"].split(",")[0]
    assert own_colors("lion") == {"orange"}
    assert not [thing.word for thing in THINGS if thing.recolors and own_colors(thing.word)], "they take every colour"


@pytest.mark.parametrize(
    ("words", "keywords", "unknown"),
    [
        ("a lemon cake in the snow", ["cake", "snow"], ["lemon cake"]),
        ("two tomato pizzas", ["two pizzas"], ["tomato pizzas"]),
        ("菠萝蛋糕", ["cake"], ["菠萝蛋糕"]),
        ("りんごケーキ", ["cake"], ["りんごケーキ"]),
        ("바나나 케이크와 고양이", ["cake", "cat"], ["바나나 케이크"]),
        ("uma pizza de abacaxi", ["pizza"], ["pizza de abacaxi"]),
        ("torta di fragole", ["cake"], ["torta di fragole"]),
        ("lemon, cake", ["lemon", "cake"], []),
        ("lemon and cake", ["lemon", "cake"], []),
        ("cake lemon banana", ["cake", "lemon", "banana"], []),
        ("cat dog", ["cat", "dog"], []),
    ],
)
def test_food_that_is_made_of_a_fruit_is_one_thing(words: str, keywords: list[str], unknown: list[str]) -> None:
    found = answer(words)
    assert (found["keywords"], found["unknown"], names(found)) == (keywords, unknown, [])


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("pangolin", "new"),
        ("a pangolin", "new"),
        ("ein Leuchtturm auf einer Klippe", "new"),
        ("are you a robot?", "chat"),
        ("who is the king?", "chat"),
    ],
)
def test_a_bare_noun_asks_for_a_picture_and_talk_with_a_noun_does_not(words: str, kind: str) -> None:
    assert answer(words)["kind"] == kind


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("a blue bird in a tree", "tree"),
        ("two blue birds in a tree", "tree"),
        ("一只蓝色的鸟在树上", "tree"),
        ("un oiseau bleu sur un arbre", "tree"),
        ("un pájaro azul en un árbol", "tree"),
        ("ein blauer Vogel auf einem Baum", "tree"),
        ("a red hat beside a cat", "cat"),
    ],
)
def test_what_is_said_of_an_unknown_thing_is_said_of_no_other(words: str, thing: str) -> None:
    assert answer(words)["keywords"] == [thing]


@pytest.mark.parametrize(
    "words",
    [
        "make the lamp blue",
        "the robot should be red",
        "make its eyes green",
        "灯换成红色",
        "把机器人变成绿色",
        "der Roboter soll blau sein",
        "ロボットを青くして",
        "робот должен быть красным",
    ],
)
def test_a_change_of_what_is_not_there_changes_nothing(words: str) -> None:
    base = answer("a cat on the beach")
    spec = PromptSpec(**{name: base[name] for name in ("understood", "keywords", "prompt", "negative")})
    changed = answer(words, spec)
    assert changed["keywords"] == base["keywords"] and changed["unknown"]


@pytest.mark.parametrize(
    ("words", "keywords"),
    [
        ("make it really red", ["red cat", "beach"]),
        ("make the cat blue", ["blue cat", "beach"]),
        ("换成红色", ["red cat", "beach"]),
        ("把猫变成绿色", ["green cat", "beach"]),
        ("mach sie blau", ["blue cat", "beach"]),
    ],
)
def test_a_change_of_what_is_there_is_made(words: str, keywords: list[str]) -> None:
    base = answer("a cat on the beach")
    spec = PromptSpec(**{name: base[name] for name in ("understood", "keywords", "prompt", "negative")})
    assert answer(words, spec)["keywords"] == keywords
