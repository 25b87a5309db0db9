"""What takes another's place: the thing that goes is taken out, and what comes stands where it stood."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from engine.starter.reader.phrases import exchanged, tidy
from engine.starter.reader.picture import Picture
from engine.starter.reader.slots import SIDE, SKY, find_key
from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.words.place import color_in_place
from engine.starter.reader.words.stems import Text
from engine.starter.reader.words.things import PLACE, QUALITY
from engine.starter.reader.words.word import Kind

_REPLACES: Final = re.compile(
    r"(?<!\w)(?:replace|swap|exchange|substitute|ersetze|reemplaza|sustituye)(?!\w)|"
    r"(?<!\w)(?:instead of|in place of|rather than|statt|anstelle|en (?:lugar|vez) de)(?!\w)|代替|替换|代わりに",
    re.IGNORECASE,
)


def replaces(edit: Stated) -> bool:
    """Whether an edit says that something takes another's place."""
    return edit.replaces or _REPLACES.search(edit.words) is not None


def room_made(picture: Picture, edit: Stated) -> tuple[Picture, int, str]:
    """Return the picture without what goes, where new things come among its things, and what is said of the first."""
    taken = _takes_main(picture, edit)
    if not (taken or replaces(edit)):
        for gone in (*edit.gone, *edit.negated):
            picture = _without(picture, gone)
        return picture, len(picture.items), ""
    if taken:
        return replace(picture, items=picture.items[1:]), 0, picture.items[0].tail
    at, tail = len(picture.items), ""
    for gone in (*edit.gone, *edit.negated):
        named = [index for index, item in enumerate(picture.items) if item.named(gone.spellings)]
        if named:  # what was said of it is said of what takes its place
            at, tail = min(at, named[0]), picture.items[named[0]].tail
            picture = replace(
                picture,
                items=tuple(replace(one, tail="") if one.named(gone.spellings) else one for one in picture.items),
            )
        elif gone.kind is Kind.THING and _has_new_thing(picture, edit):
            picture = picture.within(partial(exchanged, names=gone.spellings, new=_PLACEHOLDER))
        picture = _without(picture, gone)
    return picture, min(at, len(picture.items)), tail


_PLACEHOLDER: Final = "\ue000"
"""Stands in a phrase where the new thing comes."""


def _has_new_thing(picture: Picture, edit: Stated) -> bool:
    return any(
        one.kind is Kind.THING and one.group != QUALITY and not slot_for(one, picture, edit.words, adds=False)[0]
        for one in edit.said
    )


def placed(picture: Picture, count: int, at: int) -> Picture:
    """Write the new things into the phrase whose thing they replace."""
    if not any(_PLACEHOLDER in text for text in picture.texts):
        return picture
    new = picture.items[at : at + count]
    picture = replace(picture, items=(*picture.items[:at], *picture.items[at + count :]))
    phrase = " and ".join(item.phrase for item in new)
    return picture.within(lambda text: tidy(text.replace(_PLACEHOLDER, phrase)))


def recolored(picture: Picture, edit: Stated) -> Picture | None:
    """Return the picture where an edit swaps a thing's colour for another: "swap the blue car for a red one"."""
    colored = [one for one in edit.said if one.kind is Kind.COLOR]
    if len(colored) != 1 or len(edit.said) != 1 or len(edit.gone) != 1 or not replaces(edit):
        return None
    gone = edit.gone[0]
    at = next((index for index, item in enumerate(picture.items) if item.named(gone.spellings)), None)
    if at is not None:
        item = replace(picture.items[at], color=colored[0].english, color_said=True, said=True)
        return replace(picture, items=(*picture.items[:at], item, *picture.items[at + 1 :]))
    names = tuple(name.rpartition(" ")[2] for name in gone.spellings)
    return in_phrase(picture, names, lambda text: color_in_place(text, colored[0].english, names, ()))


def in_phrase(picture: Picture, names: tuple[str, ...], change: Callable[[str], str | None]) -> Picture | None:
    """Return the picture with the first phrase changed that names a thing; None where none does."""
    text = next((text for text in picture.texts if Text(text).holds(names)), None)
    if text is None:
        return None
    new = change(text) or text
    return picture.within(lambda one: tidy(new) if one == text else one)


SNOWFALL: Final = "snowfall"
_SNOWS: Final = re.compile(
    r"(?<!\w)(?:snowing|snows|let it snow|schnei(?:t|en)|nevando|nieve ca\w+)(?!\w)|下.{0,2}雪|雪.{0,2}降",
    re.IGNORECASE,
)


def slot_for(said: Said, picture: Picture, words: str, *, adds: bool) -> tuple[str, str]:
    """Return the slot that a thing fills. Added or falling snow is weather; an added place is a thing."""
    slot, key = find_key(said.english)
    if key == "snow" and _SNOWS.search(words):
        return SKY, SNOWFALL
    if slot == PLACE and adds and PLACE in picture.settings:
        return (SKY, SNOWFALL) if key == "snow" else ("", key)
    return slot, key


def _without(picture: Picture, gone: Said) -> Picture:
    if gone.kind is not Kind.COLOR:
        return picture.without(gone.spellings)
    items = tuple(
        replace(item, color="", color_said=False) if item.color in gone.spellings else item for item in picture.items
    )
    return replace(picture, items=items)


def _takes_main(picture: Picture, edit: Stated) -> bool:
    """Whether an edit puts a new thing in the place of the one that the picture is of: "make it a castle"."""
    things = [
        one for one in edit.said if one.kind is Kind.THING and one.group != QUALITY and not find_key(one.english)[0]
    ]
    if any(find_key(one.english)[0] not in ("", SIDE) for one in edit.said if one.kind is Kind.THING):
        return False  # what is put in another's place is a place, a time or a style
    new = [one for one in things if not picture.shows(one.spellings)]
    return (
        bool(new)
        and len(new) == len(things)
        and edit.replaces
        and not (edit.gone or edit.negated)
        and bool(picture.items)
    )
