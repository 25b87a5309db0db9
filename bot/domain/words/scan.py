"""A request cut into words, each with what it is and what keeps it in an English prompt."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Final

from bot.domain.vocabulary import Vocabulary
from bot.domain.words.colors import colors
from bot.domain.words.emoji import emoji
from bot.domain.words.fillers import CJK_FILLERS, FILLERS
from bot.domain.words.forms import find
from bot.domain.words.negations import AFTER, BEFORE, GONE_AFTER, GONE_BEFORE, NOT_MEANT, TURNS_INTO
from bot.domain.words.numbers import COUNTED, numbers, read_counted, spellings
from bot.domain.words.stems import HAN_OR_KANA, LATIN_WORD
from bot.domain.words.things import OTHER, things

QUOTED: Final = re.compile(
    r"“([^”]{1,100})”|„([^“”]{1,100})[“”]|«([^»]{1,100})»|»([^«]{1,100})«|‹([^›]{1,100})›|「([^」]{1,100})」|『([^』]{1,100})』|"
    r'《([^》]{1,100})》|"([^"\n]{1,100})"|(?<!\w)\'([^\'\n]{1,80}(?:\'\w[^\'\n]{0,80})?)\'(?!\w)|(?<!\w)‘([^’\n]{1,80})’(?!\w)'
)
_NAMED: Final = re.compile(r"(?:名字叫|名字是|名叫|叫做|叫)([\u4e00-\u9fff]{1,4}?)(?=[的，。、,. ]|在|$)")
_NAME_PARTS: Final = re.compile(r"(?<![\w'’])[A-Z][\w'’]*(?: (?:of |de |la |del |van |von |da )?[A-Z][\w'’]*)+")
_BREAK: Final = re.compile(r"[,.;:!?。，、；：！？\n()\[\]{}|/—–]+")
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_CJK_RUN: Final = re.compile(rf"{HAN_OR_KANA.pattern}+")
_NAME_ENDS: Final = frozenset("山湖海城岛桥河")
"""What a place's name may end in: 富士山."""
_MAX_PHRASE: Final = 4
_LOOK_BACK: Final = 80


class Kind(Enum):
    """`NO` and `GONE` stand before what must not be there or must go, their `_AFTER` behind it."""

    THING = "thing"
    COLOR = "color"
    NUMBER = "number"
    QUOTE = "quote"
    FILLER = "filler"
    NO = "no"
    NO_AFTER = "no after"
    GONE = "gone"
    GONE_AFTER = "gone after"
    INTO = "into"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Word:
    """`start` and `end` are its place in the request. A prompt that holds any of `spellings` has kept it; where there
    are none, it cannot be checked, since it is in a language that the tables do not hold."""

    text: str
    start: int
    end: int
    kind: Kind
    spellings: tuple[str, ...] = ()
    group: str = OTHER
    foreign: bool = False
    """Nobody translated it: neither the tables nor, as far as is known, the model."""


def scan(text: str, language: str, vocabulary: Vocabulary) -> list[Word]:
    """Cut a request into words, in order. Quoted text and names of several words are one word each."""
    found = [*_whole(text, language)]
    rest = list(text)
    for word in found:
        rest[word.start : word.end] = "\0" * (word.end - word.start)
    found += _words("".join(rest), language, vocabulary)
    return sorted(found, key=lambda word: word.start)


def _whole(text: str, language: str) -> Iterator[Word]:
    """Quoted text, names and emoji."""
    taken = [False] * len(text)
    own = language if language in FILLERS else "en"
    for match in QUOTED.finditer(text):
        inner = next(group for group in match.groups() if group is not None).strip()
        if any(char.isalnum() for char in inner) and not (match.group()[0] == '"' and '{"' in text):  # JSON
            taken[match.start() : match.end()] = [True] * len(match.group())
            yield Word(match.group(), *match.span(), Kind.QUOTE, (inner,))
    for match in _NAMED.finditer(text):
        if not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = [True] * len(match.group())
            yield Word(match.group(1), *match.span(1), Kind.THING, (match.group(1),), foreign=True)
    for match in _NAME_PARTS.finditer(text) if not text.isupper() else ():
        known = all(find(part.lower(), own) or part.lower() in FILLERS["en"] for part in match.group().split())
        if not any(taken[match.start() : match.end()]) and not known and language != "de":
            taken[match.start() : match.end()] = [True] * len(match.group())
            yield Word(match.group(), *match.span(), Kind.THING, (match.group(),), foreign=True)
    for name, start, end in emoji(text):
        if not any(taken[start:end]):
            thing = find(name, "en") or find(name.split()[-1], "en") or find(name.split()[0], "en")
            yield Word(name, start, end, Kind.THING, tuple(dict.fromkeys((name, *(thing.spellings if thing else ())))))


