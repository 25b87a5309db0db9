"""The way of a request between the words and the pictures, the same for Discord and for the command line.

Longer than 300 lines, so that the way is read in one file from top to bottom.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Literal

from msgspec import structs

from bot.domain.folding import fold
from bot.domain.invisible_characters import readable
from bot.domain.jobs import Order, Painted
from bot.domain.outgoing import scrub
from bot.domain.picture_policy import Rating, Screen
from bot.domain.progress import Finished, Remarks, Unknown
from bot.domain.prompt import PromptSpec, UnknownThing, as_written
from bot.domain.styles import Style, Styles
from bot.services.ports.engine import Engine
from bot.understanding.assemble import assemble
from bot.understanding.conversation import Painter, Request, Version
from bot.understanding.languages import Languages
from bot.understanding.patience import LINE
from bot.understanding.understand import LanguageModel, fallen_back, understand
from engine.api.errors import NOTHING_LEFT, BadRequest
from engine.api.messages import (
    CheckState,
    Completed,
    ImageRequest,
    Lack,
    Lora,
    LoraFacts,
    Model,
    ModelFacts,
    OutputFormat,
    PartialImage,
    Progress,
    Queued,
    StartImage,
    UpscalerFacts,
    parse_size,
)

FALLBACK_SIZES = {"square": "1024x1024", "portrait": "1024x1536", "landscape": "1536x1024"}
"""For engines that do not tell: the sizes of OpenAI's gpt-image models."""
TELL_S = 3.0
"""Seconds after which who waits for the language model is told how many come before them."""
WORDS_A_TOKEN = 2 / 3
"""Of a prompt, and room for a style behind it: 50 words for the 75 tokens of Stable Diffusion's encoders."""
UPSCALES: dict[int, Literal[2, 4]] = {2: 2, 4: 4}
PNG_PIXELS, WEBP_QUALITY = 2_048 * 2_048, 95
"""A PNG of so many pixels takes some 8 MB, about what Discord takes."""
PREVIEWS = 2
"""At a third and at two thirds."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What the words were taken for, and what to know of how the models take it; painting comes next."""

    spec: PromptSpec
    remarks: Remarks
    unknown: UnknownThing | None = None
    """The thing asked for, where the models do not know it and the order is not to be painted anyway."""


class TooManyPictures(Exception):
    """The loaded painter looks at fewer pictures at once, `most`, than an order brings."""

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} pictures")
        self.most = most


class CannotMask(Exception):
    """The loaded painter paints no part of a picture alone."""


DrawEvent = Understood | Queued | Progress | PartialImage | Finished


