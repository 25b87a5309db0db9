"""A request and the job that it becomes; a job moves forward only and reaches exactly one end."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

from msgspec import structs

from bot.domain.invisible_characters import readable, visible
from bot.domain.prompt import PromptSpec

MAX_WORDS_CHARS = 2_000
CHOICES = frozenset({"shape", "style", "size", "favourite"})
"""The `str` fields of an Order that hold one of a few values, or an id: nobody can write a blocked word there."""
SHAPES = ("square", "portrait", "landscape", "wide", "tall")


class JobState(Enum):
    """Where a job stands. The last three are ends; what is held waits for a moderator, with its pictures painted."""

    QUEUED = "queued"
    PAINTING = "painting"
    HELD = "held"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Kind(Enum):
    """What an order does to the picture that it came from; the first has none."""

    IMAGINE = "imagine"
    REFINE = "refine"
    AGAIN = "again"
    VARY = "vary"
    UPSCALE = "upscale"
    START = "start"
    PICK = "pick"
    REGION = "region"
    ZOOM = "zoom"


@dataclass(frozen=True, slots=True)
class Order:
    """What someone asked for. None and the empty text leave a choice to the model.

    `spec` is set where the words were understood before. With `base`, the words say how that spec is to change.
    `style` is a style's key. An empty `shape` is that of the picture to start from. `size` is WIDTHxHEIGHT in pixels;
    it goes before the shape. `from_picture` says that painting starts from a picture; `references` is how many more it
    looks at; of a `masked` one a part alone is painted, and the last of its pictures is the mask; `strength` is
    StartImage's. `cells` are the bits of the cells that the mask is of; `favourite` is the id of the job whose picture
    was given as one of the requester's favourites, the last of those that are started from or looked at.
    `ignored` is notation of other tools that was left out of the words. `loras` are those to paint with, as
    NAME:WEIGHT, as far as the engine has them. `photos_of` are the authors of the photos that painting starts from,
    also by way of a picture that was made of them. `of_picture` is the one of the parent's set that it was made from,
    counted from 1. With `upscale` nothing is painted: the engine's upscaler makes the picture so many times larger.
    One `anyway` is painted also where a language model says that it does not know the thing asked for.
    """

    words: str
    shape: str = "square"
    count: int = 1
    seed: int | None = None
    exact: bool = False
    spec: PromptSpec | None = None
    base: PromptSpec | None = None
    kind: Kind = Kind.IMAGINE
    style: str = ""
    negative: str = ""
    steps: int | None = None
    guidance: float | None = None
    model: str = ""
    size: str = ""
    from_picture: bool = False
    references: int = 0
    strength: float | None = None
    private: bool = False
    ignored: tuple[str, ...] = ()
    photos_of: tuple[int, ...] = ()
    of_picture: int | None = None
    loras: tuple[str, ...] = ()
    masked: bool = False
    upscale: int = 0
    cells: int = 0
    favourite: str = ""
    anyway: bool = False

    @property
    def starts(self) -> int:
        """How many pictures painting starts from, or looks at, and the mask."""
        return self.from_picture + self.references + self.masked

    @property
    def is_read(self) -> bool:
        """Whether the language model is still to read the words."""
        return self.spec is None and not self.exact

    def started_anew(self, **changes: Any) -> Order:
        """The order without the pictures that it starts from and looks at; `changes` say what takes their place."""
        alone: dict[str, Any] = {"from_picture": False, "references": 0, "masked": False, "strength": None}
        return replace(self, **{**alone, "cells": 0, "favourite": "", **changes})

    def texts(self) -> list[str]:
        """Return every text that people or the language model wrote: of all fields but CHOICES, and of the specs."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in CHOICES}
        return [*_texts(list(values.values())), *texts_of(self.spec), *texts_of(self.base)]


def texts_of(spec: PromptSpec | None) -> list[str]:
    """Return every text of a spec, whatever fields it has."""
    return [] if spec is None else _texts(list(structs.asdict(spec).values()))


