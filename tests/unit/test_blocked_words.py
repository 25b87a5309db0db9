"""Blocked words are found in disguise, and innocent words are not taken for them."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from bot.domain.jobs import CHOICES, Order, Place, texts_of
from bot.domain.moderation import Action, Barred, Door, Entry, WordBlocked
from bot.domain.prompt import PromptSpec
from bot.domain.wordfilter.blocked_words import BlockedWords, can_be_blocked
from bot.services.gate import ServerGate
from bot.storage.database import Database
from bot.storage.moderation import Decisions
from tests.fakes import FakeClock
from tests.words.evasions import evasion
from tests.words.lists import blocked, innocent

PLACE = Place(1, 1, 7)


@pytest.mark.parametrize("evasions", [2_000, pytest.param(10_000, marks=pytest.mark.full)])
async def test_evasions_are_caught_in_the_request_and_in_the_expansion(tmp_path: Path, evasions: int) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    decisions, words = Decisions(database), blocked()
    for word in words:
        assert can_be_blocked(word)
        await decisions.set_word(7, word, True, Entry(9, Action.WORD_ADD, 0.0))
    gate = ServerGate(decisions, FakeClock(0.0), Door())
    dice, tried, missed, examples = random.Random(4), Counter[str](), Counter[str](), []
    for _ in range(evasions):
        kinds, word, text = evasion(dice, words)
        tried.update(kinds)
        caught = False
        try:
            await gate.check(Order(text), PLACE)
        except Barred as barred:
            caught = isinstance(barred.why, WordBlocked)
        if not caught or await gate.allows(PromptSpec("a boat", [], f"a boat, {text}", ""), PLACE):
            missed.update(kinds)
            examples.append((kinds, word, text))
    await database.close()
    assert len(examples) <= evasions / 100, examples[:20]
    shares = {kind: 1 - missed[kind] / tried[kind] for kind in tried}
    assert all(share >= 0.98 for share in shares.values()), shares


WORD, ORDER, SPEC = "zorkslur", Order("a boat"), PromptSpec("a boat", ["boat"], "a boat", "")
OWN_TEXTS = [field.name for field in fields(Order) if field.type == "str" and field.name not in CHOICES]
SPECS = [structs.replace(SPEC, **{name: WORD}) for name in ("understood", "prompt", "negative")]
SPECS.append(structs.replace(SPEC, keywords=[WORD]))
CHANGES: list[dict[str, Any]] = [{name: WORD} for name in OWN_TEXTS]
ORDERS = {", ".join(change): replace(ORDER, **change) for change in CHANGES}
ORDERS |= {f"spec {number}": replace(ORDER, spec=spec) for number, spec in enumerate(SPECS)}
ORDERS |= {f"base {number}": replace(ORDER, base=spec) for number, spec in enumerate(SPECS)}


@pytest.mark.parametrize("field", ORDERS)
async def test_a_blocked_word_in_any_text_of_an_order_bars_it(field: str, tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    decisions = Decisions(database)
    await decisions.set_word(7, WORD, True, Entry(9, Action.WORD_ADD, 0.0))
    with pytest.raises(Barred):
        await ServerGate(decisions, FakeClock(0.0), Door()).check(ORDERS[field], PLACE)
    await database.close()


def test_every_text_field_goes_through_the_gate_or_holds_one_of_a_few_values() -> None:
    """A new text field of orders or specs has to pass the gate; this fails where `texts` does not know its type."""
    assert set(OWN_TEXTS) == {"words", "negative", "model"}
    known = {"str", "bool", "int | None", "int", "float | None", "PromptSpec | None", "Kind", "tuple[str, ...]"}
    known |= {"tuple[int, ...]"}  # members by number
    assert {str(field.type) for field in fields(Order)} <= known, "a type that may hold texts: extend Order.texts"
    assert "t0" in replace(ORDER, ignored=("t0",)).texts()
    marked = PromptSpec("t1", ["t2"], "t3", "t4")
    assert set(texts_of(marked)) >= {"t1", "t2", "t3", "t4"}


@pytest.mark.parametrize("evasions", [2_000, pytest.param(10_000, marks=pytest.mark.full)])
def test_each_evasion_is_caught_for_its_own_word_alone(evasions: int) -> None:
    dice, words = random.Random(5), blocked()
    alone = {word: BlockedWords([word]) for word in words}
    tried = [evasion(dice, words) for _ in range(evasions)]
    missed = [(kinds, word, text) for kinds, word, text in tried if not alone[word].hit(text)]
    assert len(missed) <= evasions / 100, missed[:20]


def test_innocent_words_names_and_sentences_pass() -> None:
    words, matcher = innocent(), BlockedWords(blocked())
    assert len(words) >= 2_000
    hit = [word for word in words if matcher.hit(word)]
    assert len(hit) <= len(words) / 1_000, hit


def test_short_words_are_not_found_in_like_ones() -> None:
    matcher = BlockedWords(["god", "tit", "hell", "ass", "tail", "kill", "bum", "homo", "fag", "coon", "spic"])
    texts = [
        "good",
        "he'll go",
        "isn't it",
        "as some say",
        "tall",
        "a hill",
        "burn",
        "horno",
        "fog",
        "con",
        "spice",
        "A55",
    ]
    assert [text for text in texts if matcher.hit(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "ʇɐɔ",
        "(c)(a)(t)",
        "🅲🅰🆃",
        "🇨🇦🇹",
        "c\u00ada\u00adt",
        "c🍆a🍆t",
        "ｃａｔ",
        "ᏟᎪᎢ",
        "c̷̛a̴͠t̸",
        "c/\\t",
        "CaaaAAt",
        "c\U000e0061at",
        "сат",
    ],
)
def test_one_word_in_many_disguises(text: str) -> None:
    assert BlockedWords(["cat"]).hit(f"draw {text} now")


def test_other_writing_and_several_words() -> None:
    matcher = BlockedWords(["傻逼", "дурак", "blue pill", "1488", "セックス"])
    found = ("你傻 逼啊", "傻\u200b逼", "ДУРАК", "дypaк", "a b-l-u-e pill", "1488", "せっくす", "ｾｯｸｽ")
    assert all(matcher.hit(text) for text in found)
    assert not matcher.hit("two blue pillows, 8 boats, 14 88, 21488, 傻。逼近, セックスアピール")


def test_no_text_makes_it_look_for_long() -> None:
    usual = BlockedWords([f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(198)] + ["ilililil", "aaaaaa"])
    alike = BlockedWords([("il" * n)[:60] for n in range(1, 31)] + ["a" * n for n in range(2, 60)])
    texts = ("the quick brown fox " * 100, "a" * 2_000, "1" * 2_000, "w o r d " * 250, "i 11 1111 " * 200, "|!1l" * 500)
    for text in texts:
        for matcher in (usual, alike):
            start = time.process_time()
            matcher.hit(text)
            assert time.process_time() - start < 5, "some milliseconds are usual, a tenth of a second is the most"