@dataclass(frozen=True, slots=True)
class Facts:
    """What the loaded models say of themselves; words leave the host for `sent_to`, and `lacks` is as in ModelFacts.

    `words` are all that a language model of a small world knows, and `languages` what it reads; empty for any other.
    `edits_by_instruction`, `references` and `editor` are as in ModelFacts.
    """

    model: str
    sizes: dict[str, str]
    knows: dict[str, list[str]]
    words: frozenset[str] = frozenset()
    languages: Languages = field(default=Languages())
    planner: str = ""
    largest: int | None = None
    guidance: float | None = None
    reads: int | None = None
    lacks: frozenset[Lack] = frozenset()
    edits_by_instruction: bool = False
    references: int = 0
    editor: str = ""
    loras: Mapping[str, LoraFacts] = field(default_factory=dict)
    """The LoRAs that the painter has, by their names in lower case; an `editor` beside it has none."""
    upscaler: UpscalerFacts | None = None
    """What enlarges pictures without painting them over."""
    sent_to: str = ""
    painted_elsewhere: bool = False
    check: CheckState | None = None

    def size(self, shape: str) -> str | None:
        """Return WIDTHxHEIGHT for a shape, or the nearest that the model has; None leaves it to the engine."""
        nearest = {"wide": "landscape", "tall": "portrait"}.get(shape, shape)
        return self.sizes.get(shape) or self.sizes.get(nearest)

    def edits(self, order: Order) -> bool:
        """Whether the painter changes the order's picture by an instruction, instead of painting a description.

        An `editor` beside it gets no masks.
        """
        unforced = (order.strength is None or "strength" in self.lacks) and not (order.masked and self.editor)
        return self.edits_by_instruction and order.from_picture and unforced and not order.upscale

    @property
    def masks(self) -> bool:
        """Whether the painter paints a part of a picture alone."""
        return not {"mask", "start"} & self.lacks

    def knows_style(self, style: Style) -> bool:
        """Whether the models can paint in a style: those of a small world list what they draw, any other knows all."""
        drawn = {fold(thing) for thing in self.knows.get("en", ())}
        return not self.words or not {fold(style.key), fold(style.name("en"))}.isdisjoint(drawn)

    def check_pictures(self, order: Order) -> None:
        """Raises TooManyPictures where the painter does not look at all the pictures that the order starts from,
        CannotMask where it takes no mask.
        """
        if order.masked and not self.masks:
            raise CannotMask
        most = max(1, self.references) if self.edits(order) and not order.masked else 1
        if order.from_picture + order.references > most:
            raise TooManyPictures(most)

    def loras_of(self, order: Order) -> tuple[list[Lora], tuple[str, ...]]:
        """Return the order's LoRAs as the engine names them, and the names of those that it is painted without."""
        chosen, missing = list[Lora](), list[str]()
        for lora in order.loras:
            name, _, weight = lora.rpartition(":")
            known = None if self.edits(order) and self.editor else self.loras.get(name.casefold())
            if known is None:
                missing.append(name)
            elif known.name not in [other.name for other in chosen]:
                chosen.append(Lora(known.name, float(weight)))
        return chosen, tuple(missing)

    def with_triggers(self, order: Order, prompt: str) -> str:
        """Return the prompt with its LoRAs' trigger words: those that the requester wrote and it has lost.

        Of a LoRA whose trigger words the requester wrote none of, it gets all, unless the order is `exact`.
        """
        words, lost = order.words.casefold(), list[str]()
        for lora in self.loras_of(order)[0]:
            triggers = self.loras[lora.name.casefold()].triggers
            written = [trigger for trigger in triggers if trigger.casefold() in words]
            wanted = written or ([] if order.exact or not lora.weight else triggers)
            lost += [trigger for trigger in wanted if trigger.casefold() not in prompt.casefold()]
        return ", ".join([prompt, *dict.fromkeys(lost)])

    def painted_loras(self, order: Order) -> list[str]:
        """Return the order's LoRAs for Details: each as NAME:WEIGHT, with the trigger words that it was given."""
        if self.edits(order) and self.editor:
            return []
        shown = []
        for written in order.loras:
            known = self.loras.get(written.rpartition(":")[0].casefold())
            triggers = [] if known is None or self.edits(order) else known.triggers
            given = [trigger for trigger in triggers if not order.exact or trigger.casefold() in order.words.casefold()]
            shown.append(f"{written} ({', '.join(given)})" if given else written)
        return shown

    @property
    def painter(self) -> Painter:
        """What the language model is told of the painter."""
        guided = self.guidance is None or self.guidance > 1  # without guidance a negative prompt does nothing
        words = None if self.reads is None else round(self.reads * WORDS_A_TOKEN)
        return Painter("negative" not in self.lacks and guided, words)

    def remarks(self, order: Order, spec: PromptSpec, styles: Styles) -> Remarks:
        """Say what of the order the models do not know, what they do not heed, and where its words go."""
        style = styles.get(order.style)
        words = list(spec.unknown)
        if style and not self.edits(order) and not self.knows_style(style):
            words.append(style.key)
        unknown = Unknown(tuple(words), self.knows) if words else None
        picture_sent = self.painted_elsewhere and order.from_picture
        _, no_loras = self.loras_of(order)
        return Remarks(
            style, unknown, self.lacks, self.sent_to, picture_sent, as_written=spec.fell_back, no_loras=no_loras
        )


