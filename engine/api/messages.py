"""The wire's messages: OpenAI's shapes and Limner's optional additions, written once for both sides.

Unknown fields are ignored, as OpenAI's servers do; a known field with a wrong value is refused by msgspec.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

MAX_PROMPT_CHARS = 8_000
MAX_IMAGES = 4
MAX_SEED = 2**32 - 1

Seed = Annotated[int, Meta(ge=0, le=MAX_SEED)]
Count = Annotated[int, Meta(ge=0, le=2**31)]
Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]
"""Bounds that no honest answer comes near; a client computes with these and stores them."""


class TextPart(Struct, frozen=True):
    """One part of a message whose content is a list, as OpenAI's clients may send it."""

    text: str
    type: Literal["text"] = "text"


class ChatMessage(Struct, frozen=True):
    role: Literal["system", "user", "assistant"]
    content: str | list[TextPart]

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)


class JsonSchema(Struct, frozen=True):
    name: str
    schema: dict[str, Any]
    strict: bool | None = None


class ResponseFormat(Struct, frozen=True, omit_defaults=True):
    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: JsonSchema | None = None


class ChatRequest(Struct, frozen=True, omit_defaults=True):
    """`POST /v1/chat/completions`. Limits are in tokens; temperature 0 is greedy."""

    messages: Annotated[list[ChatMessage], Meta(min_length=1, max_length=64)]
    model: str = "default"
    max_tokens: Annotated[int, Meta(ge=1, le=4096)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1, le=4096)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    seed: Seed | None = None
    response_format: ResponseFormat | None = None
    stream: bool = False
    user: str | None = None


class ImageRequest(Struct, frozen=True, omit_defaults=True):
    """`POST /v1/images/generations`. What is left out takes the model's defaults; `size` is WIDTHxHEIGHT in pixels."""

    prompt: Annotated[str, Meta(min_length=1, max_length=MAX_PROMPT_CHARS)]
    n: Annotated[int, Meta(ge=1, le=MAX_IMAGES)] = 1
    size: str | None = None
    seed: Seed | None = None
    negative_prompt: Annotated[str, Meta(max_length=MAX_PROMPT_CHARS)] | None = None
    num_inference_steps: Annotated[int, Meta(ge=1, le=150)] | None = None
    guidance_scale: Annotated[float, Meta(ge=0, le=30)] | None = None
    model: str = "default"
    user: str | None = None
    response_format: Literal["b64_json"] | None = None
    stream: bool = False
    partial_images: Annotated[int, Meta(ge=0, le=3)] = 0
    x_progress: bool = False


class StartImage(Struct, frozen=True):
    """The picture that painting starts from, sent to `POST /v1/images/edits` beside an ImageRequest.

    `image` and `mask` are files; the mask's transparent pixels are what is painted anew. `strength` is the share of
    the noise schedule that runs: near 0 the picture stays, at 1 it only lends its size; None takes the model's default.
    """

    image: bytes
    strength: Annotated[float, Meta(gt=0, le=1)] | None = None
    mask: bytes | None = None


class Queued(Struct, frozen=True, tag_field="type", tag="image_generation.queued"):
    """Waiting: `position` others come first; `eta_s` seconds to the finished picture, where known."""

    position: Count
    eta_s: Seconds | None = None


class Progress(Struct, frozen=True, tag_field="type", tag="image_generation.progress"):
    """`step` of `steps` denoising steps are done."""

    step: Count
    steps: Count


class PartialImage(Struct, frozen=True, tag_field="type", tag="image_generation.partial_image"):
    """A preview: `b64_json` is the picture's file, decoded from base64."""

    b64_json: bytes
    partial_image_index: Count = 0


class Completed(Struct, frozen=True, tag_field="type", tag="image_generation.completed"):
    """A finished picture, the `index`th of the request. Seed and steps are None where another engine does not tell.

    `nsfw_score` is the probability that it is not safe for work, by the engine's check; None where it was not checked.
    `unread` is the end of the prompt that the model's text encoders have no room for; None where they read all.
    """

    b64_json: bytes
    index: Count = 0
    size: str | None = None
    seed: int | None = None
    steps: Count | None = None
    model: str | None = None
    output_format: str = "png"
    created_at: int = 0
    nsfw_score: float | None = None
    unread: str | None = None


ImageEvent = Queued | Progress | PartialImage | Completed


class Image(Struct, frozen=True, omit_defaults=True):
    """One picture of a plain JSON answer."""

    b64_json: bytes | None = None
    seed: int | None = None
    revised_prompt: str | None = None
    nsfw_score: float | None = None
    unread: str | None = None


class ImagesResponse(Struct, frozen=True, omit_defaults=True):
    created: int
    data: list[Image]
    size: str | None = None
    steps: int | None = None
    model: str | None = None
    output_format: str | None = None


Lack = Literal["seed", "progress", "preview", "negative", "steps", "guidance", "start", "strength", "mask"]

CheckState = Literal["on", "unneeded", "off", "failed"]
"""How an engine's picture check stands: it scores each picture; the painter needs none; the operator turned it off; it
cannot be loaded, so that the engine paints nothing."""


class ModelFacts(Struct, frozen=True, omit_defaults=True):
    """What a Limner engine tells of a loaded model beyond OpenAI's fields.

    `sizes` maps a shape (square, portrait, landscape, wide, tall) to WIDTHxHEIGHT in pixels. A model of a small world
    lists in `knows` what it can draw, by language, for people, and in `words` every word that it understands.
    `languages` maps the code of each language that it reads to the language's own name, and `common` holds everyday
    words by language, also of languages that it does not read: words that speak for these alone are not for it.
    `largest` is the longest side in pixels; `reads` is how many tokens of a prompt the painter reads at its best;
    `lacks` names what a request may hold that this model does not heed. One that `edits_by_instruction` changes the
    picture sent with a request as the prompt says, where no strength is named; it takes `references` pictures at most.
    `hosted` is set by the client where the server is someone else's, so that what is sent there leaves the host.
    `check` is None where the server does not report a picture check. `why` says why this model was chosen and where its
    weights are.
    """

    kind: Literal["painter", "planner"]
    sizes: dict[str, str] = {}
    steps: int | None = None
    guidance: float | None = None
    largest: int | None = None
    reads: int | None = None
    lacks: list[Lack] = []
    edits_by_instruction: bool = False
    references: int = 0
    hosted: bool = False
    knows: dict[str, list[str]] = {}
    words: list[str] = []
    languages: dict[str, str] = {}
    common: dict[str, list[str]] = {}
    why: str = ""
    check: CheckState | None = None


class Model(Struct, frozen=True, omit_defaults=True):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "limner"
    limner: ModelFacts | None = None


class ModelList(Struct, frozen=True):
    data: list[Model]
    object: Literal["list"] = "list"


class Status(Struct, frozen=True):
    """The rest of `/readyz`: how many pictures wait or are painted, and in how many seconds a new one would begin.

    `silent_s` are the seconds since the model thread's last sign of progress, 0 while it waits for work.
    """

    waiting: Count | None = None
    wait_s: Seconds | None = None
    silent_s: Seconds | None = None


def parse_size(size: str) -> tuple[int, int]:
    """Return (width, height) in pixels. Raises ValueError with a sentence."""
    width, separator, height = size.partition("x")
    if not (separator and width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
        raise ValueError(f"size: {size!r} is not WIDTHxHEIGHT, such as 512x512")
    return int(width), int(height)
