"""Which picture of a set a reply names, read for the starter."""

from __future__ import annotations

import pytest

from engine.starter.reader.which_picture import read_which

NAMED = {
    "the second one, at night": (2, "at night"),
    "make the third one red": (3, "make it red"),
    "first picture in winter please": (1, "in winter please"),
    "number 4 but at dusk": (4, "but at dusk"),
    "top left one with a boat": (1, "with a boat"),
    "第二张改成夜晚": (2, "改成夜晚"),
    "左下那张，加一只猫": (3, "加一只猫"),
    "右上的加一条船": (2, "加一条船"),
    "la segunda, de noche": (2, "de noche"),
    "das rechts oben, aber ohne Wolken": (2, "aber ohne Wolken"),
    "das vierte Bild bei Nacht": (4, "bei Nacht"),
    "3枚目を水彩画にして": (3, "水彩画にして"),
    "the fifth one, brighter": (5, "brighter"),
    "the second one": (2, ""),
    "第二张": (2, ""),
}
NAMELESS = (
    "make it night",
    "add four birds",
    "加四只鸟",
    "the third boat should be blue",
    "add a bird in the top right",
    "two cats on the second floor",
    "füge vier Vögel hinzu",
)


@pytest.mark.parametrize("words", NAMED)
def test_a_picture_is_named(words: str) -> None:
    assert read_which(words) == NAMED[words]


@pytest.mark.parametrize("words", NAMELESS)
def test_none_is_named(words: str) -> None:
    assert read_which(words) == (None, words)
