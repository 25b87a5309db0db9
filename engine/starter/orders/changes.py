"""A change of a picture: its order with what a reply adds, takes away, replaces, colours, counts, moves or sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.starter.lexicon.hearing import hearing
from engine.starter.lexicon.order import MOST, MOST_GROUPS, Group, Order
from engine.starter.orders.clauses import clauses, in_place, only_snow
from engine.starter.orders.placing import chosen, group_of, moved, tidy
from engine.starter.orders.reading import Reading, Said, read
from engine.starter.orders.segments import Unit
from engine.starter.orders.word_kinds import CUES, SWAPS, Kind


def changed(order: Order, units: Sequence[Unit], code: str) -> Order:
    """Return the order after all steps of a message."""
    cues: list[Kind] = []
    has_gone = False
    for said in clauses(in_place(units, code), code):
        clause = only_snow(said, code) if order.place not in ("", "snow") else said
        reading = read(clause, code)
        inherited = not reading.cues
        cues = reading.cues or [cue for cue in cues if cue in (Kind.ADD, Kind.PUT, Kind.REMOVE)]
        if has_gone:  # "no bike, rather a bus": the bus comes for what is gone, and all else stays
            cues = [cue for cue in cues if cue != Kind.SET and cue not in SWAPS]
        if _says_only(clause, code):
            order = _kept(order, reading)
        before, order = order, _step(order, reading, cues, inherited=inherited)
        has_gone = bool(order.groups) and len(order.groups) < len(before.groups)
    return order


def _says_only(clause: Sequence[Unit], code: str) -> bool:
    only, other = hearing(code).only, {*CUES, Kind.QUALITY, Kind.UNKNOWN}
    if code in ("zh", "ja"):  # whose words for "make it" say no more here than "I want"
        other.discard(Kind.SET)
    says = any(unit.text.lower() in only or unit.particle in only for unit in clause)
    return says and not any(unit.kind in other for unit in clause)


def _kept(order: Order, reading: Reading) -> Order:
    """Return the order with nothing but the things that are named; all of it where one of these is new, or counted."""
    kept = [find(order, one) for one in reading.said if not (one.count or one.color or one.size or one.side)]
    if not kept or None in kept or len(kept) < len(reading.said) or reading.settings:
        return order
    return tidy(replace(order, groups=tuple(group for group in order.groups if group in kept)))


def _step(order: Order, reading: Reading, cues: Sequence[Kind], *, inherited: bool) -> Order:
    named = [*reading.said, *reading.gone]
    here = [one for one in named if find(order, one)]
    new = [one for one in reading.said if not find(order, one)]
    if reading.fewer and not (named or reading.settings or reading.gone_settings):
        return _fewer(order, reading.loose.count or 1)
    if Kind.REMOVE in cues and (here or not new) and not (inherited and not here and reading.settings):
        return _without(order, reading, here)
    if not named and len(reading.colors) > 1 and any(cue in SWAPS for cue in cues):
        return _recolored(order, reading.colors)
    if Kind.REPLACE in cues and len(here) == 2 and not new:
        return _swapped(order, here)
    if reading.swapping and len(order.groups) == 2 and not (named or reading.settings or reading.unknown):
        return replace(order, groups=order.groups[::-1])  # "swap them"
    order, here, new = _instead(order, reading, cues, here, new)
    puts = Kind.PUT in cues and bool(named) and named[0].is_one  # in "put the cat on a horse" that horse is no new one
    for one in here:
        adds = (Kind.ADD in cues or (puts and one.is_one)) and not inherited
        order = _updated(order, one, adds=adds and not reading.relations and not reading.settings)
    for one in new:
        order = _with(order, one)
    order = _with_loose(order, reading, named)
    for kind, figure, landmark in reading.relations:
        order = _stood(order, kind, figure, landmark)
    return _set(order, reading)


def _instead(
    order: Order, reading: Reading, cues: Sequence[Kind], here: list[Said], new: list[Said]
) -> tuple[Order, list[Said], list[Said]]:
    """Return the order with the first new thing in the place of another or of all, and what is said besides."""
    if new and reading.everything and not here and any(cue in SWAPS for cue in cues):
        return _merged(order, new[0]), here, new[1:]  # "turn both into horses"
    if new and (old := _replaced(order, cues, here)):
        return _exchanged(order, old, new[0]), [], new[1:]
    return order, here, new


def _replaced(order: Order, cues: Sequence[Kind], here: Sequence[Said]) -> Group | None:
    """Return the group that a new thing takes the place of: the one that is named, or the only one there is."""
    swaps = any(cue in SWAPS for cue in cues)
    if not swaps and (Kind.SET not in cues or Kind.ADD in cues or Kind.PUT in cues):
        return None
    if len(here) == 1:
        return find(order, here[0])
    return order.groups[0] if not here and len(order.groups) == 1 else None


def _recolored(order: Order, colors: Sequence[str]) -> Order:
    """Give what has one of the colours the other: "blue instead of red"."""
    old = next((color for color in colors if any(group.color == color for group in order.groups)), "")
    new = next((color for color in colors if color != old), old)
    return replace(order, groups=tuple(replace(g, color=new) if g.color == old else g for g in order.groups))


def _swapped(order: Order, here: Sequence[Said]) -> Order:
    """Let two groups change places."""
    one, other = (find(order, said) for said in here)
    groups = tuple(other if group is one else one if group is other else group for group in order.groups)
    return replace(order, groups=tuple(group for group in groups if group is not None))


def find(order: Order, said: Said) -> Group | None:
    """Return the group that is named; of two of a kind the one in the colour that is said."""
    same = [group for group in order.groups if group.thing == said.thing]
    return next((group for group in same if group.color == said.color), same[0] if same else None)


def _put(order: Order, old: Group, new: Group | None) -> Order:
    groups = tuple(new if group is old else group for group in order.groups)
    return tidy(replace(order, groups=tuple(group for group in groups if group is not None)))


def _without(order: Order, reading: Reading, here: Sequence[Said]) -> Order:
    stay = [_left(order, group, reading, here) for group in order.groups]
    order = tidy(replace(order, groups=tuple(group for group in stay if group is not None)))
    order = order if order.groups else replace(order, position="")
    if not here:
        for name, said in {**reading.settings, **reading.gone_settings}.items():
            if name == "place" and "snow" in said and order.sky == "snowfall":
                order = order.setting("sky", "clear")  # "no snow" is what falls, and what lies where it does
            if name != "place" or order.place in said:
                order = order.setting(name, "clear" if name == "sky" else "")
        if reading.everything:
            order = tidy(replace(order, groups=()))
    return order


def _left(order: Order, group: Group, reading: Reading, here: Sequence[Said]) -> Group | None:
    """Return what is left of a group: "remove one cat" takes one of two."""
    said = next((one for one in here if find(order, one) is group), None)
    if (said is None) != reading.excepting:
        return group
    taken = 0 if said is None else said.count or int(said.is_one or reading.fewer)
    return replace(group, count=group.count - taken) if 0 < taken < group.count else None


def _fewer(order: Order, taken: int) -> Order:
    """Take some of the only group that has several: "one less"."""
    several = [group for group in order.groups if group.count > taken]
    return _put(order, several[0], replace(several[0], count=several[0].count - taken)) if len(several) == 1 else order


def _exchanged(order: Order, old: Group, new: Said) -> Order:
    made = group_of(new)
    return _put(order, old, replace(made, count=made.count if new.count or new.is_one or new.is_many else old.count))


def _merged(order: Order, new: Said) -> Order:
    """Put one group in the place of all others, of as many as they were together where no number is said."""
    made, together = group_of(new), sum(group.count for group in order.groups)
    return replace(order, groups=(replace(made, count=min(MOST, new.count or max(1, together))),))


def _updated(order: Order, said: Said, *, adds: bool) -> Order:
    """Give a group that is there another colour, number, size or side; or, with "another", more of it."""
    group = find(order, said)
    if group is None:
        return order
    other = (said.color and group.color != said.color) or (said.size and group.size != said.size)
    if adds and other and not said.side:
        return _with(order, said)
    color, size, count = said.color or group.color, said.size or group.size, said.count or group.count
    if adds and not said.side:
        count = group.count + (said.count or 1)
    made = replace(group, color=color, size=size, count=min(count, MOST))
    return _sided(_put(order, group, made), made, said.side)


def _sided(order: Order, group: Group, side: str) -> Order:
    """Put a group to a side: of several the first, the last or the one in the middle."""
    if not side:
        return order
    if len(order.groups) == 1:
        return tidy(replace(order, position=side))
    rest = [one for one in order.groups if one is not group]
    at = {"left": 0, "right": len(rest)}.get(side, (len(rest) + 1) // 2)
    return replace(order, groups=(*rest[:at], group, *rest[at:]), relation="beside")


def _with(order: Order, said: Said) -> Order:
    if len(order.groups) == MOST_GROUPS:
        return order
    group = group_of(said)
    if not order.groups:
        return tidy(replace(order, groups=(group,), position=said.side or order.position))
    return tidy(_sided(tidy(replace(order, groups=(*order.groups, group))), group, said.side))


def _with_loose(order: Order, reading: Reading, named: Sequence[Said]) -> Order:
    """Give the attributes of what is not named to all, or to the first."""
    loose = reading.loose
    if not order.groups or not (loose.color or loose.size or loose.count or loose.side):
        return replace(order, position=loose.side) if loose.side and not order.groups else order
    several = [group for group in order.groups if group.count > 1] if loose.count == 1 else []
    targets = order.groups if reading.everything else (several or order.groups)[:1]
    if loose.count and loose.color and not named and any(loose.count < group.count for group in targets):
        return order  # "one of them white": two of a kind in two colours cannot be drawn
    if named and (group := find(order, named[-1])):
        targets = (group,)
    for group in targets:
        order = _updated(order, replace(loose, thing=group.thing, color=loose.color or group.color), adds=False)
    return order


def _stood(order: Order, kind: Kind, figure: Said | None, landmark: Said) -> Order:
    behind = find(order, landmark)
    mover = find(order, figure) if figure else next((one for one in order.groups if one is not behind), None)
    if behind is None or mover is None or behind is mover:
        return order
    row = moved(order.groups, mover, behind, before=kind in (Kind.FRONT, Kind.LEFT_OF))
    deep = kind in (Kind.FRONT, Kind.BEHIND) and len(row) == 2
    return replace(order, groups=tuple(row), relation="front" if deep else "beside")


def _set(order: Order, reading: Reading) -> Order:
    full = order.complete(wet=False)
    values = {name: chosen(name, said, getattr(full, name)) for name, said in reading.settings.items()}
    if reading.gone_settings.get("sky") and "sky" not in values:
        values["sky"] = "clear"
    for name, value in values.items():
        order = order.setting(name, value)
    return order
