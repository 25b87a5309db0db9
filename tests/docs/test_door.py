"""The README is a door: short, with a moving picture of the real page, and a way in for each reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.docs.reading import HOSTS, MEMBERS, MODERATORS, README, ROOT, headings, links
from tools.film import MOST_BYTES, SCRIPTS, SIZE, Script

MOST_WORDS = 900
DOORS = [README, README.with_name("README.zh-CN.md")]


def words(text: str) -> int:
    """Count words as `wc -w` does; of Chinese text two characters count as a word, which its words have on average."""
    characters = len(re.findall(r"[\u4e00-\u9fff]", text))
    return len(re.sub(r"[\u4e00-\u9fff]", " ", text).split()) + (characters + 1) // 2


def test_words_are_counted() -> None:
    assert words("a red boat") == 3
    assert words("夕阳下的海滩 at night") == 5


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_it_is_read_in_a_few_minutes(door: Path) -> None:
    assert 200 < words(door.read_text("utf-8")) <= MOST_WORDS
    assert len([text for level, text in headings(door) if level == 2]) <= 5


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_each_reader_has_a_way_in(door: Path) -> None:
    led = {(door.parent / link.partition("#")[0]).resolve() for link in links(door)}
    suffix = door.name.removeprefix("README")
    for page in (HOSTS, MEMBERS, MODERATORS, ROOT / "CONTRIBUTING.md"):
        assert page.with_name(page.stem + suffix) in led


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=[*SCRIPTS])
def test_the_picture_moves_and_loads_fast(script: Script) -> None:
    film = ROOT / "docs" / script.out
    assert film.stat().st_size < MOST_BYTES
    with Image.open(film) as picture:
        assert (picture.format, picture.size) == ("WEBP", (SIZE["width"], SIZE["height"]))
        assert 10 < getattr(picture, "n_frames", 1) < 200
