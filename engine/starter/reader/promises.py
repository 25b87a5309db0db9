"""What someone stated survives: what a PromptSpec lost of it is found, and put back.

Nothing here can fail: whatever the language model wrote, a spec comes out whose prompt holds what was stated.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from engine.starter.reader.spec import MAX_KEYWORD_CHARS, MAX_KEYWORDS, MAX_PROMPT_CHARS, PromptSpec
from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.strays import without_strays
from engine.starter.reader.words.negations import LEFT_OVER, TAIL
from engine.starter.reader.words.place import (
    bleached,
    color_in_place,
    count_in_place,
    stands_by,
    uncolored_in_place,
    without,
)
from engine.starter.reader.words.stems import Text, plural
from engine.starter.reader.words.things import QUALITY
from engine.starter.reader.words.word import Kind

TOO_MANY = 8
"""Where more than these are lost, and twice as many as are kept, the words themselves are the better prompt."""


def lost(stated: Stated, prompt: str) -> tuple[Said, ...]:
    """Return what the prompt does not hold of what was stated."""
    if stated.language != "en" and stated.said and affirmed(stated) in prompt:
        return ()
    text = Text(prompt)
    return tuple(said for said in stated.said if not _kept(said, text))


def _kept(said: Said, text: Text) -> bool:
    if said.kind is Kind.QUOTE:
        return " ".join(said.english.split()).casefold() in text.text.casefold()
    if said.head:
        return stands_by(text, said.spellings, said.head)
    return text.holds(said.spellings)


def keep(stated: Stated, spec: PromptSpec, *, small: bool = False) -> PromptSpec:
    """Return the spec with everything stated in it; the words themselves where the model kept too little of them.

    `small` is for a model of a small world: what nobody stated goes, and the words are translated as far as possible.
    """
    if small:
        spec = _with_own_colors(stated, without_strays(stated, spec))
    gone = lost(stated, spec.prompt)
    kept = len(stated.said) - len(gone)
    hopeless = stated.language == "en" and len(gone) > max(TOO_MANY, 2 * kept)
    if gone and (kept == 0 or hopeless):
        return as_stated(stated, translated=small)
    return repair(stated, spec, gone)


def _with_own_colors(stated: Stated, spec: PromptSpec) -> PromptSpec:
    """Return the spec without a colour on one stated thing that was stated of another: a red sofa makes no red cat."""
    prompt, colored = spec.prompt, [one for one in stated.said if one.kind is Kind.COLOR and one.head]
    for thing in (one for one in stated.said if one.kind is Kind.THING):
        own = {one.english for one in colored if set(one.head) & set(thing.spellings)}
        for color in {one.english for one in colored} - own:
            prompt = uncolored_in_place(prompt, color, thing.spellings)
    return PromptSpec(spec.understood, spec.keywords, prompt, spec.negative)


def repair(stated: Stated, spec: PromptSpec, gone: tuple[Said, ...], beside: Iterable[Said] = ()) -> PromptSpec:
    """Return the spec with what is gone put back, and without what must not be there.

    What is stated `beside` keeps its colours.
    """
    prompt, left = spec.prompt, []
    for said in stated.negated:
        alone = said.kind is Kind.COLOR
        prompt = (bleached(prompt, said.spellings) if alone else without(prompt, said.spellings)) or prompt
    if prompt != spec.prompt:
        gone = (*gone, *(said for said in lost(stated, prompt) if said not in gone))
    for said in gone:
        changed = None
        if said.kind is Kind.NUMBER and said.head and said.in_place:
            changed = count_in_place(prompt, said.english, said.head)
        elif said.kind is Kind.COLOR and said.head and said.in_place:
            others = [one.english for one in (*stated.said, *beside) if one is not said and _same_noun(one, said)]
            changed = color_in_place(prompt, said.english, said.head, others)
        prompt = changed or prompt
        left += [] if changed else [said]
    spans = phrases(stated, left)
    prompt = _limited(", ".join((prompt, *spans)), MAX_PROMPT_CHARS)
    keywords = _keywords(spec, prompt, [*_named(stated, gone, left), *spans])
    return PromptSpec(spec.understood, keywords, prompt, negative(spec.negative, stated))


def _same_noun(one: Said, other: Said) -> bool:
    return one.kind is other.kind and bool(set(one.head) & set(other.head))


def as_stated(stated: Stated, *, translated: bool = False) -> PromptSpec:
    """Return a spec made of the words alone: without what must not be there, and in English as far as is known.

    `translated` leaves the words themselves out where another language's are all known.
    """
    words = affirmed(stated)
    everything = phrases(stated, stated.said)
    if stated.language == "en":
        prompt = words
    elif translated and everything:
        prompt = ", ".join(everything)
    else:
        prompt = ", ".join(dict.fromkeys((words, *everything) if words else everything))
    prompt = _limited(prompt or stated.words, MAX_PROMPT_CHARS)
    found = PromptSpec("", [], prompt, negative("", stated))
    return PromptSpec("", _keywords(found, prompt, everything), prompt, found.negative)


def negative(before: str, stated: Stated) -> str:
    """Return what to leave out: what the model named, but for what was asked for, and everything negated."""
    wanted = [said for said in stated.said if said.kind is Kind.THING]
    parts = [part.strip() for part in before.split(",") if part.strip()]
    parts = [part for part in parts if not any(Text(part).holds(said.spellings) for said in wanted)]
    parts = list(dict.fromkeys(parts))
    for said in stated.negated:
        if not any(Text(part).holds(said.spellings) for part in parts):
            parts.append(said.english)
    return _limited(", ".join(parts), MAX_PROMPT_CHARS)


def phrases(stated: Stated, some: Collection[Said]) -> list[str]:
    """Return what was stated as phrases to read: neighbours together, English ones with the words between them.

    Where another language's words are among them that nobody translated, the request stands behind them as it is: its
    pieces alone would say less.
    """
    runs: list[list[Said]] = []
    chosen = [said for said in some if not _untranslated(stated, said)]
    as_is = [affirmed(stated)] if len(chosen) < len(some) else []
    for said in chosen:
        before = runs[-1][-1] if runs else None
        if before and _together(stated, before, said) and not _lonely(before, chosen) and not _lonely(said, chosen):
            runs[-1].append(said)
        else:
            runs.append([said])
    found = [*(_phrase(stated, run) for run in runs), *as_is]
    return list(dict.fromkeys(phrase for phrase in found if phrase))


def _untranslated(stated: Stated, said: Said) -> bool:
    """Whether a word, or the noun of a count or colour, is another language's; a name is nobody's."""
    if stated.language == "en" or said.kind is Kind.QUOTE:
        return False
    if said.head:
        return any(one.foreign and one.spellings == said.head for one in stated.said)
    named = stated.language != "de" and said.text.isascii() and said.text.istitle() and not stated.words.isupper()
    return said.foreign and not named


def phrases_as_written(stated: Stated, some: Iterable[Said]) -> list[str]:
    """Return what was stated in the requester's own words."""
    return list(dict.fromkeys(said.text for said in some))


