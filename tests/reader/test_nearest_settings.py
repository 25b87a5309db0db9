"""Weather, times and places by their many words; what is only the nearest to the words is told."""

from __future__ import annotations

import pytest

from engine.starter.lexicon.captions import PLACES
from engine.starter.lexicon.hearing import hearing
from engine.starter.lexicon.order_captions import SKIES
from engine.starter.lexicon.tongue import CODES
from engine.starter.reader.spec import PromptSpec
from tests.reader.test_strangers import answer, names

SETTINGS: dict[str, tuple[list[str], list[str]]] = {
    "three penguins in a snowstorm": (["three penguins", "snow", "snowflakes falling"], []),
    "a house in a blizzard in the mountains": (["house", "mountains", "snowflakes falling"], []),
    "ein Fuchs im Schneesturm": (["fox", "snow", "snowflakes falling"], []),
    "un renard dans une tempête de neige": (["fox", "snow", "snowflakes falling"], []),
    "un zorro en una ventisca": (["fox", "snow", "snowflakes falling"], []),
    "一只狐狸在暴风雪中": (["fox", "snow", "snowflakes falling"], []),
    "吹雪の中のキツネ": (["fox", "snow", "snowflakes falling"], []),
    "лиса в метель": (["fox", "snow", "snowflakes falling"], []),
    "눈보라 속 여우": (["fox", "snow", "snowflakes falling"], []),
    "lis w śnieżycy": (["fox", "snow", "snowflakes falling"], []),
    "een vos in een sneeuwstorm": (["fox", "snow", "snowflakes falling"], []),
    "una volpe in una bufera di neve": (["fox", "snow", "snowflakes falling"], []),
    "uma raposa na nevasca": (["fox", "snow", "snowflakes falling"], []),
    "a cat in space": (["cat", "stars"], ["space"]),
    "ein Auto im Weltraum": (["car", "stars"], ["weltraum"]),
    "un gato en el espacio": (["cat", "stars"], ["espacio"]),
    "un chat dans l'espace": (["cat", "stars"], ["espace"]),
    "un gatto nello spazio": (["cat", "stars"], ["spazio"]),
    "um gato no espaço": (["cat", "stars"], ["espaço"]),
    "кошка в космосе": (["cat", "stars"], ["космосе"]),
    "猫在太空": (["cat", "stars"], ["太空"]),
    "宇宙の猫": (["cat", "stars"], ["宇宙"]),
    "우주에 있는 고양이": (["cat", "stars"], ["우주"]),
    "kot w kosmosie": (["cat", "stars"], ["kosmosie"]),
    "een kat in de ruimte": (["cat", "stars"], ["ruimte"]),
    "a cow on a farm": (["cow", "meadow"], ["farm"]),
    "une vache à la ferme": (["cow", "meadow"], ["ferme"]),
    "корова на ферме": (["cow", "meadow"], ["ферме"]),
    "农场里的牛": (["cow", "meadow"], ["农场"]),
    "un león en la sabana": (["lion", "meadow"], ["sabana"]),
    "a lion in autumn": (["lion"], ["autumn"]),
    "лиса осенью": (["fox"], ["осенью"]),
    "秋天的狐狸": (["fox"], ["秋天的"]),
    "秋の森のキツネ": (["fox", "forest"], ["秋の"]),
    "가을 숲의 여우": (["fox", "forest"], ["가을"]),
    "un renard en automne": (["fox"], ["automne"]),
    "eine Katze bei Nieselregen": (["cat", "rain"], []),
    "a fish under water": (["fish", "lake"], ["under water"]),
    "un pez bajo el agua": (["fish", "lake"], ["bajo el agua"]),
    "рыба под водой": (["fish", "lake"], ["под водой"]),
    "海底的鱼": (["fish", "beach"], ["海底"]),
    "물속의 물고기": (["fish", "lake"], ["물속"]),
    "a cat on the moon": (["cat", "moon"], ["on the moon"]),
    "un ours sous la neige": (["bear", "snow", "snowflakes falling"], []),
    "un oso bajo la nieve": (["bear", "snow", "snowflakes falling"], []),
    "медведь под снегом": (["bear", "snow", "snowflakes falling"], []),
    "ein Bär unter dem Schnee": (["bear", "snow", "snowflakes falling"], []),
    "a frog in a drizzle at early morning": (["frog", "dawn", "rain"], []),
    "un gato en la plaza": (["cat", "city"], ["plaza"]),
    "a monkey in the jungle": (["monkey", "forest"], []),
    "a fox in fog at daybreak": (["fox", "dawn", "fog"], []),
    "дом под ливнем": (["house", "rain"], []),
    "一座城堡在星空下": (["castle", "stars"], []),
    "満天の星の下のテント": (["tent", "stars"], []),
    "a wolf under a full moon": (["wolf", "moon"], []),
    "un loup à la pleine lune": (["wolf", "moon"], []),
    "дом и радуга": (["house", "rainbow"], []),
    "un castello sotto l'arcobaleno": (["castle", "rainbow"], []),
}
"""By request its keywords, and what of its words is told."""


@pytest.mark.parametrize("words", SETTINGS)
def test_a_setting_is_read_and_told_where_it_is_only_the_nearest(words: str) -> None:
    found = answer(words)
    assert (found["keywords"], found["unknown"]) == SETTINGS[words]
    assert names(found) == []


def test_space_has_stars_by_night_and_a_blizzard_lies_where_no_place_is_named() -> None:
    assert "at night, a sky full of stars" in answer("a cat in space")["prompt"]
    assert "snowy winter field" in answer("a cat in a blizzard")["prompt"]
    assert "the snow" not in answer("a cat in a blizzard on the beach")["prompt"]


@pytest.mark.parametrize("change", ["make it a blizzard", "make it snow", "it should snow", "add some snow"])
def test_snow_in_a_change_falls_where_the_picture_is(change: str) -> None:
    base = answer("a cat on the beach")
    spec = PromptSpec(base["understood"], base["keywords"], base["prompt"])
    assert answer(change, spec)["keywords"] == ["cat", "beach", "snowflakes falling"]


def test_a_change_can_put_it_in_the_snow() -> None:
    base = answer("a cat on the beach")
    spec = PromptSpec(base["understood"], base["keywords"], base["prompt"])
    assert answer("put it in the snow", spec)["keywords"] == ["cat", "snow"]


@pytest.mark.parametrize("code", CODES)
def test_each_language_names_what_is_nearest_to_settings_that_are_never_shown(code: str) -> None:
    heard = hearing(code)
    assert set(heard.roughly) <= {*PLACES, *SKIES}
    assert {"stars", "moon", "meadow", "lake", "beach", "city", "mountains", "snow"} <= set(heard.roughly)
    plain = {form for table in (heard.places, heard.skies) for forms in table.values() for form in forms}
    assert not plain & {*heard.blizzard, *(form for forms in heard.roughly.values() for form in forms)}
