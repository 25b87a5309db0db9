"""Disguises of words, made from Unicode's own names and decompositions and from tables of this file alone.

Nothing here may come from the code that is measured: a table shared with it would hide what both have forgotten.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from functools import lru_cache

# What people type for a letter because it looks like it, by eye, from the Cyrillic, Greek, Armenian, Cherokee, Lisu,
# Coptic and phonetic blocks.
TWINS = {
    "a": "аαɑᗅᎪꓮ", "b": "ЬВΒᏴꓐƄ", "c": "сϲᏟꓚⅽ", "d": "ԁᎠꓓⅾɗ", "e": "еҽΕЕᎬꓰ", "f": "ϜꓝꞘƒ", "g": "ɡցԌᏀꓖ",
    "h": "һհНΗᎻꓧ", "i": "іɩΙІӀꓲⅰ", "j": "јϳЈꓙᎫ", "k": "кκКΚᏦꓗ", "l": "ӏⅼᏞꓡΙ", "m": "мМΜᎷꓟⅿ", "n": "ոΝꓠπ",
    "o": "оοօОΟՕꓳ", "p": "рρРΡᏢꓑ", "q": "ԛգ", "r": "гᎡᏒꓣʀ", "s": "ѕՏЅᏚꓢ", "t": "тτТΤᎢꓔ", "u": "υսꓴՍ",
    "v": "νѵᏙꓦⅴ", "w": "ԝᎳꓪω", "x": "хχХΧꓫⅹ", "y": "уүγУΥꓬ", "z": "ᴢΖᏃꓜ", "а": "aɑα", "в": "Bʙβ", "г": "rΓ",
    "д": "Δ", "е": "eҽє", "ж": "Ж", "и": "uᴎ", "й": "ҋ", "к": "kκ", "м": "mMΜ", "н": "HΗʜ", "о": "oοσ",
    "п": "πΠ", "р": "pρ", "с": "cϲ", "т": "Tτ", "у": "yγ", "х": "xχ", "ш": "Ш", "ь": "bЬ", "з": "3", "α": "aа",
    "ο": "oо", "υ": "u", "κ": "kк", "τ": "tт", "ρ": "pр", "ς": "с", "ν": "v", "μ": "µ", "ι": "iі",
}  # fmt: skip
LEET = {
    "a": ["4", "@", "^", "/\\"], "b": ["8", "6"], "c": ["(", "<", "¢"], "e": ["3", "€"], "g": ["9", "6"],
    "h": ["#"], "i": ["1", "!", "|", "¡"], "k": ["|<"], "l": ["1", "|", "£"], "n": ["|\\|"],
    "o": ["0", "()", "°"], "s": ["5", "$", "§"], "t": ["7", "+"], "u": ["|_|"], "v": ["\\/"],
    "w": ["\\/\\/", "vv"], "x": ["×", "%"], "y": ["¥"], "z": ["2"], "m": ["rn", "|v|"], "d": ["|)"], "о": ["0"],
    "а": ["@", "4"], "з": ["3"], "б": ["6"], "ч": ["4"], "ο": ["0"], "α": ["@", "4"],
}  # fmt: skip
SHY = [
    *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u180e\u200e\u200f\u202a\u202d\u202e\u2066\u2069\u2800\u3164\u115f\uffa0"
]
SHY += [*"\ufe0e\ufe0f", "\U000e0061", "\U000e0020", "\U000e0100", "\u2063", "\u17b5"]
BLANKS = [" ", "  ", "\u00a0", "\u2009", "\u3000", "\u202f", "\t", " \u200b"]
SIGNS = [
    *".-_*/,~|+=:;'\"^`·•‧∙…–—#&",
    "::",
    "--",
    "..",
    "_-_",
    " . ",
    " - ",
    "/.",
    "\\",
    "❤",
    "🍆",
    "⭐",
    "➖",
    "‿",
    "⁃",
    "、",
    "|",
]
FONTS = {
    "bold": 0x1D400, "italic": 0x1D434, "bold italic": 0x1D468, "bold script": 0x1D4D0, "bold fraktur": 0x1D56C,
    "double-struck": 0x1D538, "sans": 0x1D5A0, "sans bold": 0x1D5D4, "sans italic": 0x1D608, "monospace": 0x1D670,
}  # fmt: skip
CAPITALS_ALONE = {"squared": 0x1F130, "negative circled": 0x1F150, "negative squared": 0x1F170, "flags": 0x1F1E6}
SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ"
RAISED = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖqʳˢᵗᵘᵛʷˣʸᶻ"
TURNED = "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz"
CJK = range(0x2E80, 0xD7B0)


NUMBER_KINDS = ("spaces", "hidden", "widths")
"""A number with a sign in it, or a digit more, is another number."""


def is_spaced(word: str) -> bool:
    """Whether the word is in a writing with letters and blanks."""
    return not any(ord(char) in CJK for char in word)


@lru_cache
def decorated() -> dict[str, list[str]]:
    """Return, for each letter, what Unicode calls or decomposes into that letter with something on it."""
    found: dict[str, list[str]] = {}
    for code in [*range(0xC0, 0x600), *range(0x1D00, 0x2000), *range(0x2C60, 0x2C80), *range(0xA720, 0xA7C0)]:
        char = chr(code)
        name, base = unicodedata.name(char, ""), unicodedata.normalize("NFKD", char)
        base = base[:1] if all(unicodedata.combining(mark) for mark in base[1:]) else char
        if unicodedata.category(char) not in ("Ll", "Lu"):
            continue
        if base != char and base.isalpha():
            found.setdefault(base.lower(), []).append(char)
        elif name.startswith("LATIN SMALL LETTER ") and " WITH " in name and len(name.split(" WITH ")[0]) == 20:
            found.setdefault(name[19].lower(), []).append(char)
    return found


def each(dice: random.Random, word: str, share: float, change: Callable[[str], str]) -> str:
    """Change about this share of the letters, and at least one."""
    places = [place for place, char in enumerate(word) if char != " "]
    sure = dice.choice(places)
    chars = [change(c) if c != " " and (p == sure or dice.random() < share) else c for p, c in enumerate(word)]
    return "".join(chars)


def between(dice: random.Random, word: str, fill: Callable[[], str]) -> str:
    """Put something between all letters; a blank between words becomes wider."""
    return "".join(char + fill() if place < len(word) - 1 else char for place, char in enumerate(word))


def homoglyphs(dice: random.Random, word: str) -> str:
    return each(dice, word, 0.7, lambda c: dice.choice(TWINS.get(unicodedata.normalize("NFD", c)[0].lower(), c)))


def accents(dice: random.Random, word: str) -> str:
    return each(dice, word, 0.6, lambda c: dice.choice(decorated().get(unicodedata.normalize("NFD", c)[0], [c])))


def simple_leet(dice: random.Random, word: str) -> str:
    """As below, with one sign a letter: what is drawn with several is not pulled apart."""
    one = {letter: [sign for sign in signs if len(sign) == 1] for letter, signs in LEET.items()}
    changed = each(dice, word, 0.5, lambda c: dice.choice(one.get(unicodedata.normalize("NFD", c)[0]) or [c]))
    return changed if any(char.isalpha() for char in changed) else word[0] + changed[1:]


def leet(dice: random.Random, word: str) -> str:
    changed = each(dice, word, 0.5, lambda c: dice.choice(LEET.get(unicodedata.normalize("NFD", c)[0], [c])))
    return changed if any(char.isalpha() for char in changed) else word[0] + changed[1:]


def spaces(dice: random.Random, word: str) -> str:
    blank = dice.choice(BLANKS)
    return between(dice, word, lambda: blank)


def signs(dice: random.Random, word: str) -> str:
    if dice.random() < 0.5:
        sign = dice.choice(SIGNS)
        return between(dice, word, lambda: sign)
    return between(dice, word, lambda: dice.choice(SIGNS))


def one_sign(dice: random.Random, word: str) -> str:
    place = dice.randrange(1, len(word)) if len(word) > 1 else 1
    sign: str = dice.choice([sign for sign in SIGNS if " " not in sign])
    return word[:place] + sign + word[place:]


def marks(dice: random.Random, word: str) -> str:
    tall = dice.choice([1, 2, 8])
    piled = [
        *range(0x300, 0x34F),
        *range(0x350, 0x370),
        *range(0x1AB0, 0x1AC0),
        *range(0x1DC0, 0x1E00),
        *range(0x20D0, 0x20E5),
        0x489,
    ]
    return each(dice, word, 0.6, lambda c: c + "".join(chr(dice.choice(piled)) for _ in range(dice.randint(1, tall))))


def hidden(dice: random.Random, word: str) -> str:
    return each(dice, word[:-1], 0.6, lambda c: c + dice.choice(SHY) * dice.choice([1, 1, 3])) + word[-1]


def widths(dice: random.Random, word: str) -> str:
    return each(dice, word, 0.7, lambda c: chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c)


def fonts(dice: random.Random, word: str) -> str:
    font, capital = FONTS[dice.choice(sorted(FONTS))], dice.random() < 0.3

    def change(char: str) -> str:
        if not "a" <= char <= "z":
            return char
        made = chr(font + (0 if capital else 26) + ord(char) - 97)
        return made if unicodedata.category(made) != "Cn" else char

    return each(dice, word, 0.9, change)


def enclosed(dice: random.Random, word: str) -> str:
    base = dice.choice([0x24D0, 0x249C, *CAPITALS_ALONE.values()])
    return each(dice, word, 0.9, lambda c: chr(base + ord(c) - 97) if "a" <= c <= "z" else c)


def shapes(dice: random.Random, word: str) -> str:
    letters = dice.choice([SMALL_CAPITALS, RAISED, TURNED])
    keep = "qulnp" if letters is TURNED else ""  # what turns into another letter is no disguise of this one
    return each(
        dice, word, 0.8, lambda c: letters[ord(c) - 97] if "a" <= c <= "z" and c not in keep + "dbn" * bool(keep) else c
    )


def mixed_case(dice: random.Random, word: str) -> str:
    return each(dice, word, 0.5, str.upper)


def repeats(dice: random.Random, word: str) -> str:
    return each(dice, word, 0.3, lambda c: c * dice.randint(3, 6))


def romaji_width(dice: random.Random, word: str) -> str:
    """Half-width katakana, hiragana for katakana and the other way round."""
    way = dice.choice([1, 2])
    if way == 1:
        half = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0xFF66, 0xFF9E)}
        return "".join(half.get(char, char) for char in word)
    return "".join(
        chr(ord(c) + 0x60) if 0x3041 <= ord(c) <= 0x3096 else chr(ord(c) - 0x60) if 0x30A1 <= ord(c) <= 0x30F6 else c
        for c in word
    )


KINDS: dict[str, Callable[[random.Random, str], str]] = {
    "homoglyphs": homoglyphs, "accents": accents, "leet": leet, "spaces": spaces, "signs": signs, "one sign": one_sign,
    "marks": marks, "hidden": hidden, "widths": widths, "fonts": fonts, "enclosed": enclosed, "shapes": shapes,
    "mixed case": mixed_case, "repeats": repeats,
}  # fmt: skip
CJK_KINDS: dict[str, Callable[[random.Random, str], str]] = {
    "spaces": spaces, "signs": signs, "marks": marks, "hidden": hidden, "kana": romaji_width,
}  # fmt: skip
FIRST = ("homoglyphs", "accents", "leet", "widths", "fonts", "enclosed", "shapes", "mixed case", "repeats")
"""What changes letters goes before what stands between them."""
SENTENCES = (
    "{}",
    "a picture of {}, please",
    "draw {} in the style of an old master",
    "{} at night",
    "the {}!",
    "my {}'s hat",
    "({})",
)
CJK_SENTENCES = ("{}", "画{}的图", "我要{}图片", "夜の{}を描いて", "a picture of {}")


def evasion(dice: random.Random, words: list[str]) -> tuple[str, str, str]:
    """Return the kind or kinds, the word, and a sentence with its disguise."""
    word = dice.choice(words)
    kinds = KINDS if is_spaced(word) else CJK_KINDS
    if word.isdigit():
        kinds = {kind: kinds[kind] for kind in NUMBER_KINDS}
    chosen = sorted(dice.sample(sorted(kinds), dice.choice([1, 1, 2])), key=lambda kind: kind not in FIRST)
    made = unicodedata.normalize("NFC", word)
    for kind in chosen:
        made = simple_leet(dice, made) if kind == "leet" and len(chosen) > 1 else kinds[kind](dice, made)
    return " + ".join(chosen), word, dice.choice(SENTENCES if is_spaced(word) else CJK_SENTENCES).format(made)
