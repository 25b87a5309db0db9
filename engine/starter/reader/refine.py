"""A refinement keeps what it does not mention: what a PromptSpec lost of the one before it is put back."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from engine.starter.reader.exchange import another, exchanged
from engine.starter.reader.promises import distinct, keep_all, lost, negative, repair
from engine.starter.reader.spec import MAX_PROMPT_CHARS, PromptSpec
from engine.starter.reader.stated import Said, Stated, read_stated
from engine.starter.reader.strays import without_strays
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.place import bleached, without
from engine.starter.reader.words.stems import HAN_OR_KANA, Text
from engine.starter.reader.words.things import OTHER, PLACE, SEASON, STYLE, TIME, things
from engine.starter.reader.words.vocabulary import EVERYTHING, Vocabulary
from engine.starter.reader.words.word import Kind

_JOIN = ", "
_EXCLUSIVE = {PLACE, TIME, STYLE, SEASON}
"""A picture has one of each, so a new one takes the old one's part."""


def keep_base(edit: Stated, base: PromptSpec, spec: PromptSpec, vocabulary: Vocabulary = EVERYTHING) -> PromptSpec:
    """Return the edited spec with what the edit states, and with all of the base that it does not touch."""
    if vocabulary:
        spec = without_strays(edit, spec, base)
    kept = _base_said(base, vocabulary)
    edit = _about(edit, kept.said)
    spec = exchanged(edit, kept.said, spec)
    spec = _swapped(edit, kept.said, spec)
    spec = repair(edit, spec, lost(edit, spec.prompt))
    for said in (*edit.gone, *edit.negated):
        left = without(spec.prompt, said.spellings) or bleached(spec.prompt, said.spellings)
        spec = structs.replace(spec, prompt=left or spec.prompt)
    spec = another(edit, kept.said, base, spec)
    before = Text(_JOIN.join(base.keywords))
    new = [word for word in spec.keywords if not before.holds_all(word)]
    kept = _untouched(kept, edit)
    missing = lost(kept, spec.prompt)
    away = tuple(said for said in missing if _gave_way(said, edit, new, kept.said))
    back = tuple(said for said in missing if not any(said is one or _hangs_on(said, one) for one in away))
    spec = repair(kept, spec, back, edit.said) if back else spec
    return structs.replace(
        spec,
        keywords=_keywords(edit, base, kept, spec, missing, back),
        negative=negative(", ".join(part for part in (base.negative, spec.negative) if part), edit),
    )


def append_edit(edit: Stated, base: PromptSpec, vocabulary: Vocabulary = EVERYTHING) -> PromptSpec:
    """Return the base with an edit's words put behind it, for when no language model understood them."""
    spec = structs.replace(base, understood="")
    return keep_all(edit, keep_base(edit, base, spec, vocabulary))


def _about(edit: Stated, kept: tuple[Said, ...]) -> Stated:
    """Give a count or colour without a noun the picture's subject: "two of them", "make it red"."""
    subjects = [said for said in kept if said.kind is Kind.THING and said.group == OTHER]
    if not subjects:
        return edit
    said = tuple(
        replace(one, head=subjects[0].spellings) if one.kind in (Kind.COLOR, Kind.NUMBER) and not one.head else one
        for one in edit.said
    )
    return replace(edit, said=said)


def _base_said(base: PromptSpec, vocabulary: Vocabulary) -> Stated:
    """Return what the base's keywords state; a colour belongs to the noun that it stands by in the prompt."""
    found: list[Said] = []
    offset = 0
    for keyword in base.keywords:
        for said in _read(keyword, vocabulary):
            head = _noun_of(said, base) if said.kind is Kind.COLOR and not said.head else said.head
            found.append(replace(said, start=said.start + offset, end=said.end + offset, head=head))
        offset += len(keyword) + len(_JOIN)
    return Stated(_JOIN.join(base.keywords), "en", tuple(found))


def _read(keyword: str, vocabulary: Vocabulary) -> tuple[Said, ...]:
    """Read a keyword, which is English; one in another script is a name or a quote, to be kept as it is."""
    if HAN_OR_KANA.search(keyword):
        spelled = keyword.strip('「」『』“”"')
        return (Said(keyword, 0, len(keyword), Kind.THING, (spelled,), foreign=True),)
    return read_stated(keyword, vocabulary, tongue="en").said


