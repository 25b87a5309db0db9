"""The plural forms that people may write of a noun, by the ending rules of its language; for reading, not for writing.

A form that no dictionary has does no harm: nobody types it. Languages without plural forms give none.
"""

from collections.abc import Callable
from typing import Final

from engine.starter.lexicon.english import plural as english

_VOWELS: Final = "aeiouáéíóúàèìòù"


def _spanish(word: str) -> tuple[str, ...]:
    if word.endswith("z"):
        return (word[:-1] + "ces",)
    if word.endswith("ón"):
        return (word[:-2] + "ones",)
    return (word + ("s" if word[-1] in _VOWELS else "es"),)


def _portuguese(word: str) -> tuple[str, ...]:
    if word.endswith("ão"):
        return word[:-2] + "ões", word[:-2] + "ães", word + "s"
    if word.endswith("m"):
        return (word[:-1] + "ns",)
    if word.endswith(("al", "el", "ol", "ul")):
        return (word[:-1] + "is",)
    return (word + ("s" if word[-1] in _VOWELS else "es"),)


def _french(word: str) -> tuple[str, ...]:
    if word.endswith(("s", "x", "z")):
        return (word,)
    if word.endswith("eau"):
        return (word + "x",)
    if word.endswith("al"):
        return word[:-2] + "aux", word + "s"
    return (word + "s",)


def _italian(word: str) -> tuple[str, ...]:
    if word[-1] in "oe":
        return (word[:-1] + "i",)
    if word.endswith("a"):
        return (word[:-1] + "e",)
    return (word,)


def _german(word: str) -> tuple[str, ...]:
    if word.endswith("e"):
        return (word + "n",)
    if word.endswith(("er", "el", "en", "chen")):
        return word, word + "n"
    umlaut = {"a": "ä", "o": "ö", "u": "ü"}
    last = max((index for index, letter in enumerate(word) if letter in umlaut), default=-1)
    turned = word[:last] + umlaut[word[last]] + word[last + 1 :] if last >= 0 else word
    return word + "e", word + "en", word + "s", turned + "e", turned + "er"


def _dutch(word: str) -> tuple[str, ...]:
    return word + "en", word + "s", word + word[-1] + "en", word + "'s"


def _swedish(word: str) -> tuple[str, ...]:
    if word.endswith("a"):
        return (word[:-1] + "or",)
    return word + "ar", word + "er", word + "or", word + "n", word


def _slavic(word: str) -> tuple[str, ...]:
    """Russian and Ukrainian: the plural, and the form after five or more, which people also use after "many"."""
    end, stem = word[-1], word[:-1]
    if end in "ая":
        return stem + "ы", stem + "и", stem
    if end in "йь":
        return stem + "и", stem + "ів", stem + "ев", stem + "ей"
    if end in "оеё":
        return stem + "а", stem + "я", stem
    return word + "ы", word + "и", word + "а", word + "ов", word + "ів"


def _polish(word: str) -> tuple[str, ...]:
    end, stem = word[-1], word[:-1]
    if end == "a":
        return stem + "y", stem + "i", stem
    if end in "oe":
        return stem + "a", stem
    return word + "y", word + "i", word + "e", word + "ów"


_RULES: Final[dict[str, Callable[[str], tuple[str, ...]]]] = {
    "en": lambda word: (english(word),), "es": _spanish, "pt": _portuguese, "fr": _french, "it": _italian,
    "de": _german, "nl": _dutch, "sv": _swedish, "ru": _slavic, "uk": _slavic, "pl": _polish,
}  # fmt: skip


def plurals(language: str, label: str) -> tuple[str, ...]:
    """The plural forms of a label: of its first word where the language puts the noun first, else of its last."""
    rule = _RULES.get(language)
    if rule is None or not label:
        return ()
    words = label.split()
    noun = 0 if language in ("es", "pt", "fr", "it") else len(words) - 1
    if language == "en":
        return (english(label),)
    forms = dict.fromkeys(" ".join((*words[:noun], form, *words[noun + 1 :])) for form in rule(words[noun]))
    return tuple(forms)
