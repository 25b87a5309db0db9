"""The soak's arithmetic: growth is seen where it is, and not where a restart only changes the level."""

from __future__ import annotations

from random import Random

from tests.chaos.soak import Sample, verdicts

REQUESTS = 4_000


def lives(growth: float, rise: float, noise: float = 0.0) -> list[Sample]:
    """Return eight lives and a long one that grow so much a request, and start so much higher from life to life."""
    chance = Random(1)
    return [
        Sample(life, life * 250 + n, n, {"MB": 80.0 + growth * n + rise * life + chance.gauss(0, 0.1 + noise)})
        for life in range(9)
        for n in range(0, 250 if life < 8 else 2_000, 5)
    ]


def flat(samples: list[Sample]) -> list[bool]:
    return [verdict for _, verdict in verdicts("bot", samples, REQUESTS)]


def test_a_level_that_stays_is_flat() -> None:
    assert flat(lives(0.0, 0.0)) == [True, True]


def test_what_goes_up_and_down_by_chance_is_flat() -> None:
    assert flat(lives(0.0, 0.0, noise=20.0)) == [True, True]


def test_growth_within_a_life_is_seen_though_each_restart_ends_it() -> None:
    assert flat(lives(0.01, 0.0)) == [False, True]


def test_growth_from_life_to_life_is_seen() -> None:
    assert flat(lives(0.0, 2.0)) == [True, False]