def _noun_of(color: Said, base: PromptSpec) -> tuple[str, ...]:
    for keyword in base.keywords:
        if keyword.lower() not in colors("en") and (said := read_stated(keyword, tongue="en").said):
            probe = replace(color, head=said[-1].spellings)
            if not lost(Stated("", "en", (probe,)), base.prompt):
                return said[-1].spellings
    return ()


def _untouched(kept: Stated, edit: Stated) -> Stated:
    """Return what the base states, as far as the edit does not speak against it."""
    taken = (*edit.gone, *edit.negated)
    texts = not edit.adds and any(one.kind is Kind.QUOTE for one in edit.said)
    stays = [
        one
        for one in kept.said
        if not any(_same(one, other) or Text(one.english).holds(other.spellings) for other in taken)
        and not (texts and one.kind is Kind.QUOTE)
    ]
    return replace(kept, said=tuple(stays))


def _same(one: Said, other: Said) -> bool:
    return bool(set(one.spellings) & set(other.spellings)) or bool(one.head and set(one.head) & set(other.spellings))


def _gave_way(said: Said, edit: Stated, new: list[str], kept: tuple[Said, ...]) -> bool:
    """Whether the edit replaces a thing of the base."""
    if (
        said.head
        and not edit.adds
        and any(one.kind is said.kind and set(one.head) & set(said.head) for one in edit.said)
    ):
        return True
    fresh = [one for word in new for one in read_stated(word, tongue="en").said]
    if said.group in _EXCLUSIVE:
        return any(one.group == said.group for one in (*edit.said, *fresh))
    mentioned = any(_same(said, one) for one in edit.said)
    unread = not (edit.said or edit.gone or edit.negated)
    things = [one for one in fresh if one.kind is said.kind and one.group == OTHER]
    return not mentioned and bool(things) and (_takes(edit, kept) or unread)


def _takes(edit: Stated, kept: tuple[Said, ...]) -> bool:
    """Whether an edit puts a new thing in the place of one that it does not name."""
    things = [one for one in edit.said if one.group == OTHER and one.kind is Kind.THING]
    new = any(not any(_same(one, other) for other in kept) for one in things)
    return edit.replaces and not (edit.gone or edit.negated) and new


def _hangs_on(said: Said, other: Said) -> bool:
    """Whether a count or colour belongs to another thing."""
    return bool(set(said.head) & set(other.spellings))


def _swapped(edit: Stated, kept: tuple[Said, ...], spec: PromptSpec) -> PromptSpec:
    """Write a new place, time or style over the old one where the model left that as it was."""
    prompt, keywords = spec.prompt, list(spec.keywords)
    for said in lost(edit, prompt):
        if said.group not in _EXCLUSIVE and not (said.kind is Kind.THING and said.in_place and _takes(edit, kept)):
            continue
        rivals = [one for one in kept if one.group == said.group and one.kind is Kind.THING]
        old = [spelling for one in rivals[:1] for spelling in one.spellings]
        if said.group in (TIME, STYLE):  # a picture has them, whether they were asked for or not
            old += [word for word, thing in things("en").items() if thing.group == said.group]
        stays = [spelling for one in edit.said if one is not said for spelling in one.spellings]
        for spelling in old:
            for start, end in reversed(Text(prompt).find(spelling) if spelling not in stays else []):
                prompt = prompt[:start] + said.english + prompt[end:]
                keywords.append(said.english)
    return structs.replace(spec, prompt=prompt[:MAX_PROMPT_CHARS], keywords=keywords)


def _keywords(
    edit: Stated, base: PromptSpec, kept: Stated, spec: PromptSpec, missing: tuple[Said, ...], back: tuple[Said, ...]
) -> list[str]:
    """Return the base's keywords that still hold, in their order, then the new ones."""
    text = Text(spec.prompt)
    away = [said for said in (*edit.gone, *edit.negated) if said.spellings]
    away += [said for said in missing if said not in back]
    named = [said.english for said in kept.said if said.kind is Kind.THING and text.holds(said.spellings[:1])]
    words = [word for word in (*base.keywords, *spec.keywords, *named) if text.holds_all(word)]
    words = [word for word in words if not any(Text(word).holds(said.spellings) for said in away)]
    return distinct(words)
