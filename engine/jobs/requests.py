"""Requests to the models and the language model's answers, as plain values, complete and checked."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.api.errors import BadRequest
from engine.api.messages import MAX_SEED, MAX_TOKENS, ChatRequest, ImageRequest, OutputFormat

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT_TOKENS = 512
Loras = tuple[tuple[str, float], ...]
"""LoRAs to paint with, each by name and weight, in the order of their names; none has the weight 0."""


@dataclass(frozen=True, slots=True)
class Start:
    """The start image (RGB) and, where only a part is painted anew, a mask (L) that is white there.

    Both have the finished picture's size; `references` (RGB) are further pictures to look at, each of its own shape.
    """

    picture: Image
    mask: Image | None = None
    references: tuple[Image, ...] = ()

    @property
    def pictures(self) -> tuple[Image, ...]:
        return self.picture, *self.references


@dataclass(frozen=True, slots=True)
class PictureFile:
    """How a finished picture is written. `quality` is a WebP's or JPEG's, 0 to 100; None leaves it to the writer."""

    format: OutputFormat = "png"
    quality: int | None = None

    @classmethod
    def of(cls, request: ImageRequest) -> PictureFile:
        """Return what a request asks for. Raises BadRequest where the format has no such compression."""
        if request.output_format == "png" and request.output_compression not in (None, 100):
            raise BadRequest(
                "output_compression: a PNG loses nothing; choose webp or jpeg as output_format, or leave it out.",
                param="output_compression",
            )
        return cls(request.output_format, request.output_compression)


@dataclass(frozen=True, slots=True)
class Painting:
    """Pictures to paint, one per seed. `width` and `height` are the finished picture's, in pixels.

    `steps` are those of the whole noise schedule; the first `skipped` of them do not run, because a start image takes
    their place. `strength` is the requested one in that case. `edits` sends it to the editor beside the painter.
    Only paintings with equal `loras` can share a forward. One with `upscale` is no painting: the start image becomes so
    many times larger, in `steps` tiles.
    """

    prompt: str
    width: int
    height: int
    steps: int
    seeds: tuple[int, ...]
    guidance: float | None = None
    negative: str | None = None
    previews: int = 0
    start: Start | None = None
    strength: float | None = None
    skipped: int = 0
    file: PictureFile = PictureFile()
    edits: bool = False
    loras: Loras = ()
    upscale: int = 0

    @property
    def size(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def group(self) -> Hashable:
        """What paintings must have in common to share a forward."""
        return self.size, self.loras, self.upscale

    @property
    def run_steps(self) -> int:
        """How many denoising steps run."""
        return self.steps - self.skipped

    @property
    def step_cost(self) -> int:
        """What one denoising step costs, or one tile, in pixels."""
        pixels = self.width * self.height * len(self.seeds)
        return pixels // self.steps if self.upscale else pixels

    def without_start(self) -> Painting:
        """Return the same request without the start image, which is large, for keeping."""
        return replace(self, start=None)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat to continue, within a grammar where the request set one."""

    request: ChatRequest
    grammar: str | None = None

    @property
    def max_tokens(self) -> int:
        return min(MAX_TOKENS, self.request.max_completion_tokens or self.request.max_tokens or DEFAULT_TOKENS)

    def seed(self, index: int) -> int | None:
        """Return the seed of the `index`th answer."""
        return None if self.request.seed is None else (self.request.seed + index) % (MAX_SEED + 1)


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the language model's text, of the `index`th answer."""

    text: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The language model's whole text, of the `index`th answer.

    `finish_reason` is `stop`, or `length` where max_tokens cut it.
    """

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    index: int = 0
