"""What members are told of hosted models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.jobs import Kind, Order
from bot.ui.hosted_notices import ASKED, notices
from bot.ui.i18n import LOCALES
from engine.api.messages import Lack

ALL = Order("a fox", kind=Kind.START, seed=1, negative="people", steps=5, guidance=2.0, strength=0.5)


def test_models_on_the_host_need_no_notice() -> None:
    assert notices("en", ALL, []) == []


def test_members_are_told_where_their_words_go() -> None:
    [words] = notices("en", Order("a fox"), ["seed", "negative"], "api.example.com, other.example")
    assert words.startswith("Your words are sent to api.example.com, other.example,")
    [both] = notices("en", Order("a fox"), [], "api.example.com", picture=True)
    assert both.startswith("Your words and the picture are sent to")


@pytest.mark.parametrize("lack", ASKED)
def test_what_was_asked_for_and_is_not_heeded_is_said(lack: Lack) -> None:
    assert notices("en", Order("a fox"), list(ASKED)) == []
    for locale in LOCALES:
        [line] = notices(locale, ALL, [lack])
        assert line
    assert len(notices("en", ALL, list(ASKED))) == len(ASKED)


def test_seed_zero_and_no_guidance_were_asked_for() -> None:
    assert len(notices("en", Order("a fox", seed=0, guidance=0.0), ["seed", "guidance"])) == 2


def test_what_a_refinement_takes_from_its_parent_was_not_asked_for() -> None:
    assert notices("en", replace(ALL, kind=Kind.REFINE), ["seed", "strength"]) == []
