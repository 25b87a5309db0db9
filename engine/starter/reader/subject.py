"""Which of someone's words is the thing asked for, where the model does not know it.

A thing that is named first, or beside the first ("a cat and a dragon"), is asked for; what follows a preposition or a
verb, comes before a 的 or の, or names a place, a time, a style or a quality is a detail. In doubt a word is a detail.
"""

# ruff: noqa: E501, SIM905 (lists of words)

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from engine.starter.reader.heard import is_known
from engine.starter.reader.near import Near, row_of
from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.fillers import FILLERS
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.things import OTHER
from engine.starter.reader.words.vocabulary import Vocabulary
from engine.starter.reader.words.word import Kind

_NO_THINGS: Final = frozenset(
    "sun,moon,clouds,stars,sky,blue sky,clear sky,rain,fog,rainbow,storm,snowfall,fallen leaves,smoke,grass,text,watermark,halloween,meadow,flower field,"
    "kitchen,library,school,market,night market,old town,station,road,surface of the moon,garage,bookshop".split(",")
)
"""Rows of the tables beside the places, times and styles that are no subject of a picture."""
_PICTURES: Final = frozenset(
    """portrait portraits close-up closeup wallpaper background silhouette view landscape scenery sketch drawing painting photo photograph
    retrato primer plano fondo silueta vista porträt nahaufnahme hintergrund silhouette blick 肖像 特写 壁纸 ポートレート 肖像画 壁紙""".split()
)
"""Words for a picture, which shows something else."""
_NO_SHAPE: Final = frozenset(
    "light lights lighting waves wave water licht wellen wasser agua olas luz luces 光 灯光".split()
)
_NEUTRAL: Final = frozenset(
    "also too very really quite just then now please pls but even pretty more muy más también sehr auch dann".split()
)
_WHERE: Final = frozenset("in at on near by en im am auf bei".split())
_AND: Final = frozenset("and plus or nor & + y e u und oder sowie 和 与 跟 及 或 と や も".split())
_ARTICLES: Final = frozenset(
    """a an the another some this that my your one un una unos unas el la los las otro otra ein eine einen einem einer der die das den dem noch""".split()
)
_ONE: Final = frozenset({"a", "an", "one", "another"})
_ADJECTIVE: Final = re.compile(r"(?:ful|ous|ive|ish|less|able|ible|ical|ly|er|ing|ed|ic|al|y)$")
_DOING: Final = re.compile(r"(?:ing|ed)$")
_ENDS: Final = re.compile(r"[,.;:!?。，、；：！？\n()/|—–]")
_MODIFIES: Final = {
    "zh": re.compile(r"的|^(?:旁边?|[上下前后里中边]|左边|右边|附近|对面)"),
    "ja": re.compile(r"^[をのにでへ]|の(?:上|下|横|隣|後ろ|前|中|そば|近く|周り)"),
}
"""What makes of the word before it a part of what is said of the word behind it."""
_COUNTED_BEFORE: Final = re.compile(r"[一两二三四五六七八九十][\u4e00-\u9fff].{0,3}$")
_CJK_VERB: Final = ("着", "了", "て", "た", "る", "で")
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


class _Joint(Enum):
    """How a run of words stands to what is before it."""

    WITHIN = "within the run"
    BESIDE = "beside it"
    UNDER = "a detail of it"
    MODIFIED = "modified by it"


@dataclass(frozen=True, slots=True)
class _Run:
    joint: _Joint
    article: str
    is_where: bool
    """Whether the words before it say that it is a place."""
    words: list[Said]


def unknown_subject(stated: Stated, vocabulary: Vocabulary, near: Near, *, edit: bool = False) -> str:
    """Return the thing asked for, as it was written, where the model does not know it; else nothing.

    `near` knows what the model can draw; an `edit` asks for a thing in plainer words only.
    """
    subjects = _Subjects(stated, vocabulary, near, edit=edit)
    main: list[str] = []
    is_under = is_empty = is_modifier = False
    for run in subjects.runs():
        if run.joint is _Joint.MODIFIED and not is_under:
            is_modifier = True
        elif run.joint is _Joint.UNDER and not is_modifier:
            is_under, is_empty = bool(main), True
        elif is_under and is_empty:  # "a house by the lake and a dragon"
            is_under = False
        head = subjects.head(run)
        if head is None:
            continue
        if is_under:
            is_empty = False
            continue
        if is_modifier:
            main, is_modifier = [], False
        elif main and not (run.article or head.is_in_tables):
            continue
        main.append(head.unknown)
    return next(filter(None, main), "")


@dataclass(frozen=True, slots=True)
class _Head:
    """What a run names; `unknown` is empty where the model knows it."""

    unknown: str
    is_in_tables: bool


