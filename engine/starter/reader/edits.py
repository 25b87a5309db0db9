"""What an edit does to a picture, slot by slot: things, counts, colours, place, time, weather, style, what goes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Final

from engine.starter.reader.picture import SIDE, SKY, Item, Picture, find_key
from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.stems import HAN_OR_KANA, Text, singular
from engine.starter.reader.words.things import PLACE, QUALITY
from engine.starter.reader.words.word import Kind

_REPLACES: Final = re.compile(
    r"(?<!\w)(?:replace|swap|exchange|substitute|ersetze|reemplaza|sustituye)(?!\w)|"
    r"(?<!\w)(?:instead of|in place of|rather than|statt|anstelle|en (?:lugar|vez) de)(?!\w)|代替|替换|代わりに",
    re.IGNORECASE,
)
_ONLY_ONE: Final = re.compile(
    r"(?<!\w)(?:only|just|a single|solo|sólo|nur) ?(?:one|1|a|un[oa]?|eine?[nrs]?)?(?!\w)|只(?:要|有|留|剩)?一|だけ",
    re.IGNORECASE,
)
_SIZES: Final = ({"huge", "giant", "big", "large", "enormous"}, {"tiny", "small", "little"})
_COUNTS: Final = ["", *list(numbers("en"))[:9]]
_NEXT: Final = dict(pairwise(_COUNTS))
"""One more of each count."""


def changed(picture: Picture, edit: Stated) -> Picture:
    """Return the picture with the edit done to it."""
    taken = _takes_main(picture, edit)
    at = len(picture.items)
    picture = replace(picture, absent=_absent(picture, edit))
    for gone in (*edit.gone, *edit.negated):
        at = min([at, *(index for index, item in enumerate(picture.items) if item.named(gone.spellings))])
        picture = _without(picture, gone)
    if taken:
        picture, at = replace(picture, items=picture.items[1:]), 0
    if not (taken or _REPLACES.search(edit.words) or edit.replaces):
        at = len(picture.items)
    fresh: list[Item] = []
    for said in edit.said:
        if said.kind is Kind.QUOTE:
            picture = _quoted(picture, said, adds=edit.adds)
        elif said.kind is Kind.THING and _is_meant(said, edit):
            picture = _put(picture, said, edit, fresh)
    picture = replace(picture, items=(*picture.items[:at], *fresh, *picture.items[at:]))
    for said in edit.said:
        picture = _described(picture, said, edit, fresh)
    return picture


def _put(picture: Picture, said: Said, edit: Stated, fresh: list[Item]) -> Picture:
    """Fill the slot that a thing is for; what fills none is a new thing and comes to `fresh`."""
    slot, key = _slot(said, picture, adds=edit.adds)
    if said.foreign and HAN_OR_KANA.search(said.text):
        return replace(picture, more=tuple(dict.fromkeys((*picture.more, said.text))))
    if slot:
        return picture.put(slot, key, said.english)
    if said.group != QUALITY and not any(item.named(said.spellings) for item in fresh):
        fresh += _added(picture, said, edit)
    return picture


_INTRODUCED: Final = re.compile(r"(?:^|(?<!\w)(?:an?|the|some|with|and|of|by|into|to|called|named))\s*$", re.IGNORECASE)


def _is_meant(said: Said, edit: Stated) -> bool:
    """Whether a word that no table holds names a thing: one is added, or an article, count or colour leads to it."""
    if said.foreign or edit.adds or edit.replaces or edit.language != "en" or find(said.english.lower(), "en"):
        return True
    led = any(
        one is not said and one.end <= said.start and not edit.words[one.end : said.start].strip() for one in edit.said
    )
    return led or _INTRODUCED.search(edit.words[: said.start]) is not None


def _slot(said: Said, picture: Picture, *, adds: bool) -> tuple[str, str]:
    """Return the slot that a thing fills. Snow that is added falls; another place that is added is a thing."""
    slot, key = find_key(said.english)
    if slot == PLACE and adds and PLACE in picture.settings:
        return (SKY, "snowfall") if key == "snow" else ("", key)
    return slot, key


def _without(picture: Picture, gone: Said) -> Picture:
    if gone.kind is not Kind.COLOR:
        return picture.without(gone.spellings)
    items = tuple(
        replace(item, color="", color_said=False) if item.color in gone.spellings else item for item in picture.items
    )
    return replace(picture, items=items)


def _absent(picture: Picture, edit: Stated) -> tuple[str, ...]:
    """Return what must not be there: what was and is refused, but for what is asked for now."""
    wanted = [said.spellings for said in edit.said if said.kind is Kind.THING]
    kept = [one for one in picture.absent if not any(Text(one).holds(some) for some in wanted)]
    refused = [said for said in edit.negated if said.kind is not Kind.COLOR]
    refused += [said for said in edit.gone if find_key(said.english)[0] == SKY]
    for said in refused:
        if not any(Text(one).holds(said.spellings) for one in kept):
            kept.append(said.english)
    return tuple(kept)


def _takes_main(picture: Picture, edit: Stated) -> bool:
    """Whether an edit puts a new thing in the place of the one that the picture is of: "make it a castle"."""
    things = [
        one for one in edit.said if one.kind is Kind.THING and one.group != QUALITY and not find_key(one.english)[0]
    ]
    if any(find_key(one.english)[0] for one in edit.said if one.kind is Kind.THING):
        return False  # what is put in another's place is a place, a time or a style
    new = [one for one in things if not any(item.named(one.spellings) for item in picture.items)]
    return (
        bool(new)
        and len(new) == len(things)
        and edit.replaces
        and not (edit.gone or edit.negated)
        and bool(picture.items)
    )


def _added(picture: Picture, said: Said, edit: Stated) -> list[Item]:
    """Return the new thing; nothing where the picture has it and the edit only says something of it."""
    same = [item for item in picture.items if item.named(said.spellings)]
    color = next(
        (one.english for one in edit.said if one.kind is Kind.COLOR and set(one.head) & set(said.spellings)), ""
    )
    if same and not (edit.adds and color and color != same[0].color):
        return []
    if any(Text(one).holds(said.spellings) for one in picture.more):
        return []
    return [Item(said.text if said.foreign else singular(said.english) if _counted(said, edit) else said.english)]


def _counted(said: Said, edit: Stated) -> bool:
    return any(one.kind is Kind.NUMBER and set(one.head) & set(said.spellings) for one in edit.said)


def _quoted(picture: Picture, said: Said, *, adds: bool) -> Picture:
    """Put a text in the place of the only one there is, or beside those there are."""
    quotes = [one for one in picture.more if one.startswith('"')]
    kept = tuple(one for one in picture.more if adds or len(quotes) != 1 or one != quotes[0])
    return replace(picture, more=(*kept, f'"{said.english}"'))


def _described(picture: Picture, said: Said, edit: Stated, fresh: list[Item]) -> Picture:
    """Give a thing the count, colour or quality that the edit states of it."""
    at = _described_item(picture, said, edit, fresh)
    if at is None:
        if said.kind in (Kind.COLOR, Kind.NUMBER):
            noun = said.head[0] if said.head else ""
            return replace(picture, more=(*picture.more, f"{said.english} {noun}".strip()))
        return picture
    item = picture.items[at]
    if said.kind is Kind.COLOR:
        item = replace(item, color=said.english, color_said=True, said=True)
    elif said.kind is Kind.NUMBER:
        item = replace(item, noun=singular(item.noun), count=said.english, said=True)
    elif said.group == QUALITY:
        rivals = next((other for size, other in (_SIZES, _SIZES[::-1]) if said.english in size), set())
        kept = tuple(one for one in item.qualities if one not in rivals and one != said.english)
        item = replace(item, qualities=(*kept, said.english))
    elif item not in fresh and _ONLY_ONE.search(edit.words):
        item = replace(item, count="", said=True)
    elif item not in fresh and edit.adds and not _counted(said, edit) and not _colored(said, edit):
        item = replace(item, count=_NEXT.get(item.count, item.count), noun=singular(item.noun), said=True)
    else:
        item = replace(item, said=True)
    return replace(picture, items=(*picture.items[:at], item, *picture.items[at + 1 :]))


def _colored(said: Said, edit: Stated) -> bool:
    return any(one.kind is Kind.COLOR and set(one.head) & set(said.spellings) for one in edit.said)


def _described_item(picture: Picture, said: Said, edit: Stated, fresh: list[Item]) -> int | None:
    """Return the index of the thing that is spoken of; of several alike the newest; without a name the first."""
    if said.kind in (Kind.COLOR, Kind.NUMBER):
        names = said.head
    elif said.kind is Kind.THING and said.group == QUALITY:
        if find_key(said.english)[0] == SIDE:
            return None
        beside = [one for one in edit.said if one.kind is Kind.THING and one.group != QUALITY]
        names = min(beside, key=lambda one: abs(one.start - said.end)).spellings if beside else ()
    elif said.kind is Kind.THING and not find_key(said.english)[0]:
        names = said.spellings
    else:
        return None
    if not names:
        return 0 if picture.items else None
    found = [at for at, item in enumerate(picture.items) if item.named(names)]
    new = [at for at in found if picture.items[at].noun in {item.noun for item in fresh}]
    return next(reversed(new or found), None)