def read_facts(models: list[Model]) -> Facts:
    """Read the engine's model list; an engine that is not Limner's tells names alone."""
    known = {model.limner.kind: model for model in models if model.limner}
    painter, planner = known.get("painter"), known.get("planner")
    painter_facts, planner_facts = painter and painter.limner, planner and planner.limner
    words = frozenset(word.casefold() for word in planner_facts.words) if planner_facts else frozenset()
    hosted = [model.owned_by for model in (planner, painter) if model and model.limner and model.limner.hosted]
    return Facts(
        model=painter.id if painter else "default",
        sizes=dict(painter_facts.sizes) if painter_facts else FALLBACK_SIZES,
        knows=dict(planner_facts.knows) if planner_facts else {},
        words=words,
        languages=_languages(planner_facts, words) if planner_facts else Languages(),
        planner=planner.id if planner else "",
        largest=painter_facts.largest if painter_facts else None,
        guidance=painter_facts.guidance if painter_facts else None,
        reads=painter_facts.reads if painter_facts else None,
        lacks=frozenset(painter_facts.lacks) if painter_facts else frozenset(),
        edits_by_instruction=bool(painter_facts and painter_facts.edits_by_instruction),
        references=painter_facts.references if painter_facts else 0,
        editor=painter_facts.editor if painter_facts else "",
        loras={lora.name.casefold(): lora for lora in painter_facts.loras} if painter_facts else {},
        upscaler=painter_facts.upscaler if painter_facts else None,
        sent_to=", ".join(dict.fromkeys(hosted)),
        painted_elsewhere=bool(painter_facts and painter_facts.hosted),
        check=painter_facts.check if painter_facts else None,
    )


def _languages(facts: ModelFacts, words: frozenset[str]) -> Languages:
    return Languages(facts.languages, {code: frozenset(some) for code, some in facts.common.items()}, words)


async def draw(
    engine: Engine,
    styles: Styles,
    order: Order,
    seed: int,
    *,
    versions: Sequence[Version] = (),
    key: str | None = None,
    user: str | None = None,
    starts: Sequence[bytes] = (),
    screen: Callable[[], Awaitable[Screen]] | None = None,
) -> AsyncGenerator[DrawEvent, None]:
    """Understand the words, paint, and yield what happens; the last event is Finished.

    Raises EngineError, and LanguageUnread where the words are still to be read and the language model does not read
    their language.

    `versions` are those before this one, newest last.

    With a key, work that was cut off goes on in the engine, and drawing again gives the same pictures. `user` is a name
    for whoever asks: the engine takes turns among these. `starts` are the files of pictures to start from. `screen`
    gives what the pictures have to pass as things stand: no preview is asked for that it would keep back, none goes on
    that it keeps back by then, and NotShown is raised where no picture could pass it; the finished ones are for the
    caller to judge. Without, all is for the host alone.
    """
    started = time.monotonic()
    facts = read_facts(await engine.models())
    at_first = await screen() if screen else None
    if at_first:
        at_first.check_before(facts.check)
    if order.is_read:
        facts.languages.check(order.words)
    if facts.sent_to:
        order = _outgoing(order)
    reading = asyncio.ensure_future(_read(engine, order, facts, versions, user))
    try:
        while not reading.done():
            done, _ = await asyncio.wait({reading}, timeout=TELL_S)
            if not done and (before := LINE[engine].before(reading)):
                yield Queued(before)
        spec, unknown = await reading
    finally:
        reading.cancel()
    if facts.edits(order) and spec.unknown:  # an editor reads the instruction itself
        spec = structs.replace(spec, unknown=())
    remarks = facts.remarks(order, spec, styles)
    is_asked = unknown and facts.words and not facts.edits(order) and not order.anyway
    yield Understood(spec, remarks, unknown if is_asked else None)
    previews = PREVIEWS if at_first is None or at_first.previews(facts.check) else 0
    request = _request(facts, styles, order, spec, seed, previews, user)
    begin = _start_image(order, starts) if starts else None
    pictures: list[Completed] = []
    async with aclosing(engine.images(request, key=key, start=begin)) as events:
        async for event in events:
            if isinstance(event, Completed):
                pictures.append(event)
            elif not isinstance(event, PartialImage) or (previews and await _may_preview(screen, facts)):
                yield event  # some services send previews unasked
    pictures.sort(key=lambda picture: picture.index)
    last = pictures[-1]
    painted = Painted(
        size=last.size or request.size or "",
        model=last.model or facts.model,
        seconds=time.monotonic() - started,
        steps=last.steps,
        unread=len(last.unread or ""),
    )
    rating = Rating(facts.check, tuple(picture.nsfw_score for picture in pictures))
    yield Finished(tuple(picture.b64_json for picture in pictures), painted, remarks, rating)


