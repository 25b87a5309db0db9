"""What people write to have a gallery's things drawn, changed, or put back, in twelve languages, and its answers."""

from __future__ import annotations

import string
from collections import Counter
from random import Random

import pytest

from engine.starter.lexicon.order import Group
from engine.starter.lexicon.order_captions import bare
from engine.starter.lexicon.tongue import CODES, tongue
from training.evaluation.planner import outcome
from training.gallery.gallery import Names
from training.stages.planner_network import as_json
from training.world.composition import SKIES, Stock
from training.world.order_words import NAMES, card, knows, words
from training.world.orders import CHANGE, CHAT, KINDS, NEW, UNDO, Message, Orders
from training.world.plurals import plurals
from training.world.vocabulary import COLORS, PLACES, POSITIONS, STYLES, TIMES

THINGS = ("dog", "car", "rose", "whale", "kite", "castle")
LABELS = {
    code: (f"{code}hund", f"{code}auto", f"{code}rosa", f"{code}wal", f"{code}kite", f"{code}burg") for code in CODES
}
STANDS = dict(zip(THINGS, ("ground", "ground", "ground", "water", "air", "ground"), strict=True))


@pytest.fixture(scope="module")
def orders() -> Orders:
    """About six things; of the strangers each language has five words, cut up they give twenty-five."""
    names = {
        thing: {code: Names(LABELS[code][at], plurals(code, LABELS[code][at]), ()) for code in CODES}
        for at, thing in enumerate(THINGS)
    }
    strangers = {code: [f"{code}{word}" for word in ("piano", "tuba", "orgel", "harfe", "gong")] for code in CODES}
    return Orders(Stock(THINGS, STANDS, frozenset({"car", "rose"})), names, strangers=strangers)


@pytest.fixture(scope="module")
def messages(orders: Orders) -> list[Message]:
    random = Random(7)
    return [orders.sample(random) for _ in range(3000)]


@pytest.mark.parametrize("code", CODES)
def test_a_language_has_a_word_for_everything_that_a_scene_can_show(code: str) -> None:
    spoken = tongue(code)
    tables = {
        "counts": ("2", "3", "4"), "sizes": ("small", "big"), "colors": COLORS, "places": PLACES, "times": TIMES,
        "skies": SKIES, "styles": STYLES, "sides": POSITIONS,
    }  # fmt: skip
    for name, wanted in tables.items():
        table = getattr(spoken, name)
        assert set(table) == set(wanted), name
        forms = [form for several in table.values() for form in several]
        assert all(form.strip() == form and form for form in forms), name
        assert len(set(forms)) == len(forms), f"{name}: one form means two things"
    slots = {"add": {"new"}, "remove": {"old"}, "replace": {"new", "old"}, "color": {"old", "color"}, "count": {"new"},
             "set": {"new"}}  # fmt: skip
    for kind, wanted_slots in slots.items():
        for pattern in spoken.changes[kind]:
            found = {slot for _, slot, _, _ in string.Formatter().parse(pattern) if slot}
            assert found <= wanted_slots and found, pattern
    assert min(len(spoken.undo), len(spoken.chat), len(spoken.strangers)) >= 3


def test_every_kind_comes_in_every_language(messages: list[Message]) -> None:
    seen = Counter((message.language, message.kind) for message in messages)
    assert set(seen) == {(code, kind) for code in CODES for kind in KINDS}


def test_an_answer_holds_every_keyword_in_its_prompt(messages: list[Message]) -> None:
    for message in messages:
        assert list(message.answer) == ["kind", "unknown", "understood", "keywords", "prompt", "negative"]
        assert message.answer["kind"] == message.kind
        assert all(word in message.answer["prompt"] for word in message.answer["keywords"]), message
        assert "{" not in message.text and "  " not in message.text and message.text == message.text.strip(), message


def test_a_new_request_names_its_things_their_numbers_and_colours(messages: list[Message]) -> None:
    asked = [message for message in messages if message.kind == NEW and not message.answer["unknown"]]
    assert any(len(message.order.groups) == 3 for message in asked)
    for message in asked:
        spoken = tongue(message.language)
        for group in message.order.groups:
            label = LABELS[message.language][THINGS.index(group.thing)]
            assert any(form in message.text for form in (label, *plurals(message.language, label))), message
            assert bare(group) in message.answer["keywords"]
            if group.count > 1:
                assert any(form in message.text for form in spoken.counts[str(group.count)]), message
            if group.color != "none":
                assert any(form in message.text for form in spoken.colors[group.color]), message


