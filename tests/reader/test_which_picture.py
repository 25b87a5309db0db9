"""Which picture of a set a reply names, read for the starter."""

from __future__ import annotations

import subprocess
import sys

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
    "右上角那张改成夜晚": (2, "改成夜晚"),
    "给第三张加个月亮": (3, "加个月亮"),
    "把左上角的图换成冬天": (1, "换成冬天"),
    "第二张不错，改成夜晚": (2, "不错，改成夜晚"),
    "二号，改成夜晚": (2, "改成夜晚"),
    "最后一张改成夜晚": (4, "改成夜晚"),
    "左下の画像を夜に": (3, "夜に"),
    "3番を冬に": (3, "冬に"),
    "#3 but at sunset": (3, "but at sunset"),
    "no. 2": (2, ""),
    "2": (2, ""),
    "3 in winter": (3, "in winter"),
    "number two at night": (2, "at night"),
    "change 3 to winter": (3, "change it to winter"),
    "the 3rd pls": (3, "pls"),
    "the one on the top left": (1, ""),
    "the picture in the lower left corner, at night": (3, "at night"),
    "make the boat in the second picture red": (2, "make the boat red"),
    "i like the third one, make it winter": (3, "i like, make it winter"),
    "the last one at dusk": (4, "at dusk"),
    "der zweite, bei Nacht": (2, "bei Nacht"),
    "das Bild oben rechts bei Nacht": (2, "bei Nacht"),
    "Nummer 3 im Winter": (3, "im Winter"),
    "el tercero de noche": (3, "de noche"),
    "número dos": (2, ""),
}
NAMELESS = (
    "make it night",
    "add four birds",
    "加四只鸟",
    "the third boat should be blue",
    "add a bird in the top right",
    "two cats on the second floor",
    "füge vier Vögel hinzu",
    "在左上角加一只鸟",
    "左上角的天空改成红色",
    "第二只猫改成白色",
    "第二个人加帽子",
    "右上の空を赤く",
    "oben links ein Mond",
    "first, make it night",
    "no 2 cats please",
    "2 more boats",
    "the last boat",
    "the left one",
    "1 and 3 at night",
    "the first one bigger and the second one smaller",
)
OF_TWO = {
    "the left one": (1, ""),
    "the right one, at night": (2, "at night"),
    "左边那张": (1, ""),
    "das linke Bild bei Nacht": (1, "bei Nacht"),
    "la de la izquierda": (1, ""),
    "the last one": (2, ""),
    "the house on the left": (None, "the house on the left"),
}


@pytest.mark.parametrize("words", NAMED)
def test_a_picture_is_named(words: str) -> None:
    assert read_which(words) == NAMED[words]


@pytest.mark.parametrize("words", NAMELESS)
def test_none_is_named(words: str) -> None:
    assert read_which(words) == (None, words)


@pytest.mark.parametrize("words", OF_TWO)
def test_of_two_one_is_left_and_one_is_right(words: str) -> None:
    assert read_which(words, 2) == OF_TWO[words]


def test_the_longest_patterns_are_compiled_by_the_first_message_and_not_by_a_start() -> None:
    code = """
from engine.chatting import small_world
from engine.starter.reader import orders, which_picture
print(orders._compiled.cache_info().currsize, which_picture._patterns.cache_info().currsize)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "0"]
