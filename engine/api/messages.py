"""The wire's messages: OpenAI's shapes and Limner's optional additions, written once for both sides.

A request's field with a wrong value is refused by msgspec, and so is one that is unknown; `openai_fields` has those of
OpenAI's that are no fields here. In answers a client ignores what it does not know. The descriptions are docs/api.md's,
and all messages stand in this file, so that the wire is read in one place.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

MAX_PROMPT_CHARS = 8_000
MAX_IMAGES = 4
MAX_SEED = 2**32 - 1
MAX_MESSAGES = 2_048
MAX_TOKENS = 4_096
"""An answer's; who asks for more gets these."""
MAX_CHOICES = 4
MAX_STOPS = 16
MAX_LORAS, MAX_LORA_CHARS, MAX_LORA_WEIGHT = 4, 100, 2.0
"""Of one request: how many LoRAs, the characters of a name, and how strong one may be, in either direction."""
VISIBLE = (
    r"[^\s\x00-\x1f\x7f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
"""Matches a text that holds a character which people see."""

Seed = Annotated[int, Meta(ge=0, le=MAX_SEED)]
Count = Annotated[int, Meta(ge=0, le=2**31)]
Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]
"""Bounds that no honest answer comes near; a client computes with these and stores them."""


class TextPart(Struct, frozen=True, forbid_unknown_fields=True):
    """One part of a message whose content is a list, as OpenAI's clients may send it."""

    text: str = ""
    type: Literal["text", "refusal"] = "text"
    refusal: str = ""


class CalledFunction(Struct, frozen=True):
    name: str = ""
    arguments: str = ""


class ToolCall(Struct, frozen=True):
    """A tool that a language model called in an earlier answer."""

    function: CalledFunction = CalledFunction()


