"""`python -m bench.crowd`: the sandbox with 200 more members, each with an id of their own; for `bench/load.py`."""

from __future__ import annotations

import sys

from bot.sandbox.__main__ import main
from bot.sandbox.guild import CHANNELS, PEOPLE, Channel, Person

MEMBERS = 200
FIRST, FIRST_DIRECT = 1100000000000010000, 1100000000000020000


def member(number: int) -> int:
    """Return the id of a member, counted from 0."""
    return FIRST + number


def invite() -> None:
    """Let the members join."""
    for number in range(MEMBERS):
        PEOPLE[member(number)] = Person(member(number), f"Member {number}")
        CHANNELS[FIRST_DIRECT + number] = Channel(FIRST_DIRECT + number, "", recipient=member(number))


if __name__ == "__main__":
    invite()
    sys.exit(main())
