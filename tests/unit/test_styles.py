"""Styles: each bundled one is whole and found by all its words, and an edit names one only when it means it."""

from __future__ import annotations

import re

import pytest

from bot.domain.jobs import SHAPES
from bot.domain.styles import PLACE, Style
from bot.host.style_file import load_styles
from bot.ui.i18n import LOCALES
from engine.starter.lexicon.captions import STYLES as STARTER_STYLES

BUNDLED = load_styles()


@pytest.mark.parametrize("style", list(BUNDLED), ids=lambda style: style.key)
def test_a_bundled_style_is_whole(style: Style) -> None:
    assert set(style.names) == set(LOCALES)
    assert set(style.descriptions) == set(LOCALES)
    assert not style.notes or set(style.notes) == set(LOCALES)
    assert style.prompt.count(PLACE) == 1
    assert len(style.prompt) <= 160
    assert style.negative
    assert style.shape in ("", *SHAPES)
    assert len(style.aliases + style.things) >= 3
    assert re.search("[\u4e00-\u9fff]", style.names["zh-CN"])


def test_the_bundled_styles_are_sorted_and_many() -> None:
    keys = [style.key for style in BUNDLED]
    assert keys == sorted(set(keys))
    assert len(keys) >= 28


def test_the_starter_painter_reads_its_own_words_first_come_the_requesters() -> None:
    for key, (words, *_) in STARTER_STYLES.items():
        style = BUNDLED.get(key)
        assert style
        assert style.apply("a red boat") == f"a red boat, {words}"


def test_a_medical_picture_says_what_it_is_not() -> None:
    style = BUNDLED.get("medical")
    assert style
    assert style.note("en-GB") == "Illustration, not for diagnosis."
    assert "不能用于诊断" in style.note("zh-TW")


def test_texts_come_in_the_nearest_locale() -> None:
    style = Style("x", names={"en": "Ex", "zh-CN": "某"}, notes={"": "for all"})
    assert [style.name(locale) for locale in ("en-GB", "zh-TW", "de")] == ["Ex", "某", "Ex"]
    assert style.note("de") == "for all"
    assert style.description("en") == ""


def test_a_prompt_that_holds_the_place_itself_is_taken_as_it_is() -> None:
    assert Style("x", {}, prompt="logo of {prompt}").apply("{prompt} {0}") == "logo of {prompt} {0}"


@pytest.mark.parametrize("style", list(BUNDLED), ids=lambda style: style.key)
def test_a_style_is_found_by_each_of_its_words(style: Style) -> None:
    for word in (style.key, *style.names.values(), *style.aliases, *style.things):
        assert BUNDLED.find(word.upper()) is style, word
    assert BUNDLED.get(style.key) is style


@pytest.mark.parametrize(
    ("typed", "key"),
    [(" Pixel Art ", "pixel-art"), ("PIXEL_ART", "pixel-art"), ("acuarela", "watercolor"), ("oleo", "oil-painting")],
)
def test_case_accents_and_hyphens_do_not_matter(typed: str, key: str) -> None:
    found = BUNDLED.find(typed)
    assert found
    assert found.key == key


def test_what_is_no_style_is_not_found() -> None:
    assert BUNDLED.find("dragon") is None
    assert BUNDLED.find("") is None
    assert BUNDLED.get("Watercolor") is None


def test_completion_puts_names_first() -> None:
    def keys(typed: str, locale: str = "en-US") -> list[str]:
        return [style.key for style in BUNDLED.matching(typed, locale)]

    assert keys("p")[:7] == ["paper-cut", "pastel", "pencil-sketch", "photo", "pixel-art", "poster", "avatar"]
    assert keys("水", "zh-CN") == ["ink", "watercolor"]
    assert keys("aqua") == ["watercolor"]
    assert keys("qqq") == []
    assert len(keys("")) == 25
    assert len(BUNDLED.matching("", "en", limit=3)) == 3


@pytest.mark.parametrize(
    ("keywords", "key"),
    [
        (["night", "watercolor"], "watercolor"),
        (["Oil Painting"], "oil-painting"),
        (["3d render"], "3d-render"),
        (["水彩"], "watercolor"),
        (["a boat", "poster"], None),
        (["photo on the wall"], None),
        (["flat"], None),
        ([], None),
    ],
)
def test_a_keyword_of_the_language_model_names_a_style(keywords: list[str], key: str | None) -> None:
    found = BUNDLED.named_by(keywords)
    assert (found and found.key) == key
