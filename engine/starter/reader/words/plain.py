"""Puts what people type in the words that the starter knows: synonyms, diminutives, slips of the fingers.

Quoted text stays as it is. A word that the language's tables know, or that is an everyday word of it, stays too.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from engine.starter.lexicon.tables import BY_CODE, names, single_words, without_accents
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.fillers import FILLERS, language
from engine.starter.reader.words.scan import QUOTED
from engine.starter.reader.words.stems import LATIN_WORD
from engine.starter.reader.words.synonyms import synonyms
from engine.starter.reader.words.things import things
from engine.starter.reader.words.vocabulary import Vocabulary

_LONG: Final = 6
"""Letters of a word that one slip is looked for in: a shorter one is too often another word."""
_SPANISH: Final = re.compile(r"(?P<stem>\w{2,}?)(?:e?c)?it[oa]s?")
_SHADE: Final = re.compile(
    r"(?:hell|dunkel|tief|knall|himmel|feuer|schnee|pech|gras|zitronen|sonnen|rabenkohl|kirsch|blut|moos|meer|ultra)+"
    r"(rot|blau|grün|gelb|weiß|weiss|schwarz|rosa|orange)(e[nrsm]?)?"
)
"""German shades, of which the world has the colour alone."""
_SIMPLIFIED: Final = str.maketrans(
    "綠紅黃藍貓樹樓燈氣風車籠島雲陽邊灘鎮畫點個隻裡裏張請給來這變換後還沒聖誕龍鳥魚馬門開關東時間無電閃側處從對讓說見顏飛長園場葉陰霧鄉寫線圓滿曉廟廣橋紙養專兒頭聲與為樣麼嗎會轉換雙滅懸夢濕淺",
    "绿红黄蓝猫树楼灯气风车笼岛云阳边滩镇画点个只里里张请给来这变换后还没圣诞龙鸟鱼马门开关东时间无电闪侧处从对让说见颜飞长园场叶阴雾乡写线圆满晓庙广桥纸养专儿头声与为样么吗会转换双灭悬梦湿浅",
)
"""Traditional characters of everyday words: the lexicon has the simplified ones."""
_GERMAN: Final = re.compile(r"(?P<stem>\w{3,}?)(?:chen|lein)s?")


def plain_words(words: str, tongue: str | None = None) -> str:
    """Return the words with each synonym, diminutive and slip replaced by what the starter knows."""
    tongue = tongue or language(words)
    pieces, at = [], 0
    for quote in QUOTED.finditer(words):
        pieces += [_plain(words[at : quote.start()], tongue), quote.group()]
        at = quote.end()
    return "".join((*pieces, _plain(words[at:], tongue)))


def _plain(text: str, tongue: str) -> str:
    own = synonyms(tongue)
    if tongue == "zh":
        text = text.translate(_SIMPLIFIED)
    if not BY_CODE[tongue].spaced:
        return _known_or_synonym(tongue).sub(lambda match: own.get(match.group(), match.group()), text)
    text = LATIN_WORD.sub(lambda match: _meant(match.group(), tongue), text)
    return _known_or_synonym(tongue).sub(lambda match: own.get(match.group().lower(), match.group()), text)


@cache
def _known_or_synonym(tongue: str) -> re.Pattern[str]:
    """Return what finds the synonyms, and longer words of the tables that one of them is only a part of."""
    spaced, own = BY_CODE[tongue].spaced, synonyms(tongue)
    longer = (word for word in (*things(tongue), *names(tongue)) if any(one in word for one in own))
    body = "|".join(map(re.escape, sorted({*own, *longer}, key=len, reverse=True)))
    return re.compile(rf"(?<![\w-])(?:{body})(?![\w-])" if spaced else body, re.IGNORECASE)


def _meant(word: str, tongue: str) -> str:
    """Return the world's word that a strange one is a small form or a slip of."""
    low = word.lower()
    if low in _known(tongue) or not low.isalpha():
        return word
    if tongue == "de" and (shade := _SHADE.fullmatch(low)):
        return "".join(part or "" for part in shade.groups())
    if name := _typed(tongue).get(low):
        return name
    return _undiminished(low, tongue) or (_slip(low, tongue) if len(low) >= _LONG else "") or word


def _slip(word: str, tongue: str) -> str:
    """Return the world's word that this one is, but for one slip; a dessert is no desert."""
    own, undone = _own(tongue), [word[:at] + word[at + 1 :] for at in range(len(word) - 1) if word[at] == word[at + 1]]
    doubled = next((one for one in undone if one in _names(tongue)), "") if word not in _NO_SLIPS else ""
    return doubled or own.corrected(word) or ""


_NO_SLIPS: Final = frozenset({"dessert", "desserts"})


@cache
def _names(tongue: str) -> frozenset[str]:
    return frozenset((*names(tongue), *synonyms(tongue)))


@cache
def _typed(tongue: str) -> dict[str, str]:
    """Return the names as people type them whose keyboard has no accents: "wueste", "arbol"."""
    found = {without_accents(name): name for name in names(tongue)}
    if tongue == "de":
        found |= {
            name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss"): name
            for name in names(tongue)
        }
    return {typed: name for typed, name in found.items() if typed != name}


@cache
def _known(tongue: str) -> frozenset[str]:
    tables = (things(tongue), colors(tongue), single_words(tongue), synonyms(tongue), FILLERS.get(tongue, ()))
    return frozenset(word for table in tables for phrase in table for word in phrase.lower().split())


@cache
def _own(tongue: str) -> Vocabulary:
    """What the world has, in one language's words: slips are undone towards these alone."""
    words = (*names(tongue), *synonyms(tongue))
    return Vocabulary((*words, *(word.replace("ß", "ss") for word in words)))


def _undiminished(word: str, tongue: str) -> str:
    pattern = {"es": _SPANISH, "de": _GERMAN}.get(tongue)
    match = pattern.fullmatch(word) if pattern else None
    if not match:
        return ""
    stem = match["stem"]
    if tongue == "de":
        bare = stem.translate(str.maketrans("äöü", "aou"))
        forms = [stem, bare, f"{stem}e", f"{bare}e"]
    else:
        stem = re.sub(r"qu$", "c", re.sub(r"gu$", "g", stem))
        forms = [f"{stem}{end}" for end in ("o", "a", "e", "", "os", "as", "es", "s")]
    known = {without_accents(name): name for name in names(tongue)} | {name: name for name in names(tongue)}
    return next((known[form] for form in forms if form in known), "")