class ChatMessage(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    role: Annotated[
        Literal["system", "user", "assistant", "developer", "tool", "function"],
        Meta(description="who speaks; `developer` counts as `system`, and a tool's result as a user's message"),
    ]
    content: Annotated[
        str | list[TextPart], Meta(description="the text, or a list of parts of the types `text` and `refusal`")
    ] = ""
    tool_calls: Annotated[list[ToolCall], Meta(description="tools that an earlier answer called; read as text")] = []
    function_call: Annotated[CalledFunction | None, Meta(description="as `tool_calls`, in its older form")] = None
    tool_call_id: Annotated[str | None, Meta(description="whose result it is; it stands behind that call")] = None

    @property
    def speaker(self) -> Literal["system", "user", "assistant"]:
        """The role as chat templates know it."""
        match self.role:
            case "developer":
                return "system"
            case "tool" | "function":
                return "user"
            case role:
                return role

    @property
    def text(self) -> str:
        """The content as one text; what earlier answers did with tools is put into words."""
        content = self.content
        text = content if isinstance(content, str) else "".join(part.text or part.refusal for part in content)
        if self.role in ("tool", "function"):
            return f"Result: {text}"
        calls = [call.function for call in self.tool_calls] + ([self.function_call] if self.function_call else [])
        return "\n".join([*([text] if text else []), *(f"Call: {call.name} {call.arguments}" for call in calls)])


class JsonSchema(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    name: str
    schema: dict[str, Any]
    strict: bool | None = None
    description: str | None = None


class ResponseFormat(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: JsonSchema | None = None


class StreamOptions(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    include_usage: bool = False
    include_obfuscation: bool = False
    """Padding of OpenAI's, which hides lengths from whoever reads encrypted traffic; this engine has none."""


MODEL = "`default`, or a name or alias that `GET /v1/models` lists"
USER = "a name for whoever asks; the engine takes turns among these"
Tokens = Annotated[int, Meta(ge=1)]
StopSequence = Annotated[str, Meta(min_length=1, max_length=256)]


class ChatRequest(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`POST /v1/chat/completions`. Limits are in tokens; temperature 0 is greedy."""

    messages: Annotated[
        list[ChatMessage],
        Meta(min_length=1, max_length=MAX_MESSAGES, description="the conversation, the oldest message first"),
    ]
    model: Annotated[str, Meta(description=MODEL)] = "default"
    max_tokens: Annotated[
        Tokens | None, Meta(description=f"the answer's longest length in tokens; more than {MAX_TOKENS} count as that")
    ] = None
    max_completion_tokens: Annotated[Tokens | None, Meta(description="as `max_tokens`, over which it wins")] = None
    temperature: Annotated[
        Annotated[float, Meta(ge=0, le=2)] | None,
        Meta(description="how freely it writes; 0: the likeliest token each time"),
    ] = None
    top_p: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(description="which share of the likeliest tokens counts"),
    ] = None
    seed: Annotated[
        Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None,
        Meta(description="the same seed gives the same answer; each further choice takes the next one"),
    ] = None
    n: Annotated[int, Meta(ge=1, le=MAX_CHOICES, description="how many answers")] = 1
    stop: Annotated[
        StopSequence | Annotated[list[StopSequence], Meta(max_length=MAX_STOPS)] | None,
        Meta(description="texts before which the answer ends"),
    ] = None
    response_format: Annotated[
        ResponseFormat | None,
        Meta(description="`json_object`, or `json_schema` with a schema that the answer keeps to"),
    ] = None
    stream: Annotated[bool, Meta(description="whether the answer comes in pieces, as server-sent events")] = False
    stream_options: Annotated[
        StreamOptions | None,
        Meta(description="`include_usage`: the counts of tokens come in a last chunk of their own"),
    ] = None
    user: Annotated[str | None, Meta(description=USER)] = None

    @property
    def stops(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())


OutputFormat = Literal["png", "webp", "jpeg"]
Prompt = Annotated[str, Meta(min_length=1, max_length=MAX_PROMPT_CHARS, pattern=VISIBLE)]


class Lora(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A LoRA to paint with, and how strongly: 1 as it was trained, 0 not at all, below 0 away from it."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_LORA_CHARS)]
    weight: Annotated[float, Meta(ge=-MAX_LORA_WEIGHT, le=MAX_LORA_WEIGHT)] = 1.0


class ImageRequest(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`POST /v1/images/generations`. What is left out takes the model's defaults; `size` is WIDTHxHEIGHT in pixels."""

    prompt: Annotated[Prompt, Meta(description="what to draw, in words that the painter knows; not blank")]
    n: Annotated[int, Meta(ge=1, le=MAX_IMAGES, description="how many pictures")] = 1
    size: Annotated[
        str | None, Meta(description="WIDTHxHEIGHT in pixels, or `auto`; `GET /v1/models` says what the painter takes")
    ] = None
    seed: Annotated[
        Seed | None, Meta(description="the same seed gives the same picture; each further one takes the next")
    ] = None
    negative_prompt: Annotated[
        Annotated[str, Meta(max_length=MAX_PROMPT_CHARS)] | None, Meta(description="what not to draw")
    ] = None
    num_inference_steps: Annotated[
        Annotated[int, Meta(ge=1, le=150)] | None,
        Meta(description="denoising steps; the painter's own number by default"),
    ] = None
    guidance_scale: Annotated[
        Annotated[float, Meta(ge=0, le=30)] | None, Meta(description="how closely it keeps to the prompt")
    ] = None
    loras: Annotated[
        list[Lora],
        Meta(
            max_length=MAX_LORAS,
            description='LoRAs to paint with, such as `[{"name": "ink", "weight": 0.8}]`, each of a weight from '
            f"{-MAX_LORA_WEIGHT:g} to {MAX_LORA_WEIGHT:g}; `GET /v1/models` lists those that are here; a form has them "
            "as JSON",
        ),
    ] = []
    model: Annotated[str, Meta(description=MODEL)] = "default"
    user: Annotated[str | None, Meta(description=USER)] = None
    output_format: Annotated[OutputFormat, Meta(description="the pictures' file format")] = "png"
    output_compression: Annotated[
        Annotated[int, Meta(ge=0, le=100)] | None,
        Meta(description="the quality of a WebP or JPEG, 0 to 100; 100 by default, and always for a PNG"),
    ] = None
    response_format: Annotated[
        Literal["b64_json", "url"] | None,
        Meta(
            description="`b64_json`, or `url`: addresses of this engine, each good for ten minutes and without the key"
        ),
    ] = None
    stream: Annotated[
        bool, Meta(description="whether the answer comes as server-sent events, with what happens meanwhile")
    ] = False
    partial_images: Annotated[
        int, Meta(ge=0, le=3, description="how many previews a stream has of a picture, as PNG files")
    ] = 0
    x_progress: Annotated[
        bool,
        Meta(description="whether a stream also has `image_generation.queued` and `image_generation.progress` events"),
    ] = False


class StartImage(Struct, frozen=True):
    """The picture that painting starts from, sent to `POST /v1/images/edits` beside an ImageRequest.

    `image` and `mask` are files; the mask's transparent pixels are what is painted anew. `strength` is the share of
    the noise schedule that runs: near 0 the picture stays, at 1 it only lends its size; None takes the model's default.
    `references` are the files of further pictures, which a painter that edits by instruction looks at. With `upscale`
    nothing is painted: a super-resolution network makes the picture so many times larger.
    """

    image: Annotated[bytes, Meta(description="the picture to start from; `image[]` is the same")]
    strength: Annotated[
        Annotated[float, Meta(gt=0, le=1)] | None, Meta(description="how far the picture may change, 1 the most")
    ] = None
    mask: Annotated[
        bytes | None,
        Meta(
            description="a PNG in the picture's proportions; what is transparent in it is painted anew, all else keeps "
            "its pixels"
        ),
    ] = None
    upscale: Annotated[
        Literal[2, 4] | None,
        Meta(description="not to paint, but to enlarge the picture so many times, where an upscaler is loaded"),
    ] = None
    references: Annotated[
        tuple[bytes, ...], Meta(description="no field of its own: further files `image[]`, to look at")
    ] = ()

    @property
    def pictures(self) -> tuple[bytes, ...]:
        """The files of all pictures, the one that is painted from first."""
        return self.image, *self.references


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
    url: str | None = None
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


class LoraFacts(Struct, frozen=True, omit_defaults=True):
    """A LoRA that requests may name, and the words that wake it in a prompt, as far as its file says."""

    name: str
    triggers: list[str] = []


LoraFlaw = Literal[
    "pickle", "absent", "name", "kind", "damaged", "unreadable", "twice", "beyond", "foreign", "unfetched", "failed"
]
"""Why a LoRA is left out: it is a pickle; is not there; has a name that none may have; is of a kind that is not applied
whole; is damaged; cannot be read; has another one's name; is one too many; is for another family of models; cannot be
fetched from the hub; or failed while it was loaded."""


class LoraFault(Struct, frozen=True):
    """A file that LIMNER_LORAS names and the painter does without; the engine's log says more."""

    file: str
    flaw: LoraFlaw


class UpscalerFacts(Struct, frozen=True, omit_defaults=True):
    """A loaded super-resolution network: how many times it enlarges, and the longest side of the result in pixels."""

    name: str
    scales: list[int]
    largest: int


class ModelFacts(Struct, frozen=True, omit_defaults=True):
    """What a Limner engine tells of a loaded model beyond OpenAI's fields.

    `sizes` maps a shape (square, portrait, landscape, wide, tall) to WIDTHxHEIGHT in pixels. A model of a small world
    lists in `knows` what it can draw, by language, for people, and in `words` every word that it understands.
    `languages` maps the code of each language that it reads to the language's own name, and `common` holds everyday
    words by language, also of languages that it does not read: words that speak for these alone are not for it.
    `largest` is the longest side in pixels; `reads` is how many tokens of a prompt the painter reads at its best;
    `lacks` names what a request may hold that this model does not heed. One that `edits_by_instruction` changes the
    picture sent with a request as the prompt says, where no strength is named; it takes `references` pictures at most.
    `editor` names a second painter that does so in its place. `loras` are what it can paint with; an editor has none.
    `lora_faults` are the first of those that it cannot. An `upscaler` beside it enlarges pictures without painting.
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
    editor: str = ""
    loras: list[LoraFacts] = []
    upscaler: UpscalerFacts | None = None
    lora_faults: list[LoraFault] = []
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
