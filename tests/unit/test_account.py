"""Grants beside rules, the default and the ceiling; what stops a person altogether."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.account import Account, Host
from bot.domain.limit_rules import HOST as HOST_TARGET
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


DEFAULT = Host((Limit(2, "hour"), Limit(3, "day")), 3, (Limit(4, "hour"),))


def fits(account: Account, asked: int, host: Host = DEFAULT) -> bool:
    return account.decide(host, asked, 3_600.0, 0.0).refusal is None


def test_without_rules_the_default_counts_and_a_grant_comes_on_top() -> None:
    assert fits(Account(), 2)
    assert not fits(Account(), 3)
    assert Account(granted=1).decide(DEFAULT, 3, 3_600.0, 0.0).granted == 1


def test_a_rule_takes_its_window_and_leaves_the_others_to_the_default() -> None:
    raised = Account((Rule(Target(Kind.USER, 1), Limit(4, "hour")),))
    assert fits(raised, 3)
    assert not fits(raised, 4), "the default of the day is three"


def test_the_ceiling_counts_what_was_drawn_elsewhere_and_what_was_granted() -> None:
    account = Account(granted=9, everywhere=(Use(3_000.0, 2, granted=2),))
    assert fits(account, 2)
    refusal = account.decide(DEFAULT, 3, 3_600.0, 0.0).refusal
    assert isinstance(refusal, Refusal)
    assert (refusal.ceiling, refusal.limit, refusal.used) == (True, Limit(4, "hour"), 2)
    assert fits(account, 3, replace(DEFAULT, ceiling_per="server"))


@pytest.mark.parametrize(("kind", "stops"), [(Kind.USER, True), (Kind.ROLE, False), (Kind.EVERYONE, False)])
def test_none_for_a_person_stops_whatever_was_granted(kind: Kind, stops: bool) -> None:
    rules = Rule(Target(kind, 7), Limit(0, "week")), Rule(Target(kind, 7), Limit(2, "hour"))
    assert fits(Account(rules, granted=3), 1) is not stops


def test_no_limit_at_all_lets_everything_pass() -> None:
    account = Account(uses=(Use(0.0, 10_000),), everywhere=(Use(0.0, 10_000),))
    assert account.decide(Host((), 3), 4, 1.0, 0.0).refusal is None
    assert account.standings(Host((), 3), 1.0) == []


BIG = Limit(2, "hour", "big")


def by_model(*rules: Rule, granted: int = 0, uses: tuple[Use, ...] = ()) -> Account:
    return Account(rules, uses, granted, everywhere=uses, by_model=uses)


@pytest.mark.parametrize(
    ("model", "asked", "fits"), [("BIG", 2, True), ("big", 3, False), ("small", 3, True), ("", 3, False)]
)
def test_a_models_rule_holds_for_that_model_and_where_none_is_known(model: str, asked: int, fits: bool) -> None:
    account = by_model(Rule(Target(Kind.EVERYONE, 7), BIG), granted=9)
    refusal = account.decide(HOST, asked, 0.0, 0.0, model).refusal
    assert (refusal is None) is fits
    assert fits or (isinstance(refusal, Refusal) and refusal.limit == BIG)


def test_of_two_roles_the_one_that_leaves_a_model_more_decides_and_a_persons_own_goes_first() -> None:
    few, many = (Rule(Target(Kind.ROLE, number), Limit(number, "hour", "big")) for number in (1, 3))
    assert by_model(few, many).decide(HOST, 3, 0.0, 0.0, "big").refusal is None
    assert by_model(few, many).decide(HOST, 4, 0.0, 0.0, "big").refusal is not None
    assert by_model(few, many, Rule(Target(Kind.USER, 1), BIG)).decide(HOST, 3, 0.0, 0.0, "big").refusal is not None
    (winner,) = by_model(few, many).model_winners(0.0)
    assert winner.target == many.target


def test_a_models_rule_is_no_general_one_and_has_no_default() -> None:
    account = by_model(Rule(Target(Kind.USER, 1), Limit(0, "week", "big")), uses=(Use(0.0, 1, model="big"),))
    assert account.winner(DEFAULT, 1.0).target == HOST_TARGET
    assert account.decide(DEFAULT, 1, 1.0, 0.0, "small").refusal is None
    told = [(each.limit, each.used) for each, _ in account.standings(DEFAULT, 1.0)]
    assert told[-1] == (Limit(0, "week", "big"), 1)
    assert [limit for limit, _ in told].count(told[-1][0]) == 1
    assert account.tightest(DEFAULT, 1.0, "small") == account.standings(DEFAULT, 1.0)[0][0]
