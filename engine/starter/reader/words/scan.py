"""A request cut into words, each with what it is and what keeps it in an English prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.starter.reader.words.cjk import cjk
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.emoji import emoji
from engine.starter.reader.words.fillers import FILLERS
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.negations import BEFORE, GONE_BEFORE, GONE_BEHIND, NOT_MEANT, TURNS_INTO
from engine.starter.reader.words.numbers import COUNTED, numbers, spellings
from engine.starter.reader.words.stems import HAN_OR_KANA, LATIN_WORD
from engine.starter.reader.words.things import OTHER
from engine.starter.reader.words.vocabulary import Vocabulary
from engine.starter.reader.words.word import Kind, Word

QUOTED: Final = re.compile(
    r"“([^”]{1,100})”|„([^“”]{1,100})[“”]|«([^»]{1,100})»|»([^«]{1,100})«|‹([^›]{1,100})›|「([^」]{1,100})」|『([^』]{1,100})』|"
    r'《([^》]{1,100})》|"([^"\n]{1,100})"|(?<!\w)\'([^\'\n]{1,80}(?:\'\w[^\'\n]{0,80})?)\'(?!\w)|(?<!\w)‘([^’\n]{1,80})’(?!\w)'
)
_NAMED: Final = re.compile(r"(?:名字叫|名字是|名叫|叫做|叫)([\u4e00-\u9fff]{1,4}?)(?=[的，。、,. ]|在|$)")
_NAME_PARTS: Final = re.compile(r"(?<![\w'’])[A-Z][\w'’]*(?: (?:of |de |la |del |van |von |da )?[A-Z][\w'’]*)+")
_BREAK: Final = re.compile(r"[,.;:!?。，、；：！？\n()\[\]{}|/—–]+")
_MAX_PHRASE: Final = 4
_LOOK_BACK: Final = 80


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
        return cjk(text, at, "ja" if language == "ja" else "zh", vocabulary)
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
        (GONE_BEHIND.get(language), Kind.GONE_AFTER),
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
