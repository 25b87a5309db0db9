"""Any words at all: read, found blocked, scrubbed and shown without a fault, and in time that grows as they do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain import outgoing
from bot.domain.expiry import ExpiryInvalid, parse_expiry
from bot.domain.jobs import MAX_WORDS_CHARS, WordsInvalid, check_words
from bot.domain.outgoing import scrub
from bot.domain.prompt import as_written
from bot.domain.quota import parse_limits
from bot.domain.wordfilter.blocked_words import BlockedWords, can_be_blocked
from bot.host.style_file import load_styles
from bot.ui.markdown_escape import plain
from engine.starter.reader.heard import heard, hears, known_things
from engine.starter.reader.promises import as_stated, lost
from engine.starter.reader.stated import MAX_SAID, read_stated
from engine.starter.reader.words.vocabulary import EVERYTHING, Vocabulary
from tests.fuzz.effort import assert_linear, fuzz
from tests.fuzz.pieces import units, words

STYLES = load_styles()
SMALL = Vocabulary(["cat", "boat", "red", "beach", "night", "two", "猫", "船", "海"])
BLOCKED = BlockedWords(["damn", "пипец", "傻瓜", "hot dog", "a1b2", "カス", "xx"])
vocabularies = st.sampled_from([EVERYTHING, SMALL])


@given(words, vocabularies, st.booleans())
@fuzz(150)
def test_any_words_are_read(text: str, vocabulary: Vocabulary, edit: bool) -> None:
    stated = read_stated(text, vocabulary, edit=edit)
    assert len(stated.said) <= MAX_SAID
    for said in stated.said:
        assert said.spellings
        assert 0 <= said.start < said.end <= len(stated.words)
    assert isinstance(heard(stated, vocabulary), str)
    hears(stated, vocabulary)
    known_things(stated, vocabulary)
    lost(stated, text)


@given(words)
@example("<@1> https://x.y")  # nothing of it is to be drawn, and a prompt of nothing could not be read back
@fuzz(150)
def test_what_may_be_asked_for_becomes_a_prompt(text: str) -> None:
    try:
        checked = check_words(text)
    except WordsInvalid as refused:
        assert refused.reason in ("empty", "long")
        return
    assert 0 < len(checked) <= MAX_WORDS_CHARS
    assert check_words(checked) == checked
    assert as_written(checked).prompt
    assert as_stated(read_stated(checked), translated=True).prompt


@given(words, st.integers(1, 300))
@fuzz(100)
def test_any_words_are_shown(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= 3 * limit + 3
    assert not set(shown) & set("\n\r\0\x1b")
    shown.encode()  # lone surrogates are gone: Discord gets UTF-8


@given(words)
@fuzz(100)
def test_what_was_scrubbed_stays_as_it_is(text: str) -> None:
    scrubbed = scrub(text)
    assert scrub(scrubbed) == scrubbed


@given(words, st.lists(words.map(lambda text: text[:60]), max_size=4))
@fuzz(150)
def test_any_words_are_looked_through_for_any(text: str, blocked: list[str]) -> None:
    entries = [word for word in blocked if can_be_blocked(word)]
    found = BlockedWords(entries)
    found.hit(text)
    for word in entries:
        assert found.hit(f"a {word} b"), word


@given(words)
@fuzz(100)
def test_options_are_read_or_refused(text: str) -> None:
    STYLES.named_by([text])
    STYLES.get(text)
    for read, refusals in ((parse_limits, ValueError), (lambda text: parse_expiry(text, 1e9), ExpiryInvalid)):
        with suppress(refusals):
            read(text)


READERS: dict[str, Callable[[str], object]] = {
    "stated": read_stated,
    "edit": lambda text: read_stated(text, edit=True),
    "small": lambda text: heard(read_stated(text, SMALL), SMALL),
    "blocked": BLOCKED.hit,
    "scrub": scrub,
    "plain": lambda text: plain(text, len(text)),
    "styles": lambda text: STYLES.named_by([text]),
    "prompt": lambda text: as_stated(read_stated(text)),
}


@pytest.mark.parametrize("reader", sorted(READERS))
@given(unit=units)
@example("红")  # a colour looked for its noun through all the others
@example("三匹")
@example("的ない")
@example("nor 猫")  # each "nor" began the list of what must not be there anew
@example("换成")
@example("@")  # each round took one of the @ off "@@@everyone"
@example("1")
@example("一")
@example("Señor Ñandú ")
@fuzz(8)
def test_no_words_take_long(reader: str, unit: str) -> None:
    assert_linear(READERS[reader], unit)


@pytest.mark.parametrize("text", ["@" * 1_990 + "everyone", "<:" * 330 + "a" + ":1>" * 330])
def test_words_within_words_take_no_round_each(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[str] = []
    once = outgoing._scrubbed_once

    def counted(given: str) -> str:
        rounds.append(given)
        return once(given)

    monkeypatch.setattr(outgoing, "_scrubbed_once", counted)
    assert outgoing.scrub(text) in ("everyone", "a")
    assert len(rounds) < 4