def test_what_is_unknown_is_named_and_not_drawn(messages: list[Message]) -> None:
    strange = [message for message in messages if message.answer["unknown"]]
    assert len(strange) > 100
    for message in strange:
        (unknown,) = message.answer["unknown"]
        assert unknown in message.text.lower()
        assert unknown not in message.answer["prompt"] and unknown not in message.answer["keywords"]
        if message.kind == CHANGE:
            assert message.old is not None and message.answer["prompt"] == message.old["prompt"]
        else:
            shown = {group.thing for group in message.order.groups}
            assert not any(thing in message.answer["prompt"].split() for thing in set(THINGS) - shown)
    assert {len(message.order.groups) for message in strange if message.kind == NEW} == {0, 1}
    words = Counter(message.answer["unknown"][0] for message in strange)
    assert len(words) > 60, "so many that they cannot be learnt by heart"


def test_a_language_without_words_for_strangers_has_a_few_of_its_own(orders: Orders) -> None:
    bare_orders = Orders(orders.stock, orders.names, languages=["de"])
    random = Random(3)
    message = bare_orders.sample(random, kinds={NEW: 1}, stranger_share=1.0)
    assert message.answer["unknown"][0] in [word.lower() for word in tongue("de").strangers]


def test_a_change_keeps_all_that_it_does_not_name(messages: list[Message]) -> None:
    changed = [message for message in messages if message.kind == CHANGE and not message.answer["unknown"]]
    for message in changed:
        assert message.old is not None
        before, after = Counter(message.old["keywords"]), Counter(message.answer["keywords"])
        assert before != after, message
        assert sum((before - after).values()) <= 2 and sum((after - before).values()) <= 2, message
    kinds = {len(message.answer["keywords"]) - len(message.old["keywords"]) for message in changed if message.old}
    assert {-1, 0, 1} <= kinds


def test_how_two_things_stand_is_kept_until_one_goes(messages: list[Message]) -> None:
    front = [message for message in messages if message.old is not None and "in front of" in message.old["keywords"]]
    assert front
    for message in front:
        if message.kind == CHANGE:
            assert ("in front of" in message.answer["keywords"]) == (len(message.order.groups) == 2), message
            assert message.order.relation in ("front", "none")


def test_one_thing_alone_can_be_moved(messages: list[Message]) -> None:
    moved = [message for message in messages if message.kind == CHANGE and message.old is not None
             and message.order.position and message.order.position not in message.old["keywords"]]  # fmt: skip
    assert moved
    assert all(sum(group.count for group in message.order.groups) == 1 for message in moved)


def test_what_a_planner_of_these_things_knows(orders: Orders) -> None:
    whole = card(orders)
    assert set(whole) == {"languages", "knows", "words", "common"} and set(NAMES) == set(CODES)
    assert isinstance(whole["common"], dict)
    assert {"fr", "sv", "uk"} <= set(whole["common"])  # read and unread: by both a language that is not read is told
    known, understood = knows(orders, "de"), words(orders)
    assert set(STYLES) <= set(knows(orders, "en"))  # by which the bot tells the styles that are known
    assert "dehund" in known and tongue("de").places["beach"][0] in known
    assert all(word.lower() in understood for word in known)
    assert "dehund" in understood and "dehunde" in understood and "strand" in understood
    assert not any("{" in word or word != word.strip().lower() for word in understood)
    assert not any("piano" in word for word in understood)


def test_undo_and_chat_paint_nothing(messages: list[Message]) -> None:
    for message in messages:
        if message.kind in (UNDO, CHAT):
            assert message.answer["prompt"] == "" and message.answer["keywords"] == []
        assert message.kind != UNDO or message.old is not None


def test_what_was_not_said_is_filled_in_but_is_no_keyword(orders: Orders) -> None:
    random = Random(9)
    while True:
        message = orders.sample(random)
        if message.kind == NEW and message.order.groups == (Group("whale"),) and not message.order.place:
            break
    assert "lake" in message.answer["prompt"]
    assert "lake" not in message.answer["keywords"]


def test_a_plain_sky_that_is_asked_for_is_said(orders: Orders, messages: list[Message]) -> None:
    clear = [message for message in messages if message.kind == NEW and message.order.sky == "clear"]
    assert clear and all("clear sky" in message.answer["prompt"] for message in clear)


def test_an_answer_of_another_kind_or_that_hides_what_is_unknown_is_not_right(messages: list[Message]) -> None:
    message = next(message for message in messages if message.answer["unknown"] and message.kind == NEW)
    assert outcome(as_json(message.answer), message) == {"json": True, "kept": True, "exact": True}
    for key, wrong in (("kind", CHANGE), ("unknown", [])):
        assert not outcome(as_json({**message.answer, key: wrong}), message)["kept"]


def test_training_never_asks_for_a_held_out_combination(orders: Orders) -> None:
    random = Random(11)
    for _ in range(200):
        message = orders.sample(random, held_out=True)
        if message.kind == NEW and not message.answer["unknown"] and len(message.order.groups) > 1:
            assert orders.complete(message.order).held_out
