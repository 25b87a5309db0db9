"""What a model of a small world is given: only what it can understand, since it takes the rest for something else."""

from __future__ import annotations

import re

from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.words.stems import HAN_OR_KANA, LATIN_WORD
from engine.starter.reader.words.vocabulary import Vocabulary
from engine.starter.reader.words.word import Kind

_CJK_RUN = re.compile(rf"(?:{HAN_OR_KANA.pattern})+")


def heard(stated: Stated, vocabulary: Vocabulary) -> str:
    """Return the words without what the model does not know: quotes, names, strange words; slips are put right."""
    if not vocabulary:
        return stated.words
    words = stated.words
    swaps: list[tuple[int, int, str]] = []
    for said in stated.said:
        written = words[said.start : said.end]
        strange = said.foreign and " " in said.text
        if said.kind is Kind.QUOTE or strange or _is_name(said, stated) or is_half_known(said, vocabulary):
            swaps.append((said.start, said.end, " "))
        elif written != said.text:  # an emoji
            swaps.append((said.start, said.end, f" {said.text} "))
    swaps += _strange_cuts(stated, vocabulary)
    for start, end, new in sorted(swaps, reverse=True):
        words = words[:start] + new + words[end:]
    words = LATIN_WORD.sub(lambda match: _known(match.group(), vocabulary), words)
    words = _CJK_RUN.sub(lambda match: _known_run(match.group(), vocabulary), words)
    return re.sub(r"\s+([,.;!?])", r"\1", " ".join(words.split())).strip(" ,;，")


def hears(stated: Stated, vocabulary: Vocabulary) -> bool:
    """Whether the model knows any of the things that were stated."""
    said = [*stated.said, *stated.negated, *stated.gone]
    return not vocabulary or not said or any(is_known(one.text, vocabulary) for one in said if not one.foreign)


def known_things(stated: Stated, vocabulary: Vocabulary) -> str:
    """Return the things that a model of a small world knows of what was stated, bare; empty for any other model."""
    if not vocabulary:
        return ""
    known = [one.text for one in stated.said if one.kind is Kind.THING and is_known(one.text, vocabulary)]
    return " ".join(known)


def _is_name(said: Said, stated: Stated) -> bool:
    """Whether a word with a capital within a sentence names someone; German gives every noun a capital."""
    inside = said.start > 0 and said.text[:1].isupper() and not stated.words.isupper()
    return inside and len(said.spellings) == 1 and said.kind is Kind.THING and stated.language != "de"


def is_half_known(said: Said, vocabulary: Vocabulary) -> bool:
    """Whether the model would take a Chinese or Japanese word for a part of it: a poster, 海报, for the sea, 海."""
    return HAN_OR_KANA.search(said.text) is not None and not is_known(said.text, vocabulary)


def _strange_cuts(stated: Stated, vocabulary: Vocabulary) -> list[tuple[int, int, str]]:
    """Return the parts that negate what the model does not know: "no people" would leave it a "no"."""
    strange = [one for one in (*stated.negated, *stated.gone) if not is_known(one.text, vocabulary)]
    return [
        (start, end, " ") for start, end in stated.cuts if any(start <= one.start and one.end <= end for one in strange)
    ]


def is_known(text: str, vocabulary: Vocabulary) -> bool:
    latin = LATIN_WORD.findall(text)
    runs = _CJK_RUN.findall(text)
    return all(vocabulary.knows(word) for word in latin) and not any(vocabulary.unknown_spans(run) for run in runs)


def _known(word: str, vocabulary: Vocabulary) -> str:
    if meant := vocabulary.corrected(word):
        return meant
    return word if vocabulary.knows(word) or not word[0].isalpha() else ""


def _known_run(run: str, vocabulary: Vocabulary) -> str:
    for start, end in reversed(vocabulary.unknown_spans(run)):
        run = run[:start] + " " + run[end:]
    return run
