"""What someone stated, read from their words by tables alone: things, counts, colours, names, quotes and "no …"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.starter.lexicon.tables import asking_words
from engine.starter.reader.words.fillers import language
from engine.starter.reader.words.negations import ADDS
from engine.starter.reader.words.refusals import CONTENT, REACH, read_refusals
from engine.starter.reader.words.scan import scan
from engine.starter.reader.words.things import OTHER, PLACE, QUALITY, SEASON, STYLE, TIME
from engine.starter.reader.words.vocabulary import EVERYTHING, Vocabulary
from engine.starter.reader.words.word import Kind, Word

_NOISE = re.compile(r"<a?:(\w+):\d+>|<[@#][!&]?\d+>|<t:\d+(?::\w)?>|</[^<>]{0,100}:\d+>|(?<!\w)\w+://[^\s)>\]]+")
_TAKES_BACK = re.compile(r"\b(?:no,? wait|wait,? no|i mean|actually)\b", re.IGNORECASE)
_NOT_ONE = re.compile(r"一[个只条点](?P<what>[\u4e00-\u9fff]{1,4}?)(?:都|也)(?:不要|没有|别有|不能有)")
"""一个人都不要 is 不要人."""
MAX_SAID = 120
MAX_GAP = 9
"""So many characters may part a colour from its noun: of "una barca azul detrás de los perros" no dog is blue."""


@dataclass(frozen=True, slots=True)
class Said:
    """One stated thing, in the requester's words and in the spellings that keep it in an English prompt.

    `head` holds the spellings of the noun that a count or colour belongs to; it is kept beside that noun alone.
    """

    text: str
    start: int
    end: int
    kind: Kind
    spellings: tuple[str, ...]
    group: str = OTHER
    head: tuple[str, ...] = ()
    foreign: bool = False
    in_place: bool = True
    """Whether it may be written into the prompt's middle: what a small model never saw there spoils its pictures."""

    @property
    def english(self) -> str:
        return self.spellings[0]


@dataclass(frozen=True, slots=True)
class Stated:
    """`negated` must not be in the picture; `gone` is what an edit takes away."""

    words: str
    language: str
    said: tuple[Said, ...]
    negated: tuple[Said, ...] = ()
    gone: tuple[Said, ...] = ()
    cuts: tuple[tuple[int, int], ...] = ()
    """Where the words say what must not be there, or goes."""

    replaces: bool = False
    """Whether an edit says that something takes another's place."""

    adds: bool = False
    """Whether an edit says that something comes beside what is there."""

    read: bool = True
    """Whether every word that names something is in the tables, or is known to be strange to the model."""


def readable(words: str) -> str:
    """Return the words without what is invisible, and without mentions and links; custom emoji by their names."""
    text = " ".join(_NOISE.sub(lambda match: match.group(1) or " ", words).split())
    return _NOT_ONE.sub(r"不要\1", text)


def read_stated(
    words: str, vocabulary: Vocabulary = EVERYTHING, *, edit: bool = False, tongue: str | None = None
) -> Stated:
    """Read a request, or an edit of a picture, in the language `tongue` or in the one that it seems to be in.

    With a vocabulary, words that the model cannot know are stated too.
    """
    text = readable(words)
    tongue = tongue or language(text)
    found = scan(text, tongue, vocabulary)
    if edit:
        found = [_asking(word, tongue) for word in found]
    negated, gone, used, cuts = read_refusals(text, found)
    kept = [word for index, word in enumerate(found) if index not in used]
    if edit:
        replaced = _replaced(kept) if _replaces(found) else []
        gone += replaced
        kept = [word for word in kept if word not in replaced]
    kept = _corrected(text, kept)
    said = [
        _said(word, _head(kept, at), in_place=_may_be_placed(word, vocabulary))
        for at, word in enumerate(kept)
        if word.kind in CONTENT and word.spellings
    ]
    wanted = {one.english: one.start for one in said if one.kind is Kind.THING}
    refused = {word.spellings[0]: word.start for word in negated if word.spellings} if edit else {}
    # An edit that names a thing and then refuses it complains of it; a first request wants it.
    said = [one for one in said if refused.get(one.english, -1) < one.start]
    last = {one.english for one in said} if edit else wanted
    negated = [word for word in negated if word.spellings and word.spellings[0] not in last]
    return Stated(
        text,
        tongue,
        tuple(said[:MAX_SAID]),
        tuple(_said(word) for word in _once(negated)),
        tuple(_said(word) for word in gone if word.spellings),
        tuple(cuts),
        _replaces(found),
        bool(ADDS.search(text)),
        all(word.spellings for word in found if word.kind is Kind.THING),
    )