class _Subjects:
    def __init__(self, stated: Stated, vocabulary: Vocabulary, near: Near, *, edit: bool) -> None:
        self._stated, self._vocabulary, self._near, self._edit = stated, vocabulary, near, edit
        self._tongue = stated.language

    def runs(self) -> list[_Run]:
        """Cut what was stated where something stands between that joins or parts it."""
        runs: list[_Run] = []
        end = 0
        for said in self._stated.said:
            if said.kind is not Kind.THING:
                continue
            gap = self._stated.words[end : said.start]
            joint = self._joint(gap, runs[-1].words, said) if runs else _Joint.BESIDE
            if joint is _Joint.WITHIN:
                runs[-1].words.append(said)
            else:
                where = not _WHERE.isdisjoint(gap.lower().split())
                runs.append(_Run(joint, self._article(gap), where, [said]))
            end = said.end
        return runs

    def _joint(self, gap: str, run: list[Said], said: Said) -> _Joint:
        words = gap.lower().split()
        modifies = _MODIFIES.get(self._tongue)
        if modifies and modifies.search(gap.strip()):
            return _Joint.MODIFIED
        if modifies and gap.strip(" \u3000")[:1] in _AND:
            return _Joint.BESIDE
        if said.text.startswith("在") or any(self._parts(word) for word in words):
            return _Joint.UNDER
        if _ENDS.search(gap) or any(word in _AND for word in words):
            return _Joint.BESIDE
        if modifies and _CJK.search(gap) and not self._article(gap):
            return _Joint.UNDER
        if any(word in _ARTICLES for word in words):  # "a dog chases a cat"
            return _Joint.UNDER
        doing = self._tongue == "en" and _DOING.search(said.text.lower()) and not self._noun(said)
        return _Joint.UNDER if doing and any(map(self._noun, run)) else _Joint.WITHIN

    def _parts(self, word: str) -> bool:
        """Whether a word is one that leads from a thing to what is said of it."""
        return word in FILLERS.get(self._tongue, ()) and word not in _AND | _ARTICLES | _NEUTRAL

    def _article(self, gap: str) -> str:
        """Return the article or number right before a word, but for colours."""
        if _COUNTED_BEFORE.search(gap.rstrip("的")):
            return gap
        for word in reversed(gap.lower().split()):
            if word in _ARTICLES or word in numbers(self._tongue) or word.isdecimal():
                return word
            if word not in colors(self._tongue):
                break
        return ""

    def head(self, run: _Run) -> _Head | None:
        """Return the thing that a run names: the last noun before a strange word that may be a verb."""
        nouns = [at for at, one in enumerate(run.words) if self._noun(one)]
        if nouns:
            last = nouns[0]
            for at in nouns[1:] if self._tongue != "es" else ():
                if at > last + 1:
                    break
                last = at
            return _Head("" if self._known(run.words[last]) else self._written(run.words[last]), True)
        strange = [one for one in run.words if self._strange(one)]
        unsaid = self._edit or run.is_where
        if not strange or self._names_setting(run.words[-1]) or (unsaid and not run.article):
            return None
        name = self._name(run, strange)
        return _Head(self._written(name[0], name[-1]), False) if name else None

    def _name(self, run: _Run, strange: list[Said]) -> list[Said]:
        """Return which words of a run that no table knows are its name."""
        if self._tongue in ("zh", "ja"):
            names = [one for one in strange if not one.text.endswith(_CJK_VERB)]
            return [one for one, before in zip(names, [*names[:1], *names], strict=False) if one.start <= before.end]
        if self._tongue == "es":
            return strange[:1]
        if self._tongue == "de" and any(one.text[:1].isupper() for one in strange):
            return [one for one in strange if one.text[:1].isupper()][:1]
        last = strange[-1].text.lower()
        if len(strange) > 1 and run.article in _ONE and re.search(r"[^suix]s$", last):  # a verb
            strange = strange[:-1]
        if not run.article and _ADJECTIVE.search(strange[-1].text):
            return []
        return strange[-1:]

    def _written(self, first: Said, last: Said | None = None) -> str:
        return self._stated.words[first.start : (last or first).end].strip()

    def _noun(self, said: Said) -> bool:
        """Whether the tables have it for a thing."""
        return (
            said.text.lower() not in _NO_SHAPE
            and said.group == OTHER
            and row_of(said.text, self._tongue) not in ("", *_NO_THINGS)
        )

    def _known(self, said: Said) -> bool:
        return self._near.knows(said.text, self._tongue)

    def _strange(self, said: Said) -> bool:
        if said.group != OTHER or row_of(said.text, self._tongue) or said.text.lower() in _PICTURES | _NO_SHAPE:
            return False
        return not is_known(said.text, self._vocabulary)

    def _names_setting(self, said: Said) -> bool:
        return said.group != OTHER or row_of(said.text, self._tongue) in _NO_THINGS
