"""Limits over rolling windows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quota import WINDOWS, Limit, Use, decide, parse_limits, standing

HOURLY, DAILY = Limit(3, "hour"), Limit(10, "day")


def test_limits_are_read_as_written() -> None:
    assert parse_limits("20/hour, 100/day") == (Limit(20, "hour"), Limit(100, "day"))
    assert parse_limits("0/week") == (Limit(0, "week"),)
    assert parse_limits(" ") == ()


@pytest.mark.parametrize(
    "text", ["20", "20/minute", "-1/hour", "1.5/day", "²/day", "9999999999/hour", "/hour", "x/day"]
)
def test_a_wrong_limit_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not a limit; write a number"):
        parse_limits(text)


def test_the_window_rolls() -> None:
    uses = [Use(0.0, 2), Use(1_800.0, 1)]
    refusal = decide([HOURLY], uses, 1, 1_900.0)
    assert refusal
    assert (refusal.used, refusal.free_at) == (3, 3_600.0)
    assert decide([HOURLY], uses, 2, 3_600.0) is None, "the first two left the window at its very end"
    assert standing(HOURLY, uses, 3_600.0).used == 1


def test_what_comes_back_and_when() -> None:
    uses = [Use(60.0, 2), Use(0.0, 1), Use(120.0, 4)]
    assert standing(Limit(10, "hour"), uses, 200.0).frees_at == 3_600.0, "the oldest leaves the window first"
    assert standing(Limit(5, "hour"), uses, 200.0).frees_at == 3_660.0, "a lowered limit: five must be fewer than used"
    assert standing(Limit(4, "hour"), uses, 200.0).frees_at == 3_720.0
    assert standing(Limit(0, "hour"), uses, 200.0).frees_at is None, "nothing comes back of nothing"


def test_the_refusal_that_lasts_longest_is_told() -> None:
    refusal = decide([HOURLY, DAILY], [Use(0.0, 10)], 1, 10.0)
    assert refusal
    assert (refusal.limit, refusal.free_at) == (DAILY, 86_400.0)


def test_more_than_the_limit_never_fits() -> None:
    refusal = decide([HOURLY], [], 4, 0.0)
    assert refusal
    assert refusal.free_at is None
    assert decide([Limit(0, "day")], [], 1, 0.0)


@given(
    uses=st.lists(st.builds(Use, st.floats(0, 200_000), st.integers(1, 4)), max_size=30),
    limits=st.lists(st.builds(Limit, st.integers(0, 30), st.sampled_from(sorted(WINDOWS))), max_size=3),
    asked=st.integers(1, 4),
    now=st.floats(200_000, 300_000),
)
def test_a_refused_request_fits_from_the_told_time_on_and_not_before(
    uses: list[Use], limits: list[Limit], asked: int, now: float
) -> None:
    refusal = decide(limits, uses, asked, now)
    if refusal is None:
        assert all(standing(limit, uses, now).used + asked <= limit.images for limit in limits)
    elif refusal.free_at is not None:
        assert refusal.free_at > now
        assert decide([refusal.limit], uses, asked, refusal.free_at) is None
        assert decide([refusal.limit], uses, asked, refusal.free_at - 0.001) is not None
