"""What an edit does to a picture, slot by slot: things, counts, colours, place, time, weather, style, what goes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Final

from engine.starter.reader.exchanges import SNOWFALL, in_phrase, placed, recolored, replaces, room_made, slot_for
from engine.starter.reader.item import Item
from engine.starter.reader.kinds import DOES
from engine.starter.reader.landmarks import without_landmarks
from engine.starter.reader.phrases import described, has_color
from engine.starter.reader.picture import Picture
from engine.starter.reader.slots import SIDE, SKY, find_key
from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.place import color_in_place, count_in_place
from engine.starter.reader.words.stems import HAN_OR_KANA, Text, singular
from engine.starter.reader.words.things import QUALITY
from engine.starter.reader.words.word import Kind

_ONLY_ONE: Final = re.compile(
    r"(?<!\w)(?:only|just|a single|solo|sólo|nur) ?(?:one|1|a|un[oa]?|eine?[nrs]?)?(?!\w)|只(?:要|有|留|剩)?一|だけ",
    re.IGNORECASE,
)
_CONTRARY: Final = (
    ({"huge", "giant", "big", "large", "enormous", "bigger", "larger"}, {"tiny", "small", "little", "smaller"}),
    ({"happy", "cheerful"}, {"sad"}),
    ({"old", "ancient"}, {"new", "young"}),
)
_COUNTS: Final = ["", *list(numbers("en"))[:9]]
_NEXT: Final = dict(pairwise(_COUNTS))
"""One more of each count."""


def changed(picture: Picture, edit: Stated) -> Picture:
    """Return the picture with the edit done to it."""
    edit = without_landmarks(picture, replace(edit, said=tuple(_known_first(one) for one in edit.said)))
    if done := recolored(picture, edit):
        return done
    before = picture
    picture, at, tail = room_made(replace(picture, absent=_absent(picture, edit)), edit)
    fresh: list[Item] = []
    for said in edit.said:
        if said.kind is Kind.QUOTE:
            picture = _quoted(picture, said, edit)
        elif said.kind is Kind.THING and _is_meant(said, edit):
            picture = _put(picture, said, edit, fresh)
    fresh[:1] = [replace(one, tail=tail) for one in fresh[:1]]
    picture = replace(picture, items=(*picture.items[:at], *fresh, *picture.items[at:]))
    for said in edit.said:
        picture = _described(picture, said, edit, fresh)
    picture = placed(picture, len(fresh), at)
    if not picture.items:  # nothing is left that could stand on a side
        picture = replace(picture, settings={slot: one for slot, one in picture.settings.items() if slot != SIDE})
    if not picture.spec().prompt:  # nothing would be left to draw
        return replace(before, absent=picture.absent)
    return picture if picture.texts == before.texts else Picture.of(picture.spec())


def _known_first(said: Said) -> Said:
    """Return what was written with a slip under the name that was meant: "nigth"."""
    if said.foreign or said.kind is not Kind.THING or find(said.english.lower(), "en"):
        return said
    known = next((name for name in said.spellings if find(name.lower(), "en")), None)
    return replace(said, spellings=(known, *said.spellings)) if known else said


_ONE: Final = re.compile(
    rf"(?<!\w)(the|that|this) ({'|'.join(colors('en'))}) one(s?)(?!\w)(?=(\s+(?:wears|has|is|holds|carries))?)",
    re.IGNORECASE,
)


def named(words: str, picture: Picture) -> str:
    """Return the words with "the blue one" by its name, or as "it" where it does something and is not there."""

    def by_name(match: re.Match[str]) -> str:
        noun = picture.colored(match[2].lower())
        return f"{match[1]} {match[2]} {noun}{match[3]}" if noun else "it" if match[4] else match[0]

    return _ONE.sub(by_name, words)


_IT: Final = re.compile(r"(?<!\w)(make|paint|colou?r|dye|turn|give) (?:it|him|her|them)(?!\w)", re.IGNORECASE)


def of_newest(words: str, before: Picture, now: Picture) -> str:
    """Return the words of a later step with "it" by the name of what the steps before it added."""
    added = [item for item in now.items if not any(item.named((one.noun,)) for one in before.items)]
    return _IT.sub(rf"\1 the {added[-1].noun}", words) if added else words


def _put(picture: Picture, said: Said, edit: Stated, fresh: list[Item]) -> Picture:
    """Fill the slot that a thing is for; what fills none is a new thing and comes to `fresh`."""
    slot, key = slot_for(said, picture, edit.words, adds=edit.adds)
    if said.foreign and HAN_OR_KANA.search(said.text):
        return replace(picture, more=tuple(dict.fromkeys((*picture.more, said.text))))
    if slot:
        return picture.put(slot, key, "falling snow" if key == SNOWFALL else said.english)
    if said.group != QUALITY and not any(item.named(said.spellings) for item in fresh):
        fresh += _added(picture, said, edit)
    return picture


_INTRODUCED: Final = re.compile(r"(?<!\w)(?:an?|the|some|with|and|of|by|into|to|called|named)\s*$", re.IGNORECASE)


def _is_meant(said: Said, edit: Stated) -> bool:
    """Whether a word that no table holds names a thing: one is added, or an article, count or colour leads to it."""
    if said.foreign or edit.adds or edit.replaces or edit.language != "en" or find(said.english.lower(), "en"):
        return True
    before = edit.words[: said.start]
    if not before.strip():
        return not DOES.match(edit.words, said.end)
    led = any(
        one.end <= said.start
        and not edit.words[one.end : said.start].strip()
        and (one.kind is not Kind.THING or one.group == QUALITY or _INTRODUCED.search(edit.words[: one.start]))
        for one in edit.said
    )
    return led or _INTRODUCED.search(before) is not None


def _absent(picture: Picture, edit: Stated) -> tuple[str, ...]:
    """Return what must not be there: what was and is refused, but for what is asked for now."""
    wanted = [said.spellings for said in edit.said if said.kind is Kind.THING]
    kept = [one for one in picture.absent if not any(Text(one).holds(some) for some in wanted)]
    refused = [said for said in edit.negated if said.kind is not Kind.COLOR]
    refused += [
        said
        for said in edit.gone
        if find_key(said.english)[0] == SKY
        or not (
            replaces(edit)
            or said.kind in (Kind.COLOR, Kind.NUMBER, Kind.QUOTE)
            or said.foreign
            or picture.shows(said.spellings)
        )
    ]
    for said in refused:
        if not any(Text(one).holds(said.spellings) for one in kept):
            kept.append(said.english)
    return tuple(kept)


def _added(picture: Picture, said: Said, edit: Stated) -> list[Item]:
    """Return the new thing; nothing where the picture has it and the edit only says something of it."""
    same = [item for item in picture.items if item.named(said.spellings)]
    color = next(
        (one.english for one in edit.said if one.kind is Kind.COLOR and set(one.head) & set(said.spellings)), ""
    )
    if same and not (edit.adds and color and color != same[0].color):
        return []
    if not edit.adds and any(Text(one).holds(said.spellings) for one in picture.texts):
        return []
    return [Item(said.text if said.foreign else singular(said.english) if _counted(said, edit) else said.english)]


def _counted(said: Said, edit: Stated) -> bool:
    return any(one.kind is Kind.NUMBER and set(one.head) & set(said.spellings) for one in edit.said)


def _quoted(picture: Picture, said: Said, edit: Stated) -> Picture:
    """Put a text in the place of the one that goes, or of the only one there is; else beside those there are."""
    quotes = [quote for one in picture.more for quote in _QUOTE.findall(one)]
    named = [one for quote in edit.gone if quote.kind is Kind.QUOTE for one in quotes if one == f'"{quote.english}"']
    old = named[:1] or ([] if edit.adds or len(quotes) != 1 else quotes)
    if old:
        return picture.within(lambda text: text.replace(old[0], f'"{said.english}"'))
    return replace(picture, more=(*picture.more, f'"{said.english}"'))


_QUOTE: Final = re.compile(r'"[^"]*"')


def _described(picture: Picture, said: Said, edit: Stated, fresh: list[Item]) -> Picture:
    """Give a thing the count, colour or quality that the edit states of it."""
    if said.kind is Kind.COLOR and not edit.adds and _says_which(picture, said, edit):
        return picture
    at = _described_item(picture, said, edit, fresh)
    if at is None:
        return _describedin_phrase(picture, said, edit)
    item = picture.items[at]
    if said.kind is Kind.COLOR:
        item = replace(item, color=said.english, color_said=True, said=True)
    elif said.kind is Kind.NUMBER:
        item = replace(item, noun=singular(item.noun), count=said.english, said=True)
    elif said.group == QUALITY:
        kept = tuple(one for one in item.qualities if one not in _rivals(said) and one != said.english)
        item = replace(item, qualities=(*kept, said.english))
    elif item not in fresh and _ONLY_ONE.search(edit.words):
        item = replace(item, count="", said=True)
    elif item not in fresh and edit.adds and not _counted(said, edit) and not _colored(said, edit):
        item = replace(item, count=_NEXT.get(item.count, item.count), noun=singular(item.noun), said=True)
    else:
        item = replace(item, said=True)
    return replace(picture, items=(*picture.items[:at], item, *picture.items[at + 1 :]))


def _describedin_phrase(picture: Picture, said: Said, edit: Stated) -> Picture:
    """Do the same where the thing stands in a phrase that is kept word for word."""
    word, names = said.english, said.head
    if said.kind is Kind.COLOR and names:
        others = [one.english for one in edit.said if one is not said and one.kind is Kind.COLOR and one.head == names]
        which = [one for one in others if any(has_color(text, one, names) for text in picture.texts)]
        done = in_phrase(picture, names, lambda text: color_in_place(text, word, names, () if which else others))
        return done or replace(picture, more=(*picture.more, f"{word} {names[0]}"))
    if said.kind is Kind.NUMBER and names:
        done = in_phrase(picture, names, lambda text: count_in_place(text, word, names))
        return done or replace(picture, more=(*picture.more, f"{word} {names[0]}"))
    if said.kind in (Kind.COLOR, Kind.NUMBER):
        return replace(picture, more=(*picture.more, word))
    if said.group == QUALITY and find_key(word)[0] != SIDE:
        names = _beside(said, edit)
        return in_phrase(picture, names, lambda text: described(text, word, _rivals(said), names)) or picture
    return picture


def _rivals(said: Said) -> frozenset[str]:
    """Return the qualities that a thing cannot have beside this one."""
    return next(
        (frozenset(other) for one, other in (*_CONTRARY, *(row[::-1] for row in _CONTRARY)) if said.english in one),
        frozenset(),
    )


def _says_which(picture: Picture, said: Said, edit: Stated) -> bool:
    """Whether a colour only says which of the things is meant: the blue one, which is to be yellow."""
    if not said.head:
        return False
    shown = any(item.named(said.head) and item.color in said.spellings for item in picture.items)
    return shown or (
        any(has_color(text, said.english, said.head) for text in picture.texts)
        and not any(item.named(said.head) for item in picture.items)
    )


def _colored(said: Said, edit: Stated) -> bool:
    return any(one.kind is Kind.COLOR and set(one.head) & set(said.spellings) for one in edit.said)


def _described_item(picture: Picture, said: Said, edit: Stated, fresh: list[Item]) -> int | None:
    """Return the index of the thing that is spoken of; of several alike the newest; without a name the first."""
    if said.kind in (Kind.COLOR, Kind.NUMBER):
        names = said.head
    elif said.kind is Kind.THING and said.group == QUALITY:
        if find_key(said.english)[0] == SIDE:
            return None
        names = _beside(said, edit)
    elif said.kind is Kind.THING and not find_key(said.english)[0]:
        names = said.spellings
    else:
        return None
    if not names:
        return 0 if picture.items else None
    found = [at for at, item in enumerate(picture.items) if item.named(names)]
    meant = [one for one in edit.said if one.kind is Kind.COLOR and one is not said and set(one.head) & set(names)]
    colored = [at for at in found if any(picture.items[at].color in one.spellings for one in meant)]
    if colored and not edit.adds:
        return colored[0]
    new = [at for at in found if picture.items[at].noun in {item.noun for item in fresh}]
    return next(reversed(new or found), None)


def _beside(said: Said, edit: Stated) -> tuple[str, ...]:
    """Return the names of the thing that stands nearest to a quality; none where the edit names no thing."""
    beside = [
        one for one in edit.said if one.kind is Kind.THING and one.group != QUALITY and not find_key(one.english)[0]
    ]
    return min(beside, key=lambda one: abs(one.start - said.end)).spellings if beside else ()
