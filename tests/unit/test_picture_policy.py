"""The truth table of the picture check, written out by hand and apart from the code that it is about."""

from __future__ import annotations

from itertools import product

import pytest

from bot.domain.picture_policy import THRESHOLDS, NotShown, Policy, Rating, Screen, Verdict
from engine.api.messages import CheckState

POST, BLOCK, HOLD, ELSEWHERE, UNCHECKED = (
    Verdict.POST, Verdict.BLOCK, Verdict.HOLD, Verdict.ELSEWHERE, Verdict.UNCHECKED,
)  # fmt: skip
SAFE, UNSAFE, NONE = 0.01, 0.99, None
AGED = Policy.AGE_RESTRICTED

TABLE: list[tuple[CheckState | None, Policy | None, bool, Verdict, Verdict, Verdict]] = [
    # the check,   the policy,    in an age-restricted channel:   safe, unsafe, without a score
    ("on",         None,          False, POST, BLOCK,     UNCHECKED),
    ("on",         None,          True,  POST, BLOCK,     UNCHECKED),
    ("on",         Policy.BLOCK,  False, POST, BLOCK,     UNCHECKED),
    ("on",         Policy.BLOCK,  True,  POST, BLOCK,     UNCHECKED),
    ("on",         Policy.HOLD,   False, POST, HOLD,      UNCHECKED),
    ("on",         Policy.HOLD,   True,  POST, HOLD,      UNCHECKED),
    ("on",         AGED,          False, POST, ELSEWHERE, UNCHECKED),
    ("on",         AGED,          True,  POST, POST,      UNCHECKED),
    ("unneeded",   None,          False, POST, BLOCK,     POST),
    ("unneeded",   Policy.BLOCK,  False, POST, BLOCK,     POST),
    ("unneeded",   Policy.HOLD,   False, POST, HOLD,      POST),
    ("unneeded",   AGED,          False, POST, ELSEWHERE, POST),
    ("unneeded",   AGED,          True,  POST, POST,      POST),
    ("off",        None,          False, POST, BLOCK,     POST),
    ("off",        Policy.BLOCK,  False, POST, BLOCK,     UNCHECKED),
    ("off",        Policy.HOLD,   False, POST, HOLD,      UNCHECKED),
    ("off",        AGED,          False, POST, ELSEWHERE, UNCHECKED),
    ("off",        AGED,          True,  POST, POST,      UNCHECKED),
    (None,         None,          False, POST, BLOCK,     POST),
    (None,         None,          True,  POST, BLOCK,     POST),
    (None,         Policy.BLOCK,  False, POST, BLOCK,     UNCHECKED),
    (None,         Policy.HOLD,   False, POST, HOLD,      UNCHECKED),
    (None,         AGED,          False, POST, ELSEWHERE, UNCHECKED),
    (None,         AGED,          True,  POST, POST,      UNCHECKED),
    ("failed",     None,          False, POST, BLOCK,     UNCHECKED),
    ("failed",     Policy.BLOCK,  False, POST, BLOCK,     UNCHECKED),
    ("failed",     Policy.HOLD,   False, POST, HOLD,      UNCHECKED),
    ("failed",     AGED,          True,  POST, POST,      UNCHECKED),
]  # fmt: skip


@pytest.mark.parametrize(("check", "policy", "aged", "safe", "unsafe", "unscored"), TABLE)
def test_the_table(
    check: CheckState | None, policy: Policy | None, aged: bool, safe: Verdict, unsafe: Verdict, unscored: Verdict
) -> None:
    screen = Screen(policy, aged)
    assert screen.judge(Rating(check, (SAFE,))) is safe
    assert screen.judge(Rating(check, (UNSAFE,))) is unsafe
    assert screen.judge(Rating(check, (NONE,))) is unscored


@pytest.mark.parametrize("policy", [None, *Policy])
def test_a_request_counts_as_its_worst_picture(policy: Policy | None) -> None:
    screen = Screen(policy)
    worst = screen.judge(Rating("on", (UNSAFE,)))
    assert worst is not POST
    assert screen.judge(Rating("on", (SAFE, UNSAFE, SAFE))) is worst
    assert screen.judge(Rating("on", (SAFE, NONE))) is UNCHECKED
    assert screen.judge(Rating("on", (UNSAFE, NONE))) is worst
    for scores in ((float("nan"), SAFE), (SAFE, float("nan"))):
        assert screen.judge(Rating("on", scores)) is worst, "what is no number never passes"
    assert screen.judge(Rating("on", ())) is UNCHECKED


def test_an_unscored_picture_beside_an_unsafe_one_is_not_posted_anywhere() -> None:
    assert Screen(AGED, age_restricted=True).judge(Rating("on", (UNSAFE, NONE))) is not POST


@pytest.mark.parametrize("policy", Policy)
def test_the_threshold_itself_is_over(policy: Policy) -> None:
    at, screen = THRESHOLDS[policy], Screen(policy)
    assert screen.judge(Rating("on", (at,))) is not POST
    assert screen.judge(Rating("on", (at - 1e-6,))) is POST


STATES: tuple[CheckState | None, ...] = ("on", "unneeded", "off", "failed", None)


def test_previews_come_only_where_every_picture_could_be_posted() -> None:
    for check, policy, aged in product(STATES, (None, *Policy), (False, True)):
        screen = Screen(policy, aged)
        open_here = policy is AGED and aged
        free = check == "unneeded" or (policy is None and check in ("off", None))
        assert screen.previews(check) is (open_here or free), (check, policy, aged)


def test_nothing_is_painted_that_no_score_could_let_through() -> None:
    for check, policy in product(STATES, (None, *Policy)):
        if policy and check in ("off", None):
            with pytest.raises(NotShown) as told:
                Screen(policy).check_before(check)
            assert told.value.verdict is UNCHECKED
        else:
            Screen(policy).check_before(check)
