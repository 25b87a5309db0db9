"""Synonyms, diminutives and slips become the words that the starter knows; all else stays as it is written."""

from __future__ import annotations

import pytest

from engine.starter.lexicon.tables import LANGUAGES, color_names, names
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.plain import plain_words
from engine.starter.reader.words.synonyms import synonyms
from engine.starter.reader.words.things import things


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        ("a rowing boat in the morning light", "a boat in the dawn"),
        ("a hot air ballon over the montains", "a hot air balloon over the mountains"),
        ('a lighthouse that says "ballon"', 'a lighthouse that says "ballon"'),
        ("a boathouse near Overcast Road", "a boathouse near clouds Road"),
        ("una lanchita en el laguito", "una lanchita en el lago"),
        ("dibuja un barquito con nubecitas", "dibuja un barco con nubes"),
        ("un castillo amarillo, me gusta mucho", "un castillo amarillo, me gusta mucho"),
        ("ein Bäumchen und ein Schiffchen im Mondschein", "ein baum und ein schiff im mond"),
        ("ein Mädchen mit einem Kaninchen", "ein Mädchen mit einem Kaninchen"),
        ("a pink castel in the forrest, no dessert", "a pink castle in the forest, no dessert"),
        ("ein hellblaues Haus in der Wueste", "ein blaues Haus in der wüste"),
        ("草原上的綠色風車，雪白的貓", "草原上的绿色风车，白色的猫"),
        ("海岸线上的灯塔，天快黑", "海滩上的灯塔，黄昏"),
        ("海岸上的月饼", "海岸上的月饼"),
        ("お花畑の家、水彩タッチで", "草原の家、水彩画で"),
    ],
)
def test_people_s_words_become_plain_ones(words: str, becomes: str) -> None:
    assert plain_words(words) == becomes


@pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
def test_a_synonym_stands_for_a_name_and_is_none(code: str) -> None:
    assert synonyms(code)
    assert set(synonyms(code).values()) <= {*names(code), *color_names(code)}
    assert not set(synonyms(code)) & {*things(code), *colors(code)}
