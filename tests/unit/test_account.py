"""What a grant pays for does not count against the server's rules, even when other uses have left the window."""

from __future__ import annotations

import pytest

from bot.domain.account import Account, Host
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.quota import Limit, Refusal, Use

HOST = Host((Limit(100, "day"),), 3)
RULE = Rule(Target(Kind.USER, 1), Limit(2, "hour"))


@pytest.mark.parametrize(("asked", "fits"), [(2, True), (3, False)])
def test_a_granted_use_leaves_the_rule_untouched(asked: int, fits: bool) -> None:
    account = Account((RULE,), (Use(0.0, 2), Use(1_800.0, 1, granted=1)))
    assert (account.decide(HOST, asked, 3_600.0, 0.0).refusal is None) is fits


def test_a_plain_use_does_count() -> None:
    account = Account((RULE,), (Use(0.0, 2), Use(1_800.0, 1)))
    assert account.decide(HOST, 2, 3_600.0, 0.0).refusal is not None


def test_of_two_full_roles_the_one_that_frees_first_is_told() -> None:
    hourly, daily = Rule(Target(Kind.ROLE, 1), Limit(1, "hour")), Rule(Target(Kind.ROLE, 2), Limit(1, "day"))
    refusal = Account((hourly, daily), (Use(0.0, 1),)).decide(HOST, 1, 60.0, 0.0).refusal
    assert isinstance(refusal, Refusal)
    assert (refusal.limit, refusal.free_at) == (hourly.limit, 3_600.0)