def _asking(word: Word, tongue: str) -> Word:
    """Return a word that only asks, such as the verb of an edit, as a filler."""
    known = len(word.spellings) > 1 or word.kind is not Kind.THING
    asks = not known and word.text.lower() in asking_words(tongue)
    return replace(word, kind=Kind.FILLER, spellings=()) if asks else word


def _once(words: list[Word]) -> list[Word]:
    """Return the first of those that say the same."""
    first: dict[str, Word] = {}
    for word in words:
        first.setdefault(word.spellings[0].lower(), word)
    return list(first.values())


def _replaces(found: list[Word]) -> bool:
    said = {word.text.lower() for word in found}
    into = {word.text.lower() for word in found if word.kind is Kind.INTO}
    return bool(into - {"to"}) or "instead" in said or bool(into and said & {"change", "turn", "switch", "convert"})


def _corrected(text: str, words: list[Word]) -> list[Word]:
    """Drop what someone takes back: of "three cats, no wait, two cats" two are meant."""
    turn = _TAKES_BACK.search(text)
    if not turn:
        return words
    changed = {(word.kind, _head(words, at)[:1]) for at, word in enumerate(words) if word.start > turn.end()}
    return [
        word
        for at, word in enumerate(words)
        if word.kind not in (Kind.NUMBER, Kind.COLOR)
        or word.start > turn.start()
        or (word.kind, _head(words, at)[:1]) not in changed
    ]


def _said(word: Word, head: tuple[str, ...] = (), *, in_place: bool = True) -> Said:
    return Said(word.text, word.start, word.end, word.kind, word.spellings, word.group, head, word.foreign, in_place)


def _may_be_placed(word: Word, vocabulary: Vocabulary) -> bool:
    """A model of a small world never saw a count, and knows few colours and things."""
    return not vocabulary or (word.kind is not Kind.NUMBER and not vocabulary.unknown(word.spellings[0]))


def _replaced(kept: list[Word]) -> list[Word]:
    """Return what gives way to another of its group: the tree in "turn the tree into a house", 船 in 船换成城堡."""
    before: Word | None = None
    for at, word in enumerate(kept):
        if word.kind is Kind.THING and word.spellings:
            before = word
        if word.kind is not Kind.INTO or before is None:
            continue
        after = next((one for one in kept[at + 1 : at + 1 + REACH] if one.kind in CONTENT), None)
        if after and after.kind is Kind.THING and after.group == before.group:
            return [before]
    return []


def _head(words: list[Word], at: int) -> tuple[str, ...]:
    """Return the spellings of the noun that a count or colour belongs to: in its run of words, else just before it."""
    word = words[at]
    if word.kind not in (Kind.COLOR, Kind.NUMBER):
        return ()
    run: list[Word] = []
    end = word.end
    for one in words[at + 1 : at + 1 + REACH]:
        if run and one.group in (PLACE, TIME, STYLE, SEASON):
            break
        if one.start - end > MAX_GAP:
            break
        end = one.end
        if one.kind is Kind.THING and one.spellings:
            run.append(one)
        elif one.kind is Kind.FILLER and not run and one.text.lower() in ("的", "の", "い", "of"):
            continue
        elif one.kind not in (Kind.COLOR, Kind.NUMBER) or run:
            break
    noun = _noun(run, counted=word.kind is Kind.NUMBER) or _noun_before(words, at)
    return noun.spellings if noun else ()


def _noun(run: list[Word], *, counted: bool) -> Word | None:
    if not run:
        return None
    plurals = [one for one in run if one.text.lower().endswith("s") and len(one.text) > 3]
    run = [one for one in run if one.group != QUALITY] or run
    known = [one for one in run if len(one.spellings) > 1]
    nouns = [one for one in run if not one.text.lower().endswith(("ing", "ed"))] or run
    return ((plurals[:1] if counted else []) or known[:1] or nouns[-1:])[0]


def _noun_before(words: list[Word], at: int) -> Word | None:
    """Return the noun that a colour follows ("casa roja", "make the boat blue") or a count does (ボートが三隻)."""
    for one in reversed(words[max(0, at - REACH) : at]):
        if one.kind is Kind.THING:
            return one if one.spellings else None
        if one.kind is Kind.BREAK or one.kind is Kind.COLOR:
            return None
    return None
