"""Text as it looks rather than as it is encoded: what each character may be read as, and what separates letters.

Blocked words and texts are folded by the same rules.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

SOFT, HARD, EDGE = " ", ".", "\ue000"
"""A blank, which stands between words and in them; any other sign; writing without blanks."""
I_OR_L, LONELY_I = "\u01c0", "\ue002"
"""What looks like both letters; and an i with no l beside it, for which an l is read, so that "tall" is not "tail"."""
SIGNS = {
    "0": "oо", "1": "il", "2": "z", "3": "eз", "4": "aч", "5": "s", "6": "gbб", "7": "t", "8": "bв", "9": "gq",
    "@": "a", "^": "a", "$": "s", "§": "s", "(": "c", "<": "c", "[": "c", "{": "c", "!": "il", "|": "il", "¡": "i",
    "+": "t", "#": "h", "€": "e", "¢": "c", "£": "l", "¥": "y", "©": "c", "®": "r", "×": "x", "†": "t", "‡": "t",
    "∂": "d", "°": "o", "%": "x", "¶": "p", "√": "v", "∩": "n", "∪": "u", "∫": "s", "∑": "e", "∏": "nп", "∆": "aд",
    "Ø": "o", "∅": "o", "₽": "p", "₿": "b", "₴": "s", "ƒ": "f", "ª": "a", "º": "o",
}  # fmt: skip
"""Signs and digits that are written for letters."""
DRAWN = (
    (r"\\/\\/|vv", "w"), (r"\|v\||\|\\/\||/\\/\\|/v\\", "m"), (r"/\\/|\|\\\|", "n"), (r"\|_\||\\_/", "u"),
    (r"\(\)|\[\]", "o"), (r"\|<|\|\{", "k"), (r"\|\)|\|\]", "d"), (r"\|3|\|8", "b"), (r"\|-\||/-/", "h"),
    (r"/\\|/-\\", "a"), (r"\\/", "v"), (r"\|_", "l"), (r"><|\)\(", "x"), (r"\|°|\|\*", "p"),
)  # fmt: skip
"""Letters that are drawn with several signs, as patterns over lower-case text."""
JOINED = (("rn", "m"), ("cl", "d"))
"""Letters that look like another when they stand side by side, as they often do by chance."""
LOOKS = {
    "a": "аαλ", "b": "вьбβ", "c": "сσ", "d": "дδ", "e": "еёєεэ", "f": "ф", "h": "нһη", "i": "іїι", "j": "ј",
    "k": "кκ", "l": "ӏιл", "m": "мμ", "n": "ппηи", "o": "оοσθ", "p": "рρ", "r": "гя", "s": "ѕ", "t": "тτ",
    "u": "иυцμ", "v": "νѵ", "w": "шщωψ", "x": "хχж", "y": "уγчү", "z": "з",
}  # fmt: skip
"""Cyrillic and Greek letters that look like a Latin one; what looks like that one may be read as them, too."""
OTHERS = {
    "π": "nп", "п": "n", "η": "n", "ո": "n", "и": "un", "й": "иun", "ᴎ": "иn", "ҋ": "и", "н": "hn", "ω": "wш",
    "γ": "yгr", "г": "r", "δ": "dд", "д": "d", "λ": "aл", "л": "n", "φ": "ф", "з": "e", "ʒ": "з", "ɔ": "co",
    "ɟ": "f", "ƃ": "gb", "ɾ": "rj", "ц": "u", "μ": "uм", "µ": "uмμ", "ч": "y", "ё": "е", "я": "r", "є": "e",
    "э": "e", "ж": "x", "ь": "b", "б": "b", "в": "b", "σ": "oc", "θ": "o", "ψ": "w", "v": "u", "q": "g", "ı": "i",
    "r": "г", "n": "п", "u": "иυμ", "h": "н", "y": "уγ", "w": "шω", "ᴨ": "п", "ʌ": "va", "ɹ": "r", "ν": "vu",
    "ѵ": "vu", "ἰ": "i", "ϝ": "f", "ʞ": "k", "ʎ": "y", "ʍ": "wm", "ɥ": "h", "ɯ": "mw", "ɐ": "a", "ǝ": "e", "ʇ": "t",
    "þ": "p", "ð": "d", "ƨ": "s", "ᴙ": "rя", "щ": "шw", "ҩ": "o", "ɕ": "c", "ꓵ": "n", "ξ": "e", "ζ": "z", "ɛ": "e",
    "ʃ": "s", "ɑ": "a",
}  # fmt: skip
"""Further letters that a letter may be read as."""
FLIPPED = str.maketrans("ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎzɒɘɿƨ", "abcdefghijklmnopqrstuvwxyzaers")
UPSIDE_DOWN = re.compile("[ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ]")
SAME = {"ё": "е", "й": "и", "ς": "σ", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
"""Letters that people take for another in writing, as they stand in both words and texts."""
CASELESS_WRITING = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u115e\u1161-\u11ff\u1780-\u17b3\u17b6-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u3163"
    r"\u3165-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Chinese, Japanese, Korean, Thai, Lao, Burmese and Khmer: words follow each other without blanks, or carry endings."""