def _words(text: str, language: str, vocabulary: Vocabulary) -> Iterator[Word]:
    at = 0
    while at < len(text):
        word = _at(text, at, language, vocabulary)
        if word is None:
            at += 1
        else:
            yield word
            at = word.end


def _at(text: str, at: int, language: str, vocabulary: Vocabulary) -> Word | None:
    """Return the word that begins at a place, the longest there is."""
    if match := _BREAK.match(text, at):
        return Word(match.group(), at, match.end(), Kind.BREAK)
    if HAN_OR_KANA.match(text, at) or COUNTED.match(text, at):
        return _cjk(text, at, "ja" if language == "ja" else "zh", vocabulary)
    if not LATIN_WORD.match(text, at):
        return None
    own = language if language in FILLERS else "en"
    for code in dict.fromkeys((own, "en")):
        cue = _cue(text, at, code)
        if cue is not None:
            return cue
    return _latin(text, at, own, vocabulary)


def _cue(text: str, at: int, language: str) -> Word | None:
    kinds = (
        (NOT_MEANT if language == "en" else None, Kind.FILLER),
        (BEFORE.get(language), Kind.NO),
        (GONE_BEFORE.get(language), Kind.GONE),
        (TURNS_INTO, Kind.INTO),
    )
    for pattern, kind in kinds:
        if pattern and (match := pattern.match(text, at)):
            return Word(match.group(), at, match.end(), kind)
    return None


def _latin(text: str, at: int, language: str, vocabulary: Vocabulary) -> Word:
    pieces = list(LATIN_WORD.finditer(text, at, at + 60))[:_MAX_PHRASE]
    for size in range(len(pieces), 0, -1):
        phrase = text[at : pieces[size - 1].end()]
        if size > 1 and not re.fullmatch(r"[^\W_]+(?:[ -][^\W_]+)+", phrase):
            continue
        known = _known_latin(phrase, at, language)
        if known and not (known.kind is Kind.THING and language == "es" and _is_name(text, at, text[at:], language)):
            return known
    word, end = pieces[0].group(), pieces[0].end()
    meant = vocabulary.corrected(word)
    if _is_filler(word.lower(), language) or (meant and _is_filler(meant, language)):
        thing = find(word, language)
        return Word(word, at, end, Kind.FILLER, thing.spellings if thing else ())
    thing = find(meant, language) if meant else None
    spelled = (word, *((meant,) if meant else ()), *(thing.spellings if thing else ()))
    group = thing.group if thing else OTHER
    if language == "en":
        return Word(word, at, end, Kind.THING, spelled, group)
    if thing or (vocabulary and not vocabulary.knows(word)) or _is_name(text, at, word, language):
        return Word(word, at, end, Kind.THING, spelled, group, foreign=thing is None)
    return Word(word, at, end, Kind.THING)


def _known_latin(written: str, at: int, language: str) -> Word | None:
    phrase, end = written.lower(), at + len(written)
    if phrase in numbers(language):
        return Word(written, at, end, Kind.NUMBER, spellings(numbers(language)[phrase]))
    if phrase in ("0", "1"):
        return Word(written, at, end, Kind.FILLER)
    if phrase.isdecimal():
        return Word(written, at, end, Kind.NUMBER, spellings(int(phrase)) if len(phrase) < 5 else (phrase,))
    for code in dict.fromkeys((language, "en")):
        if phrase in colors(code):
            return Word(written, at, end, Kind.COLOR, colors(code)[phrase])
    if " " not in phrase and _is_filler(phrase, language):
        return None
    if thing := find(phrase, language):
        return Word(written, at, end, Kind.THING, thing.spellings, thing.group)
    return None


def _cjk(text: str, at: int, language: str, vocabulary: Vocabulary) -> Word | None:
    if match := COUNTED.match(text, at):
        value = read_counted(match.group())
        if value < 2:
            return Word(match.group(), at, match.end(), Kind.FILLER)
        return Word(match.group(), at, match.end(), Kind.NUMBER, spellings(value))
    for pattern, kind in ((GONE_AFTER, Kind.GONE_AFTER), (AFTER if language == "ja" else None, Kind.NO_AFTER)):
        if pattern and (match := pattern.match(text, at)):
            after = language == "ja" or _ends_clause(text, match.end())
            return Word(match.group(), at, match.end(), kind if after else Kind.GONE)
    best = max(_starting(text, at, language), key=len, default="")
    for pattern, kind in ((GONE_BEFORE["zh"], Kind.GONE), (TURNS_INTO, Kind.INTO), (BEFORE["zh"], Kind.NO)):
        match = pattern.match(text, at) if language == "zh" or kind is Kind.INTO else None
        if match and len(match.group()) >= len(best) and not _stays_whole(match.group(), text, match.end(), language):
            return Word(match.group(), at, match.end(), kind)
    if best:
        kind, spelled, group = _phrases(language)[best]
        if len(best) == 1 and kind is Kind.THING and (longer := _compound(text, at, language, vocabulary)):
            return longer
        return Word(best, at, at + len(best), kind, spelled, group)
    return _gap(text, at, language, vocabulary)


