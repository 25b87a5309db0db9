"""Cuts an edit that asks for several changes into one step for each: "make the boat blue and add a tree".

Invariant: a step holds all words between two cuts, so together the steps say what the edit said.
"""

# ruff: noqa: E501 (lists of words)

from __future__ import annotations

import re
from typing import Final

from engine.starter.reader.stated import read_stated
from engine.starter.reader.words.vocabulary import Vocabulary
from engine.starter.reader.words.word import Kind

_ASIDE: Final = r"(?:\s*(?:and|then|also|please|pls|luego|también|dann|auch|noch|bitte|然后|再|并且?|同时|还要?)\b\s*)*"
_CUTS: Final = {
    "en": r"(?:[,;.&+]|(?<!\w)and(?!\w)|(?<!\w)then(?!\w))" + _ASIDE + r"\s*(?=(?:add|make|put|place|give|remove|delete|erase|take|get rid|change|turn|"
    r"replace|swap|paint|colou?r|draw|move|recolou?r|let|have|include|switch|convert|dye|set)\s)",
    "es": r"(?:[,;.]|(?<!\w)y(?!\w)|(?<!\w)e(?!\w))" + _ASIDE + r"\s*(?=(?:añad|agreg|pon|quit|haz|cambi|pint|dibuj|borr|elimin|reemplaz|conviert|muev|dale))",
    "de": r"(?:[,;.]|(?<!\w)und(?!\w))" + _ASIDE + r"\s*(?=(?:füg|mach|entfern|ersetz|färb|gib|setz|stell|zeichn|mal|änder|lösch|lass|nimm))",
    "zh": r"(?:[，,；;。]\s*(?:然后|再|并且?|同时|还要?)*|然后|并且)(?=加|把|将|去掉|删|换|改|让|变|添|画|来|不要)",
    "ja": r"(?<=して|えて|いて|って)[、,]\s*",
}  # fmt: skip
"""What parts two changes: a mark or an "and", with the verb of a change behind it."""
_COMPILED: Final = {tongue: re.compile(cut, re.IGNORECASE) for tongue, cut in _CUTS.items()}
_AND_THE: Final = re.compile(r"\s*(?:,|,? and)\s+(?=(?:the|his|her|its) )", re.IGNORECASE)
_COLORS: Final = re.compile(r"^\W*(?:(?:please|can you|could you) )*(make|paint|colou?r|turn|dye)\s", re.IGNORECASE)
_REMOVES: Final = re.compile(r"^\W*(?:(?:please|can you|could you) )*(remove|delete|erase|get rid of)\s", re.IGNORECASE)


def steps(edit: str, tongue: str, vocabulary: Vocabulary) -> list[str]:
    """Return the changes that an edit asks for, in order; the edit itself where it asks for one."""
    if '"' in edit or "“" in edit or "「" in edit:
        return [edit]
    parts = [part for whole in _COMPILED[tongue].split(edit) if (part := whole.strip(" ,;.，；。、"))]
    return [step for part in parts for step in _each(part, tongue, vocabulary)] or [edit]


def _each(part: str, tongue: str, vocabulary: Vocabulary) -> list[str]:
    """Repeat a verb that stands once for several: of "make the cat black and the house white" for the house too."""
    cut = _AND_THE.split(part)
    if tongue != "en" or len(cut) < 2:
        return [part]
    for verbs, wanted in ((_COLORS, {Kind.THING, Kind.COLOR}), (_REMOVES, {Kind.THING})):
        if (verb := verbs.match(part)) and all(wanted <= _kinds(one, vocabulary) for one in cut):
            return [cut[0], *(f"{verb[1]} {one}" for one in cut[1:])]
    return [part]


def _kinds(words: str, vocabulary: Vocabulary) -> set[Kind]:
    stated = read_stated(words, vocabulary, edit=True, tongue="en")
    return {one.kind for one in (*stated.said, *stated.gone)}
