"""What a refinement changed, in a few words: "+ boat − sunset"."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.prompt import PromptSpec
from bot.domain.words.fillers import FILLERS
from bot.domain.words.stems import LATIN_WORD, Text

MAX_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Changes:
    """What came and what went; what is left out from now on went, and "no clouds" is not said twice."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def changes(base: PromptSpec, spec: PromptSpec) -> Changes:
    """Compare two specs by their keywords and negatives, or by their prompts' words where they have no keywords."""
    before, after = _named(base), _named(spec)
    if not (base.keywords and spec.keywords):
        before, after = _words(base.prompt), _words(spec.prompt)
    added = [word for word in after if not _among(word, before)]
    removed = [word for word in before if not _among(word, after)]
    banned = [part for part in _parts(spec.negative) if not _among(part, _parts(base.negative))]
    allowed = [part for part in _parts(base.negative) if not _among(part, _parts(spec.negative))]
    added += [part for part in allowed if not _among(part, added)]
    removed += [part for part in banned if not _among(part, removed)]
    return Changes(tuple(added[:MAX_SHOWN]), tuple(removed[:MAX_SHOWN]))


def _named(spec: PromptSpec) -> list[str]:
    return list(dict.fromkeys(spec.keywords))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _words(prompt: str) -> list[str]:
    return [word for word in dict.fromkeys(LATIN_WORD.findall(prompt.lower())) if word not in FILLERS["en"]]


def _among(word: str, others: list[str]) -> bool:
    """Whether a word is one of the others in some form; "two cats" is not "cats"."""
    return any(Text(other).find(word) and Text(word).find(other) for other in others) or word in others
