"""The fields of OpenAI's requests that the engine's messages lack: which are refused, and which need nothing.

Invariant: no field is ignored in silence. Each is a field of a message in `engine.api.messages`, or stands in a table
here, or is refused as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refused:
    """A field that asks for what the engine cannot do, so that its value is refused with `why`.

    `usual` are values by which it asks for nothing beyond what happens anyway: with these it passes, as it does when it
    is empty, false or 0.
    """

    why: str
    usual: tuple[str | int | list[str], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldTable:
    """What becomes of a request's other fields. `harmless` says of each why nothing is lost without it.

    `unset` has the values by which a field that the engine knows is left out, as other servers' clients write it.
    """

    refused: Mapping[str, Refused] = field(default_factory=dict)
    harmless: Mapping[str, str] = field(default_factory=dict)
    unset: Mapping[str, int] = field(default_factory=dict)


NO_TOOLS = "the language model here calls no tools"
TEXT_ALONE = "the language model here reads and writes text alone"
NOTES = "a note for the service's own accounts; the engine keeps none"
CACHES = "caches of prompts need no help here"
NO_SVG = "drawings in vectors are not made here"
NO_FRAMES = "pictures here stand still"

CHAT = FieldTable(
    refused={
        "audio": Refused(TEXT_ALONE),
        "frequency_penalty": Refused("words are not weighed by how often they came"),
        "function_call": Refused(NO_TOOLS, ("none", "auto")),
        "functions": Refused(NO_TOOLS),
        "logit_bias": Refused("tokens are not weighed; response_format can bind the answer to a schema"),
        "logprobs": Refused("the tokens' probabilities are not reported"),
        "modalities": Refused(TEXT_ALONE, (["text"],)),
        "moderation": Refused("chats are not moderated here"),
        "presence_penalty": Refused("words are not weighed by whether they came already"),
        "reasoning_effort": Refused("the language model here answers without thinking first", ("none", "minimal")),
        "service_tier": Refused("all requests are served alike", ("auto", "default")),
        "store": Refused("answers are not kept"),
        "tool_choice": Refused(NO_TOOLS, ("none", "auto")),
        "tools": Refused(NO_TOOLS),
        "top_logprobs": Refused("the tokens' probabilities are not reported"),
        "verbosity": Refused("say in the messages how long the answer is to be", ("medium",)),
        "web_search_options": Refused("nothing is looked up on the web"),
    },
    harmless={
        "metadata": NOTES,
        "parallel_tool_calls": NO_TOOLS,
        "prediction": "it only makes the same answer quicker elsewhere",
        "prompt_cache_key": CACHES,
        "prompt_cache_options": CACHES,
        "prompt_cache_retention": CACHES,
        "safety_identifier": NOTES,
    },
    unset={"max_tokens": -1, "max_completion_tokens": -1, "seed": -1},
)
"""`POST /v1/chat/completions`."""

MESSAGE = FieldTable(
    refused={"audio": Refused(TEXT_ALONE)},
    harmless={
        "annotations": "marks of an earlier answer, whose text is read",
        "name": "the language model is told who speaks by the role",
        "reasoning": "thoughts behind an earlier answer, whose text is read",
        "reasoning_content": "thoughts behind an earlier answer, whose text is read",
        "refusal": "an earlier answer's refusal, beside its text",
    },
)
"""Each of a chat's messages."""

PART = FieldTable(
    refused={
        "file": Refused(TEXT_ALONE),
        "image_url": Refused(TEXT_ALONE),
        "input_audio": Refused(TEXT_ALONE),
    },
    harmless={"annotations": "marks of an earlier answer, whose text is read", "prompt_cache_breakpoint": CACHES},
)
"""Each part of a message whose content is a list."""

IMAGES = FieldTable(
    refused={
        "background": Refused("pictures here have no transparent background", ("auto", "opaque")),
        "complexity": Refused(NO_SVG),
        "frame_count": Refused(NO_FRAMES, (1,)),
        "frame_duration_ms": Refused(NO_FRAMES),
        "moderation": Refused("the picture check is set by the host alone", ("auto",)),
        "quality": Refused("there is one quality; num_inference_steps sets the steps", ("auto", "standard", "medium")),
        "style": Refused("say in the prompt how it is to look", ("vivid",)),
        "svg": Refused(NO_SVG),
    },
    harmless={"safety_identifier": NOTES},
    unset={"seed": -1},
)
"""`POST /v1/images/generations`."""

EDITS = FieldTable(
    refused={
        **IMAGES.refused,
        "input_fidelity": Refused("strength sets how far the picture may change", ("low",)),
        "markup": Refused("say in the prompt what is to change, or send a mask"),
    },
    harmless=IMAGES.harmless,
    unset=IMAGES.unset,
)
"""`POST /v1/images/edits`."""