def _belong(one: Said, other: Said) -> bool:
    """Whether one is the other's count or colour, or both are of one noun."""
    return one.spellings == other.head or one.head == other.spellings or bool(one.head and one.head == other.head)


def _lonely(said: Said, chosen: list[Said]) -> bool:
    """Whether a count or colour lacks its noun among these: then it is told with it, by itself."""
    return bool(said.head) and not any(set(said.head) & set(one.spellings) for one in chosen)


def _together(stated: Stated, one: Said, other: Said) -> bool:
    """Whether nothing that is kept, negated or ends a clause stands between two stated things."""
    between = stated.words[one.end : other.start]
    neighbours = stated.said.index(other) - stated.said.index(one) == 1
    cut = any(one.end <= start < other.start for start, _ in stated.cuts)
    short = len(between.split()) <= 3 if stated.language == "en" else _belong(one, other)
    return neighbours and not cut and short and not re.search(r"[,.;:!?。，、；：！？()\[\]{}|\n\"]", between)


def _phrase(stated: Stated, run: list[Said]) -> str:
    first, last = run[0], run[-1]
    if len(run) == 1 and first.head:
        noun = plural(first.head[0]) if first.kind is Kind.NUMBER else first.head[0]
        return f"{first.english} {noun}"
    if last.kind is Kind.THING and (last.group == QUALITY or len(last.spellings) == 1):
        # of a dark forest the forest may have been kept elsewhere
        last = next((one for one in stated.said if one.start == last.end + 1 and one.kind is Kind.THING), last)
    sliced = stated.words[first.start : last.end]
    if stated.language == "en" and sliced.isascii():
        return sliced
    order = {Kind.NUMBER: 0, Kind.COLOR: 1}
    pieces = sorted(run, key=lambda said: order.get(said.kind, 2)) if len(run) <= 3 else run
    counted = {said.head[0] for said in run if said.kind is Kind.NUMBER and said.head}
    return " ".join(plural(said.english) if said.english in counted else _shown(said) for said in pieces)


def _shown(said: Said) -> str:
    return said.text if said.kind is Kind.QUOTE or said.foreign else said.english


def _named(stated: Stated, gone: Iterable[Said], left: list[Said]) -> list[str]:
    """Return keywords for counts and colours that were written into the prompt: "two cats"."""
    found = []
    for said in gone:
        if said not in left and said.head:
            noun = plural(said.head[0]) if said.kind is Kind.NUMBER else said.head[0]
            found.append(f"{said.english} {noun}")
    return found


def _keywords(spec: PromptSpec, prompt: str, more: list[str]) -> list[str]:
    """Return the model's keywords as far as the prompt has them, and those put back."""
    text = Text(prompt)
    kept = [word for word in spec.keywords if text.holds_all(word)]
    return distinct([*kept, *more])


def distinct(keywords: Iterable[str]) -> list[str]:
    """Return the keywords without those that a longer one says again: "cat" beside "two cats"."""
    words = [word[:MAX_KEYWORD_CHARS] for word in dict.fromkeys(keywords)]
    longer = {word: [Text(other) for other in words if len(other) > len(word)] for word in words}
    return [word for word in words if not any(text.holds_all(word) for text in longer[word])][:MAX_KEYWORDS]


def affirmed(stated: Stated) -> str:
    """Return the words without the parts that say what must not be there, and with emoji by name."""
    words = stated.words
    swaps = [(start, end, "\0") for start, end in stated.cuts]
    swaps += [(one.start, one.end, f" {one.text} ") for one in stated.said if words[one.start : one.end] != one.text]
    for start, end, new in sorted(swaps, reverse=True):
        words = words[:start] + new + words[end:]
    parts = [TAIL.sub("", part) for part in words.split("\0")]
    parts = [*parts[:1], *(LEFT_OVER.sub("", part) for part in parts[1:])]
    joined = " ".join(part.strip() for part in parts if part.strip(" ,.;，。、"))
    return re.sub(r"\s+([,.;!?])", r"\1", " ".join(joined.split())).strip(" ,;，、")


def _limited(prompt: str, limit: int) -> str:
    """Cut at a comma or blank where a prompt has grown too long."""
    if len(prompt) <= limit:
        return prompt
    return re.sub(r"[\s,]+\S*$", "", prompt[: limit + 1])[:limit]
