"""Orders from an earlier picture: Refine, Again, Vary, Upscale.

Invariant: what the request does not mention stays as in the parent. What the model cannot do is refused here, before
anything is reserved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from msgspec import structs

from bot.domain.jobs import Job, Kind, Order
from bot.domain.prompt import MAX_PROMPT_CHARS, PromptSpec, as_written
from bot.domain.styles import Styles
from bot.services.draw import Facts
from bot.understanding.conversation import Version
from engine.api.messages import MAX_SEED, parse_size

SUBTLE, STRONG = "subtle", "strong"
STRENGTHS = {SUBTLE: 0.35, STRONG: 0.85}
"""Shares of the noise schedule: by eye, the first keeps what is where, the second the scene and its colours."""
UPSCALE_STRENGTH, PAINTED_SCALE = 0.3, 2
"""Without an upscaler: how far a picture is painted over, and how many times larger."""
REFINE_STRENGTH = 0.75
"""High enough for night to fall, low enough to know the picture again."""


BY_HAND = "Change the picture so that it shows: {prompt}"
"""For a painter that edits, where someone edited the description itself."""
VARIATIONS = {
    SUBTLE: "Paint this picture once more with small differences; keep what it shows, its place, light and style.",
    STRONG: "Paint another picture of the same subject in another composition; keep its style.",
}
"""What a painter that edits, and knows no strength, is told for Vary."""


class Unchanged(Exception):
    """A form came back as it was opened, so there is nothing to draw."""


class NotFinished(Exception):
    """The picture is not there yet, or never came."""


class CannotStartFrom(Exception):
    """The loaded model starts from no picture."""


class CannotEnlarge(Exception):
    """There is no upscaler, and the model cannot paint over a picture lightly, so a larger one would be another."""


class TooLarge(Exception):
    """The enlarged picture would have more pixels a side than are possible here, which is `largest`.

    Where it is `painted`, for want of an upscaler, one would allow more.
    """

    def __init__(self, largest: int, *, painted: bool = False) -> None:
        super().__init__(f"at most {largest} pixels a side")
        self.largest, self.painted = largest, painted


class WordsGone(Exception):
    """The words of the picture were deleted: they were too old, or someone's who had their data erased."""


def check_words_kept(job: Job) -> None:
    """Raises WordsGone."""
    if job.purged_at is not None:
        raise WordsGone


def check_finished(job: Job) -> None:
    """Raises NotFinished, or WordsGone."""
    if not job.finished:
        raise NotFinished
    check_words_kept(job)


def check_can_start(facts: Facts) -> None:
    """Raises CannotStartFrom."""
    if "start" in facts.lacks:
        raise CannotStartFrom


def refine(parent: Job, words: str, prompt: str | None = None, *, index: int | None = None) -> Order:
    """Change the parent by words, by its prompt as someone edited it, or by both; of a set, the picture at `index`.

    An edited prompt without words is painted as it is.
    Raises NotFinished; Unchanged where nothing is to change.
    """
    check_finished(parent)
    base = parent.spec or as_written(parent.order.words)
    if prompt is not None and prompt.strip() != base.prompt:
        base = _by_hand(structs.replace(base, prompt=prompt.strip()))
    order = parent.order.started_anew(
        words=words,
        seed=parent.seed,
        kind=Kind.REFINE,
        exact=False,
        size="",
        of_picture=None,
        upscale=0,
    )
    if index is not None and parent.order.count > 1:
        order = replace(order, count=1, seed=(parent.seed + index) % (MAX_SEED + 1), of_picture=index + 1)
    if words:
        return replace(order, base=base, spec=None)
    if base is parent.spec or prompt is None:
        raise Unchanged
    base = structs.replace(base, instruction=BY_HAND.format(prompt=base.prompt)[:MAX_PROMPT_CHARS])
    return replace(order, words=base.prompt, base=None, spec=base)


def with_references(order: Order, count: int, author: int) -> Order:
    """The order with so many more pictures to look at, which this author attached."""
    if not count:
        return order
    return replace(order, references=count, photos_of=tuple(dict.fromkeys((*order.photos_of, author))))


def as_read(order: Order, spec: PromptSpec | None, styles: Styles) -> Order:
    """Return the order as its words were understood; a style that came with them takes the place of the parent's."""
    if spec is None or order.base is None:
        return replace(order, spec=spec)
    new = [word for word in spec.keywords if word not in order.base.keywords]
    named = styles.named_by(new) if order.style else None
    return replace(order, spec=spec, style=named.key if named else order.style)


def versions_of(ancestors: Iterable[Job]) -> list[Version]:
    """Return what the language model is shown of a picture's ancestors, given nearest first: newest last."""
    return [Version(job.order.words, job.spec) for job in line_of(ancestors) if job.spec and job.purged_at is None][
        ::-1
    ]


