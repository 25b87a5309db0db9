"""docs/api.md is what the schemas, the field tables and the routes say; OpenAI's own fields are all among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

import msgspec
import pytest
from msgspec import Struct
from openai.types import image_edit_params, image_generate_params
from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionContentPartParam,
    ChatCompletionDeveloperMessageParam,
    ChatCompletionFunctionMessageParam,
    ChatCompletionSystemMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
    completion_create_params,
)

from engine.api.messages import ChatMessage, ChatRequest, ImageRequest, StartImage, TextPart
from engine.api.openai_fields import CHAT, EDITS, IMAGES, MESSAGE, PART, FieldTable
from tools.api_reference import PAGE, document

MESSAGES = (
    ChatCompletionAssistantMessageParam,
    ChatCompletionDeveloperMessageParam,
    ChatCompletionFunctionMessageParam,
    ChatCompletionSystemMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
)


def test_the_page_is_what_the_program_says() -> None:
    assert PAGE.read_text("utf-8") == document(), "run python -m tools.api_reference"


def names(*kinds: Any) -> set[str]:
    """Return the fields of the official client's types for a request."""
    return {name for kind in kinds for name in kind.__annotations__}


CHAT_FIELDS = names(
    completion_create_params.CompletionCreateParamsNonStreaming,
    completion_create_params.CompletionCreateParamsStreaming,
)
IMAGE_FIELDS = names(
    image_generate_params.ImageGenerateParamsNonStreaming, image_generate_params.ImageGenerateParamsStreaming
)
EDIT_FIELDS = names(image_edit_params.ImageEditParamsNonStreaming, image_edit_params.ImageEditParamsStreaming)
PARTS = names(*ChatCompletionContentPartParam.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("theirs", "kinds", "table"),
    [
        pytest.param(CHAT_FIELDS, (ChatRequest,), CHAT, id="chats"),
        pytest.param(names(*MESSAGES), (ChatMessage,), MESSAGE, id="messages"),
        pytest.param(PARTS, (TextPart,), PART, id="parts"),
        pytest.param(IMAGE_FIELDS, (ImageRequest,), IMAGES, id="pictures"),
        pytest.param(EDIT_FIELDS, (ImageRequest, StartImage), EDITS, id="edits"),
    ],
)
def test_every_field_of_openai_s_is_honoured_refused_or_known_to_be_harmless(
    theirs: set[str], kinds: tuple[type[Struct], ...], table: FieldTable
) -> None:
    assert len(theirs) > 3
    own = {name for kind in kinds for name in kind.__struct_fields__}
    assert theirs - own - set(table.refused) - set(table.harmless) == set()
    assert own & (set(table.refused) | set(table.harmless)) == set()
    assert set(table.refused) & set(table.harmless) == set()


def test_a_field_without_a_description_fails() -> None:
    class Undescribed(Struct):
        prompt: str

    from tools import api_reference

    with pytest.raises(LookupError, match=r"Undescribed\.prompt"):
        list(api_reference._described(Undescribed))


def literals(*kinds: Any) -> Mapping[str, set[object]]:
    """Return the values that the official client's types name, by field."""
    found: dict[str, set[object]] = {}
    for kind in kinds:
        for name, hint in get_type_hints(kind).items():
            found.setdefault(name, set()).update(_literals(hint))
    return found


def _literals(hint: Any) -> set[object]:
    arguments = getattr(hint, "__args__", ())
    inner = set().union(*(_literals(each) for each in arguments)) if arguments else set()
    return inner | {each for each in arguments if isinstance(each, str | int | bool)}


@pytest.mark.parametrize("kind", [image_generate_params.ImageGenerateParamsNonStreaming])
def test_the_values_that_pass_are_openai_s_own(kind: Any) -> None:
    theirs = literals(kind)
    for name, refused in IMAGES.refused.items():
        words = {value for value in refused.usual if isinstance(value, str)}
        assert words <= theirs[name], name
    formats = msgspec.json.schema(ImageRequest)["$defs"]["ImageRequest"]["properties"]["output_format"]["enum"]
    assert set(formats) <= theirs["output_format"]
