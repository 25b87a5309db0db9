"""An order made of what a first request says: groups from left to right or front to back, and the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from engine.starter.lexicon.order import MOST, MOST_GROUPS, NONE, Group, Order
from engine.starter.orders.reading import Reading, Said
from engine.starter.orders.word_kinds import Kind

_SIDES: Final = {"left": 0, "center": 1, "right": 2}
_PLAIN: Final = ("clear", "clouds")
One = TypeVar("One")


def ordered(reading: Reading) -> Order:
    """Return the order that a request asks for."""
    said = _merged([one for one in reading.said if all(one.thing != other.thing for other in reading.gone)])
    said = _in_line(said, reading.relations)[:MOST_GROUPS]
    settings = {name: chosen(name, values) for name, values in reading.settings.items()}
    if "sky" in reading.gone_settings and "sky" not in settings:
        settings["sky"] = "clear"
    if reading.lying:
        settings.setdefault("place", "snow")
    groups = tuple(group_of(one) for one in said)
    front = any(kind in (Kind.FRONT, Kind.BEHIND) and figure for kind, figure, _ in reading.relations)
    relation = "front" if front and len(groups) == 2 else "beside" if len(groups) > 1 else NONE
    side = said[0].side if len(said) == 1 else ""
    return tidy(Order(groups, relation, position=side or reading.loose.side, **settings))


def group_of(said: Said) -> Group:
    """Return the group that is named."""
    count = said.count or (2 if said.is_many else 1)
    return Group(said.thing, min(count, MOST), said.color or NONE, said.size or NONE)


def tidy(order: Order) -> Order:
    """Return the order without what it cannot have: a side where several things stand, an order of one."""
    alone = len(order.groups) == 1 and order.groups[0].count == 1
    relation = order.relation if len(order.groups) > 1 else NONE
    if len(order.groups) > 1 and (relation == NONE or len(order.groups) > 2):
        relation = "beside"
    return replace(order, relation=relation, position=order.position if alone or not order.groups else "")


def chosen(name: str, values: Sequence[str], present: str = "") -> str:
    """Return which of several values is meant: one that is not there yet, the first one that says most.

    Snow lies in other places too, and a plain sky gives way to any other.
    """
    new = [value for value in values if value != present] or list(values)
    weak = ("snow",) if name == "place" else _PLAIN if name == "sky" else ()
    return next((value for value in new if value not in weak), new[0])


def _merged(said: Sequence[Said]) -> list[Said]:
    """Return what is named, each thing once but where colours tell two of a kind apart."""
    found: list[Said] = []
    for one in said:
        same = next((other for other in found if other.thing == one.thing), None)
        if same is None or (one.color and same.color and one.color != same.color):
            found.append(one)
            continue
        same.count, same.color = max(same.count, one.count), same.color or one.color
        same.size, same.side = same.size or one.size, same.side or one.side
    return found


def _in_line(said: list[Said], relations: Sequence[tuple[Kind, Said | None, Said]]) -> list[Said]:
    """Return what is named from left to right, or front to back."""
    if len(said) > 1 and any(one.side for one in said):
        said = sorted(said, key=lambda one: _SIDES.get(one.side, 1))
    for kind, figure, landmark in relations:
        if figure in said and landmark in said and figure is not landmark:
            said = moved(said, figure, landmark, before=kind in (Kind.FRONT, Kind.LEFT_OF))
    return said


def moved(row: Sequence[One], figure: One, landmark: One, *, before: bool) -> list[One]:
    """Return the row with one of its members right before, or right behind, another."""
    rest = [one for one in row if one is not figure]
    at = next(index for index, one in enumerate(rest) if one is landmark)
    return [*rest[: at + (not before)], figure, *rest[at + (not before) :]]