def _compound(text: str, at: int, language: str, vocabulary: Vocabulary) -> Word | None:
    """Return the longer word that a thing of one character may only begin: 海豚 is not the sea."""
    if at + 1 >= len(text) or not _HAN.match(text, at + 1) or _begins(text, at + 1, language):
        return None
    rest = _gap(text, at + 1, language, vocabulary)
    if rest is None or (vocabulary and (not rest.spellings or len(rest.text) > 1)):
        return None
    whole = text[at : rest.end]
    return Word(whole, at, rest.end, rest.kind, (whole,) if rest.spellings else (), foreign=True)


def _gap(text: str, at: int, language: str, vocabulary: Vocabulary) -> Word | None:
    """Return what no table holds, as far as the model does not know it either."""
    end = at
    while end < len(text) and HAN_OR_KANA.match(text, end) and (end == at or not _begins(text, end, language)):
        end += 1
    first, last = _run_around(text, at)
    if end - at >= 2 and text[end : end + 1] in _NAME_ENDS and not _longer(text, end, language):
        end += 1
    strange = _strange(text[first:last], vocabulary)
    if any(first + start < end and first + stop > at for start, stop in strange):
        return Word(text[at:end], at, end, Kind.THING, (text[at:end],), foreign=True)
    return Word(text[at:end], at, end, Kind.THING) if end > at else None


def _run_around(text: str, at: int) -> tuple[int, int]:
    """Return the span of the run of Chinese or Japanese characters that a gap is in."""
    runs = _runs(text)
    return runs[bisect(runs, (at, len(text))) - 1]


@lru_cache(maxsize=4)
def _runs(text: str) -> list[tuple[int, int]]:
    """Remembered for the same reason as `_strange`."""
    return [match.span() for match in _CJK_RUN.finditer(text)]


@lru_cache(maxsize=4)
def _strange(run: str, vocabulary: Vocabulary) -> list[tuple[int, int]]:
    """Remembered, because every gap of a run asks for it."""
    return vocabulary.unknown_spans(run)


def _longer(text: str, at: int, language: str) -> bool:
    return any(len(word) > 1 for word in _starting(text, at, language))


def _begins(text: str, at: int, language: str) -> bool:
    """Whether something that the tables know begins at a place."""
    cues = (COUNTED, TURNS_INTO, GONE_AFTER, *((AFTER,) if language == "ja" else (BEFORE["zh"], GONE_BEFORE["zh"])))
    return any(pattern.match(text, at) for pattern in cues) or any(_starting(text, at, language))


def _stays_whole(cue: str, text: str, end: int, language: str) -> bool:
    """Whether a cue of one letter is only the beginning of another word: 别 and 无 need a known thing behind them."""
    return len(cue) == 1 and not any(
        _phrases(language)[word][0] is Kind.THING for word in _starting(text, end, language)
    )


def _ends_clause(text: str, end: int) -> bool:
    return not HAN_OR_KANA.match(text, end) or text[end] in "吧了呢"


def _starting(text: str, at: int, language: str) -> Iterator[str]:
    """Yield each phrase of the tables that begins at a place."""
    return (word for word in _by_first(language).get(text[at : at + 1], ()) if text.startswith(word, at))


@cache
def _by_first(language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in _phrases(language):
        found.setdefault(word[0], []).append(word)
    return found


@cache
def _phrases(language: str) -> dict[str, tuple[Kind, tuple[str, ...], str]]:
    found: dict[str, tuple[Kind, tuple[str, ...], str]] = dict.fromkeys(CJK_FILLERS, (Kind.FILLER, (), OTHER))
    found |= {word: (Kind.COLOR, spelled, OTHER) for word, spelled in colors(language).items()}
    return found | {word: (Kind.THING, *thing) for word, thing in things(language).items()}


def _is_filler(word: str, language: str) -> bool:
    if word in FILLERS[language]:
        return True
    return language != "en" and word in FILLERS["en"] and not find(word, language)


def _is_name(text: str, at: int, word: str, language: str) -> bool:
    """Whether a word that no table holds is a name: a capital within a Spanish sentence, a second one in German."""
    if text.isupper() or not word[0].isupper() or not text[:at].strip():
        return False
    before = LATIN_WORD.findall(text[max(0, at - _LOOK_BACK) : at])
    return language == "es" or bool(before and before[-1][0].isupper() and text[at - 1] == " ")