_APOSTROPHES = set("'’‘´ʼ＇ʹ′")
_BEFORE = re.compile(r"(?<![^\W\d_])(?:[dlocjmnst]|qu)$"), re.compile(r"[^\W\d_]{2}")
_AFTER = re.compile(r"[^\W\d_]{2}$"), re.compile(r"(?:[sd]|ll|re|ve)(?![^\W\d_])")
_NOT = re.compile(r"n$"), re.compile(r"t(?![^\W\d_])")
"""What stands on both sides of an apostrophe that parts two words: d'ici, he'll, isn't."""
_BLANK_LETTERS = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u17b5", "\u0640"}
_DECORATION = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u064b-\u065f\u0670\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    r"\ufe00-\ufe2f\U000e0100-\U000e01ef]"
)
"""Marks that go onto any letter; those that are vowels, as in Indic writing, stay."""
_NAMED = re.compile(
    r"(?:(?:NEGATIVE |CROSSED )?(?:\w+ )?LATIN .*?|REGIONAL INDICATOR SYMBOL )LETTER "
    r"(?:(?:SMALL CAPITAL|SMALL|CAPITAL|TURNED|REVERSED|INVERTED|OPEN"
    r"|CLOSED|SCRIPT|DOTLESS|BARRED|SIDEWAYS|LONG|BLACKLETTER|STRETCHED|ROMAN|INSULAR) )*([A-Z])(?: WITH .*)?"
)
KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
"""Hiragana to katakana: a word can be written in either."""


def fold(text: str) -> str:
    """Return the text in small letters of its own writing, without marks and hidden characters.

    What may be read as a letter stays; other signs between letters become one SOFT or HARD.
    """
    folded: list[str] = []
    before = ""
    for place, char in enumerate(text):
        if char == "I" and before.islower():  # looks like an l in the midst of small letters
            one = I_OR_L
        elif char in _APOSTROPHES:
            one = EDGE if _parts_words(text, place) else HARD
        else:
            one = _folded(char)
        for part in one:
            if part not in (SOFT, HARD) or not folded or folded[-1] not in (SOFT, HARD):
                folded.append(part)
            elif part == SOFT:
                folded[-1] = SOFT
        before = char if one else before
    return "".join(folded)


def unspaced(text: str) -> str:
    """Return the text in its own writing, without what separates letters; sentences stay apart."""
    kept = "".join(char for char in unicodedata.normalize("NFKC", text) if not _hidden(char)).casefold()
    marked = re.sub(r"(?:[。，、！？；：]|(?<=[^\W_])[,.!?;:]+(?=\s|$))\s*", EDGE, unicodedata.normalize("NFKC", kept))
    return re.sub(rf"[^\w{EDGE}]|_|(?<={EDGE}){EDGE}", "", marked)


@lru_cache(maxsize=8_192)
def readings(char: str) -> str:
    """Return what a character of folded text may be read as, itself first."""
    if char == I_OR_L:
        return "il"
    found = char + SIGNS.get(char, "") + OTHERS.get(char, "") + _latin(char)
    if char == "l":
        found += LONELY_I
    found += "".join(LOOKS.get(one, "") for one in found)
    return "".join(dict.fromkeys(found))


@lru_cache(maxsize=8_192)
def _folded(char: str) -> str:
    if _hidden(char):
        return ""
    if CASELESS_WRITING.match(char):
        return EDGE
    if char.isspace():
        return SOFT
    if char.isascii():
        return char.lower() if char.isalnum() or char in SIGNS else HARD
    if char in SIGNS or char in OTHERS or char.lower() in SAME:
        return SAME.get(char.lower(), char)
    if letter := _renamed(char):
        return letter
    decomposed = [one for one in unicodedata.normalize("NFKD", char) if not _hidden(one)]
    if decomposed != [char]:
        return "".join(_folded(one) for one in decomposed)
    return char.casefold() if char.isalnum() or unicodedata.category(char).startswith("M") else HARD


def _renamed(char: str) -> str:
    """Return the Latin letter that a character is by its name or by its looks; empty for what has its own writing."""
    named = _NAMED.fullmatch(unicodedata.name(char, ""))
    if named:
        return named[1].lower()
    twin = "" if _known(char) or unicodedata.decomposition(char) else _table().get(char, "")
    return I_OR_L if twin == "il" else twin


def _known(char: str) -> bool:
    """Whether words may be blocked in the character's writing, so that it must stay what it is."""
    return unicodedata.name(char, "-").split()[0] in ("CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC", "GEORGIAN")


def _latin(char: str) -> str:
    """Return the Latin letters that a foreign letter looks like, small or large: в as B does."""
    if char.isascii():
        return ""
    table = _table()
    return table.get(char, "") + table.get(char.upper(), "")


def _parts_words(text: str, place: int) -> bool:
    before, after = text[max(0, place - 3) : place].lower(), text[place + 1 : place + 4].lower()
    return any(one.search(before) and other.match(after) for one, other in (_BEFORE, _AFTER, _NOT))


def _hidden(char: str) -> bool:
    category = unicodedata.category(char)
    return (
        char in _BLANK_LETTERS
        or category in ("Cf", "Co", "Cn", "Cs", "Me")
        or _DECORATION.match(char) is not None
        or (category == "Cc" and not char.isspace())
    )


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    """Return what Unicode lists as confusable with the Latin letters (UTS 39)."""
    from confusable_homoglyphs.confusables import confusables_data

    table: dict[str, str] = {}
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for written in (letter.upper(), letter):
            for entry in confusables_data.get(written, ()):
                twin = entry["c"].strip("\u200e")
                if len(twin) == 1 and not twin.isascii():
                    table[twin] = "il" if table.get(twin, letter) != letter or letter == "l" else letter
    return table
