"""A request in a language that the model does not read is known by what the model publishes, and nothing else is."""
# ruff: noqa: E501 (lists of requests)

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.draw import read_facts
from bot.understanding.languages import Languages, LanguageUnread
from engine.api.messages import Model, ModelFacts
from engine.models.source import STARTER as SHIPPED
from harness.request_table import HELD_OUT, INDEPENDENT, TUNING, load
from harness.right_answers import load_right
from training.world import lexicon


def published(card: dict[str, Any]) -> Languages:
    facts = ModelFacts("planner", words=card["words"], languages=card["languages"], common=card["common"])
    return read_facts([Model("starter", limner=facts)]).languages


STARTER = published(json.loads((SHIPPED / "planner" / "limner.json").read_text(encoding="utf-8")))
OF_FIVE = published(lexicon.card())
"""What a planner of the twelve drawn things publishes, which reads five languages."""

UNREAD = {
    "fr": ["un chat noir sur une plage au coucher du soleil", "dessine-moi un bateau rouge sur le lac", "le château dans la neige"],
    "it": ["un gatto sulla spiaggia al tramonto", "disegna una barca rossa sul lago", "il castello nella neve di notte"],
    "pt": ["um gato na praia ao pôr do sol", "desenhe um barco vermelho no lago", "o castelo na neve à noite"],
    "nl": ["een kat op het strand bij zonsondergang", "teken een rode boot op het meer"],
    "pl": ["kot na plaży o zachodzie słońca", "narysuj czerwoną łódź na jeziorze w nocy"],
    "sv": ["en katt på stranden i solnedgången", "rita en röd båt på sjön"],
    "tr": ["gün batımında plajda bir kedi", "gölde kırmızı bir tekne çiz"],
    "vi": ["một con mèo trên bãi biển lúc hoàng hôn"],
    "id": ["seekor kucing di pantai saat matahari terbenam"],
    "ru": ["кот на пляже на закате", "лодка", "Нарисуй красную лодку на озере, пожалуйста"],
    "ko": ["해변의 고양이", "호수 위의 빨간 배를 그려줘", "고양이"],
    "ar": ["قطة على الشاطئ عند الغروب"],
    "th": ["แมวบนชายหาดตอนพระอาทิตย์ตก"],
    "he": ["חתול על החוף בשקיעה"],
    "hi": ["समुद्र तट पर एक बिल्ली"],
    "el": ["μια γάτα στην παραλία το ηλιοβασίλεμα"],
    "uk": ["кіт на пляжі під час заходу сонця"],
    "da": ["en kat på stranden ved solnedgang", "tegn en rød båd på søen"],
    "fi": ["kissa rannalla auringonlaskun aikaan", "piirrä punainen vene järvelle yöllä"],
    "cs": ["kočka na pláži při západu slunce", "nakresli červenou loď na jezeře v noci"],
    "hu": ["egy macska a tengerparton naplementekor", "rajzolj egy piros hajót a tavon"],
    "ro": ["o pisică pe plajă la apus de soare", "desenează o barcă roșie pe lac noaptea"],
    "ca": ["un gat a la platja a la posta de sol", "dibuixa una barca vermella al llac"],
    "fa": ["گربه در ساحل هنگام غروب"],
}  # fmt: skip
READ = [
    "a", "cat", "ok", "😂", "🌊🏄", "beach sunset", "a house", "nite", "Paris", "el mar", "casa", "Haus", "海", "🐱 beach", "4k hdr", "",
    "a café in Paris", "crème brûlée on a table", "a poster that says «Bonjour le monde, c'est la vie»", "La La Land", "déjà vu",
    "Notre-Dame de Paris at night", "the Rio de Janeiro beach", "Don Quijote y los molinos de viento", "zwei Katzen am Strand",
    "ein rotes Boot auf dem See", "un gato en la playa al atardecer", "una casa roja", "dos barcos", "夕阳下的海滩", "猫 on the beach",
    "湖の上の赤いボート", "海辺の猫", "a cat, кот", "grey mare by the sea with a cane", "hund und katze", "asdf qwer zxcv poiu", "貓在海灘上",
    "a dragon fighting a wizard in a dark cave", "please draw me a very big windmill", "no people", "ich möchte ein Haus im Schnee",
    "draw the word Привет in snow", "le chat noir poster", "un chat noir", "quiero ver un castillo en la nieve de noche", "sin nubes", "a fox 🦊 over the moon ♥",
]  # fmt: skip


@pytest.mark.parametrize("planner", [STARTER, OF_FIVE], ids=["twelve", "five"])
@pytest.mark.parametrize(("language", "words"), [(code, words) for code, some in UNREAD.items() for words in some])
def test_a_language_that_is_not_read_is_told(language: str, words: str, planner: Languages) -> None:
    if language in planner.read:
        planner.check(words)
        return
    with pytest.raises(LanguageUnread) as raised:
        planner.check(words)
    assert raised.value.language == language
    assert raised.value.read == tuple(planner.read.values())


def test_the_starter_reads_twelve_languages() -> None:
    assert sorted(STARTER.read) == ["de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "zh"]
    assert not set(OF_FIVE.read) - set(STARTER.read)


BY_LETTERS = {
    "kırmızı araba": "tr", "dağda bir kale": "tr", "чорний кіт": "uk", "жовта парасоля і бджола": "uk",
    "собака їсть яблуко": "uk", "con mèo đen": "vi", "o pisică neagră": "ro", "två hundar i skogen": "sv",
}  # fmt: skip
"""Few words, of which one has a letter that no read language has."""


@pytest.mark.parametrize("words", BY_LETTERS)
def test_few_words_are_of_the_language_whose_letters_they_have(words: str) -> None:
    with pytest.raises(LanguageUnread) as raised:
        STARTER.check(words)
    assert raised.value.language == BY_LETTERS[words]


@pytest.mark.parametrize(
    "words",
    [
        "Škoda",
        "a Škoda on the beach",
        "Dvořák in the snow",
        "Erdoğan",
        "дракон над Києвом",
        "замок і дракон",
        "con mèo",
        "un caffè però così",
    ],
)
def test_a_name_with_such_a_letter_is_of_no_language(words: str) -> None:
    STARTER.check(words)


@pytest.mark.parametrize("planner", [STARTER, OF_FIVE], ids=["twelve", "five"])
@pytest.mark.parametrize("words", READ)
def test_short_mixed_and_read_words_go_on(words: str, planner: Languages) -> None:
    planner.check(words)


def test_no_request_of_the_tables_in_a_read_language_is_refused() -> None:
    rows = [row for part in (TUNING, HELD_OUT, INDEPENDENT) for row in load(part)]
    read = [row.words for row in rows if row.lang in STARTER.read]
    read += [row.words for row in load_right() if row.lang in STARTER.read]
    assert len(read) > 400
    refused = [words for words in read if _refused(STARTER, words)]
    assert refused == []


def _refused(languages: Languages, words: str) -> bool:
    try:
        languages.check(words)
    except LanguageUnread:
        return True
    return False


@given(st.text(max_size=200))
def test_any_words_are_for_a_model_that_publishes_no_languages(words: str) -> None:
    Languages().check(words)


@given(st.text(max_size=200))
def test_any_words_can_be_judged(words: str) -> None:
    _refused(STARTER, words)
