"""What somebody asked for of a gallery's things, as plain values: groups, and how, where and when they are."""

from dataclasses import dataclass, replace
from typing import Final

NONE: Final = "none"
MOST_GROUPS: Final = 3
MOST: Final = 4
"""How many things stand in a scene at most, all groups together."""

NIGHT_SKIES: Final = ("moon", "stars")


@dataclass(frozen=True, slots=True)
class Group:
    """So many of one thing, all alike."""

    thing: str
    count: int = 1
    color: str = NONE
    """`none`: the colours of its drawing."""

    size: str = NONE


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for so far; an empty setting was not said."""

    groups: tuple[Group, ...] = ()
    """From left to right, or front to back."""

    relation: str = NONE
    """`beside` where there are several groups; `front`: the first stands before the second."""

    place: str = ""
    time: str = ""
    sky: str = ""
    style: str = ""
    position: str = ""
    """Where a single group of one stands."""

    def setting(self, name: str, value: str) -> "Order":
        """Return the order with another place, time, sky or style."""
        settings = {"place": self.place, "time": self.time, "sky": self.sky, "style": self.style} | {name: value}
        return Order(self.groups, self.relation, position=self.position, **settings)

    def complete(self, *, wet: bool) -> "Order":
        """Fill in what was not said: a meadow, or a lake for what swims (`wet`), day, a clear sky, flat."""
        return replace(
            self,
            place=self.place or ("lake" if wet else "meadow"),
            time=self.time or ("night" if self.sky in NIGHT_SKIES else "day"),
            sky=self.sky or "clear",
            style=self.style or "flat",
            position=self.position or NONE,
        )