def _texts(values: list[object]) -> list[str]:
    single = [value for value in values if isinstance(value, str)]
    listed = [text for value in values if isinstance(value, list | tuple) for text in value]
    return single + [text for text in listed if isinstance(text, str)]


@dataclass(frozen=True, slots=True)
class Place:
    """Who asks, and where: Discord's ids, and the locale for what all see.

    `roles` are those that the asker has when they ask, `thread_of` is the channel that a thread belongs to; both are
    known while the order is taken, and not kept.
    """

    user_id: int
    channel_id: int
    guild_id: int | None = None
    locale: str = "en-US"
    roles: tuple[int, ...] = ()
    thread_of: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An accepted order. `id` names it everywhere: in the database, in buttons, and as the engine's Idempotency-Key.

    `seed` is fixed when the job is made, so that painting again gives the same picture. Times are seconds since 1970.
    `token` is of the interaction that a private picture answers. From `purged_at` on the words are gone, or what was
    made of them.
    """

    id: str
    order: Order
    place: Place
    seed: int
    state: JobState
    created_at: float
    message_id: int | None = None
    parent_id: str | None = None
    painted: Painted | None = None
    ended_at: float | None = None
    token: str | None = None
    deleted_at: float | None = None
    purged_at: float | None = None

    @property
    def spec(self) -> PromptSpec | None:
        return self.order.spec

    @property
    def finished(self) -> bool:
        """Whether its pictures are delivered, or on their way to the message, where people may see them already."""
        return self.state is JobState.DONE or (self.painted is not None and not self.state.ended)

    @property
    def alone(self) -> bool:
        """Whether the requester alone sees its message."""
        return self.order.private or self.place.guild_id is None

    @property
    def link(self) -> str:
        """Where people can jump to; empty where the job has no message, or one that answers an interaction."""
        if self.message_id is None or self.token:
            return ""
        guild = "@me" if self.order.private or self.place.guild_id is None else self.place.guild_id
        return f"https://discord.com/channels/{guild}/{self.place.channel_id}/{self.message_id}"

    @property
    def shows(self) -> str:
        """What the picture shows, in one line: as understood, else in the requester's words."""
        return (self.spec.understood if self.spec and not self.order.exact else "") or self.order.words

    @property
    def shows_unknown(self) -> bool:
        """Whether that line names a thing which the models do not know, so that the picture does not show it."""
        line = self.shows.casefold()
        return self.spec is not None and any(word.casefold() in line for word in self.spec.unknown)

    def posted(self, channel_id: int, message_id: int, *, answer: bool = False) -> Job:
        """The job with its message there; one that does not answer the interaction has no more use for its token."""
        token = self.token if answer else None
        return replace(self, message_id=message_id, place=replace(self.place, channel_id=channel_id), token=token)

    def understood(self, spec: PromptSpec) -> Job:
        return replace(self, order=replace(self.order, spec=spec), state=JobState.PAINTING)


@dataclass(frozen=True, slots=True)
class Painted:
    """Facts of a finished job, for Details. `seconds` is from the start of understanding to the last picture.

    `unread` is how many characters at the prompt's end the painter's text encoders had no room for.
    """

    size: str
    model: str
    seconds: float
    steps: int | None = None
    unread: int = 0


class WordsInvalid(Exception):
    """The words cannot be drawn as they are; `reason` is `empty` or `long`."""

    def __init__(self, reason: str, length: int) -> None:
        super().__init__(f"words are {reason}: {length} characters")
        self.reason = reason
        self.length = length


def check_words(words: str) -> str:
    """Return what can be seen of the words.

    Raises WordsInvalid when nothing but mentions and links, or over 2,000 characters, stay.
    """
    seen = visible(words).strip()
    if not readable(seen):
        raise WordsInvalid("empty", 0)
    if len(seen) > MAX_WORDS_CHARS:
        raise WordsInvalid("long", len(seen))
    return seen