def _start_image(order: Order, starts: Sequence[bytes]) -> StartImage:
    if order.masked:
        return StartImage(starts[0], order.strength, mask=starts[-1])
    return StartImage(starts[0], order.strength, upscale=UPSCALES.get(order.upscale), references=tuple(starts[1:]))


async def _may_preview(screen: Callable[[], Awaitable[Screen]] | None, facts: Facts) -> bool:
    """Whether a preview may be shown by now: moderators may have forbidden it since the painting began."""
    return screen is None or (await screen()).previews(facts.check)


def _outgoing(order: Order) -> Order:
    """Return the order with its words as they may leave the host. Raises BadRequest where none are left.

    The client scrubs what it sends, too; but a number that understanding took apart would be recognised no more.
    """
    words = scrub(order.words)
    if not words and order.spec is None:
        raise BadRequest(NOTHING_LEFT)
    return replace(order, words=words, negative=scrub(order.negative))


async def understood(
    planner: LanguageModel, order: Order, facts: Facts, versions: Sequence[Version] = (), user: str | None = None
) -> PromptSpec:
    """Return what the order's words mean, where that is not known yet. Raises Unavailable."""
    return (await _read(planner, order, facts, versions, user))[0]


async def _read(
    planner: LanguageModel, order: Order, facts: Facts, versions: Sequence[Version], user: str | None
) -> tuple[PromptSpec, UnknownThing | None]:
    """Return also the thing asked for, where the language model says that it does not know it."""
    if order.spec is not None:
        return order.spec, None
    if order.exact:
        return as_written(order.words), None
    if order.base is None:
        versions = ()
    else:  # the base may have been edited by hand since
        before = versions[-1].words if versions else order.base.understood
        versions = (*versions[:-1], Version(before, order.base))
    edits = facts.edits(order) and not versions
    request = Request(
        readable(order.words) or order.words, versions, facts.painter, user, edits=edits, references=order.references
    )
    answer = await understand(planner, request)
    return answer.spec or fallen_back(request), answer.unknown


def _format(order: Order) -> tuple[OutputFormat, int | None]:
    """Return the file format and quality to ask for: a PNG, but for enlarged pictures that would be no file to send."""
    try:
        width, height = parse_size(order.size)
    except ValueError:
        return "png", None
    return ("webp", WEBP_QUALITY) if order.upscale and width * height > PNG_PIXELS else ("png", None)


def _request(
    facts: Facts, styles: Styles, order: Order, spec: PromptSpec, seed: int, previews: int, user: str | None
) -> ImageRequest:
    prompt, negative = assemble(styles, order, spec, edits=facts.edits(order))
    if not facts.edits(order):
        prompt = facts.with_triggers(order, prompt)
    kind, quality = _format(order)
    return ImageRequest(
        prompt=prompt,
        negative_prompt=negative or None,
        n=order.count,
        size=order.size or facts.size(order.shape),
        seed=seed,
        num_inference_steps=order.steps,
        guidance_scale=order.guidance,
        loras=facts.loras_of(order)[0],
        model=order.model or "default",
        user=user,
        output_format=kind,
        output_compression=quality,
        stream=True,
        partial_images=0 if order.upscale else previews,
        x_progress=True,
    )
