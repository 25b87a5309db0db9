"""A refinement keeps what it does not mention: what a PromptSpec lost of the one before it is put back."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from bot.domain.promises import keep_all, lost, negative, repair
from bot.domain.prompt import MAX_PROMPT_CHARS, PromptSpec
from bot.domain.stated import Said, Stated, read_stated
from bot.domain.words.colors import colors
from bot.domain.words.place import without
from bot.domain.words.scan import Kind
from bot.domain.words.stems import Text
from bot.domain.words.things import OTHER, PLACE, STYLE, TIME

_EXCLUSIVE = {PLACE, TIME, STYLE}
"""A picture has one of each, so a new one takes the old one's part."""


def keep_base(edit: Stated, base: PromptSpec, spec: PromptSpec) -> PromptSpec:
    """Return the edited spec with what the edit states, and with all of the base that it does not touch."""
    edit = _about(edit, base)
    kept = _base_said(base)
    spec = repair(edit, _swapped(edit, kept, spec), lost(edit, spec.prompt))
    for said in (*edit.gone, *edit.negated):
        spec = structs.replace(spec, prompt=without(spec.prompt, said.spellings) or spec.prompt)
    new = [word for word in spec.keywords if word not in base.keywords]
    missing = lost(_of(kept, edit), spec.prompt)
    back = tuple(said for said in missing if not _gave_way(said, edit, new))
    spec = repair(_of(kept, edit), spec, back) if back else spec
    return structs.replace(
        spec,
        keywords=_keywords(edit, base, spec, missing, back),
        negative=negative(", ".join(part for part in (base.negative, spec.negative) if part), edit),
    )


def append_edit(edit: Stated, base: PromptSpec) -> PromptSpec:
    """Return the base with an edit's words put behind it, for when no language model understood them."""
    spec = structs.replace(base, understood="")
    return keep_all(edit, keep_base(edit, base, spec))


def _about(edit: Stated, base: PromptSpec) -> Stated:
    """Give a count or colour without a noun the picture's subject: "two of them", "make it red"."""
    subjects = [said for said in _base_said(base) if said.kind is Kind.THING and said.group == OTHER]
    if not subjects:
        return edit
    said = tuple(
        replace(one, head=subjects[0].spellings) if one.kind in (Kind.COLOR, Kind.NUMBER) and not one.head else one
        for one in edit.said
    )
    return replace(edit, said=said)


def _base_said(base: PromptSpec) -> tuple[Said, ...]:
    """Return what the base's keywords state; a colour belongs to the noun that it stands by in the prompt."""
    found: list[Said] = []
    for keyword in base.keywords:
        for said in read_stated(keyword).said:
            alone = said.kind is Kind.COLOR and not said.head
            found.append(replace(said, head=_noun_of(said, base)) if alone else said)
    return tuple(dict.fromkeys(found))


def _noun_of(color: Said, base: PromptSpec) -> tuple[str, ...]:
    for keyword in base.keywords:
        if keyword.lower() not in colors("en") and (said := read_stated(keyword).said):
            probe = replace(color, head=said[-1].spellings)
            if not lost(_of((probe,), None), base.prompt):
                return said[-1].spellings
    return ()


def _of(said: tuple[Said, ...], edit: Stated | None) -> Stated:
    """Return what the base states, as far as the edit does not speak against it."""
    taken = (*edit.gone, *edit.negated) if edit else ()
    kept = tuple(one for one in said if not any(_same(one, other) for other in taken))
    words, placed = "", []
    for one in kept:
        start = len(words)
        words += f"{one.text} "
        placed.append(replace(one, start=start, end=start + len(one.text)))
    return Stated(words, "en", tuple(placed))


def _same(one: Said, other: Said) -> bool:
    return bool(set(one.spellings) & set(other.spellings)) or bool(one.head and set(one.head) & set(other.spellings))


def _gave_way(said: Said, edit: Stated, new: list[str]) -> bool:
    """Whether the edit replaces a thing of the base."""
    if said.head and any(one.kind is said.kind and set(one.head) & set(said.head) for one in edit.said):
        return True
    fresh = [one for word in new for one in read_stated(word).said]
    if said.group in _EXCLUSIVE:
        return any(one.group == said.group for one in (*edit.said, *fresh))
    mentioned = any(_same(said, one) for one in edit.said)
    unread = not (edit.said or edit.gone or edit.negated)
    things = [one for one in fresh if one.kind is said.kind and one.group == OTHER]
    return not mentioned and bool(things) and ((edit.replaces and not edit.gone) or unread)


def _swapped(edit: Stated, kept: tuple[Said, ...], spec: PromptSpec) -> PromptSpec:
    """Write a new place, time or style over the old one where the model left that as it was."""
    prompt = spec.prompt
    for said in lost(edit, prompt):
        old = next((one for one in kept if one.group == said.group and said.group in _EXCLUSIVE), None)
        if old and not any(_same(old, one) for one in edit.said):
            for spelling in old.spellings:
                for start, end in reversed(Text(prompt).find(spelling)):
                    prompt = prompt[:start] + said.english + prompt[end:]
    return structs.replace(spec, prompt=prompt[:MAX_PROMPT_CHARS])


def _keywords(
    edit: Stated, base: PromptSpec, spec: PromptSpec, missing: tuple[Said, ...], back: tuple[Said, ...]
) -> list[str]:
    """Return the base's keywords that still hold, in their order, then the new ones."""
    text = Text(spec.prompt)
    away = [said for said in (*edit.gone, *edit.negated) if said.spellings]
    away += [said for said in missing if said not in back]
    words = [word for word in (*base.keywords, *spec.keywords) if text.find(word)]
    words = [word for word in words if not any(Text(word).holds(said.spellings) for said in away)]
    return list(dict.fromkeys(words))