def line_of(jobs: Iterable[Job]) -> list[Job]:
    """Return the versions of a picture, given nearest first; a set gives way to the picture that was picked of it."""
    line: list[Job] = []
    for job in jobs:
        if not (line and line[-1].order.kind is Kind.PICK and line[-1].parent_id == job.id):
            line.append(job)
    return line


def starts_from_parent(parent: Job, facts: Facts) -> bool:
    """Whether a refinement also starts from the parent's picture.

    A picture that itself came of one would else lose what it has from there. A model without a seed would paint
    something else altogether, and one that edits pictures without a strength is made for it. Else the seed keeps the
    composition, and the words count in full: see bench/RESULTS.md.
    """
    if "start" in facts.lacks:
        return False
    if facts.edits_by_instruction:
        return True
    return parent.order.from_picture or "seed" in facts.lacks or "strength" in facts.lacks


def again(parent: Job) -> Order:
    """The same with a new seed."""
    check_finished(parent)
    return replace(as_painted(parent.order), seed=None, base=None, kind=Kind.AGAIN)


def repeats_edit(parent: Job, facts: Facts) -> bool:
    """Whether Vary makes the parent's edit once more, from what the parent started from."""
    return parent.order.masked or (parent.spec is not None and facts.edits(parent.order))


def vary(parent: Job, how: str, facts: Facts, index: int = 0) -> Order:
    """A picture like the parent's, by a new seed that starts from it; of an edited picture, the edit once more."""
    check_finished(parent)
    check_can_start(facts)
    of_picture = index + 1 if parent.order.count > 1 else None
    order = as_painted(parent.order)
    order = replace(order, seed=None, base=None, kind=Kind.VARY, count=1, of_picture=of_picture)
    if repeats_edit(parent, facts):
        return order
    if facts.edits_by_instruction and "strength" in facts.lacks:
        spec = parent.spec or as_written(parent.order.words)
        spec = structs.replace(spec, instruction=VARIATIONS[how])
        return order.started_anew(spec=spec, from_picture=True)
    return order.started_anew(from_picture=True, strength=STRENGTHS[how])


def scales(parent: Job, facts: Facts) -> tuple[int, ...]:
    """Return how many times larger the engine's upscaler can make a picture; none where it has no upscaler.

    Raises NotFinished, WordsGone, and TooLarge where each would be larger than it may be.
    """
    check_finished(parent)
    if facts.upscaler is None:
        return ()
    size = sides(parent)
    largest = facts.upscaler.largest
    possible = tuple(scale for scale in facts.upscaler.scales if not size or scale * max(size) <= largest)
    if not possible:
        raise TooLarge(largest)
    return possible


def upscale(parent: Job, index: int, facts: Facts, scale: int = 2) -> Order:
    """The same picture `scale` times as large: by the engine's upscaler; else at twice the size, painted over lightly.

    Raises NotFinished, WordsGone, CannotEnlarge, TooLarge.
    """
    possible, size = scales(parent, facts), sides(parent)
    order = parent.order.started_anew(
        seed=(parent.seed + index) % (MAX_SEED + 1),
        base=None,
        kind=Kind.UPSCALE,
        count=1,
        from_picture=True,
        of_picture=index + 1 if parent.order.count > 1 else None,
        upscale=scale,
        size=f"{scale * size[0]}x{scale * size[1]}" if size else "",
    )
    if possible:
        if scale not in possible:
            raise TooLarge(facts.upscaler.largest if facts.upscaler else 0)
        return order
    if {"start", "strength"} & set(facts.lacks) or scale != PAINTED_SCALE or not size:
        raise CannotEnlarge
    if facts.largest and PAINTED_SCALE * max(size) > facts.largest:
        raise TooLarge(facts.largest, painted=True)
    return replace(order, upscale=0, strength=UPSCALE_STRENGTH)


def as_painted(order: Order) -> Order:
    """Return the order without what an upscaler made of the picture, for a picture that is painted."""
    return replace(order, upscale=0, size="") if order.upscale else order


def sides(parent: Job) -> tuple[int, ...]:
    """Return the picture's width and height; nothing where a service told another word for it, such as auto."""
    try:
        return parse_size(parent.painted.size) if parent.painted else ()
    except ValueError:
        return ()


def _by_hand(spec: PromptSpec) -> PromptSpec:
    """A spec whose prompt someone wrote: what was understood and the keywords no longer speak for it."""
    return (
        as_written(spec.prompt)
        if not spec.negative
        else structs.replace(as_written(spec.prompt), negative=spec.negative)
    )
