"""Language models that are not Limner's: what they take of a chat request, and how they fail."""

from __future__ import annotations

import json

import pytest

from bot.domain.prompt import PromptSpec
from bot.understanding.conversation import Request
from bot.understanding.prompt_spec import json_schema
from bot.understanding.understand import understand
from engine.api.errors import BadRequest, ContentBlocked, EngineError, Internal, QueueFull, Unauthorized, Unavailable
from engine.api.messages import ChatMessage, ChatRequest, JsonSchema, ResponseFormat
from tests.fakes import SPEC
from tests.hosted.conftest import service
from tests.hosted.openai_server import KEY, Answer, OpenAIServer, answer, refusing

ASKED = ChatRequest(
    messages=[
        ChatMessage("system", "Answer in JSON."),
        ChatMessage("user", "ein rotes Boot für <@123456789012345678>"),
    ],
    max_tokens=400,
    temperature=0.0,
    response_format=ResponseFormat("json_schema", JsonSchema("PromptSpec", json_schema(), strict=True)),
    user="123456789012345678",
)


async def ask(url: str, planner: str = "gpt-4.1-mini", key: str = KEY) -> str:
    async with service(url, planner=planner, key=key) as client:
        return await client.chat(ASKED)


@pytest.mark.parametrize("planner", ["gpt-4.1-mini", "gpt-5-mini"])
async def test_openai_is_asked_once_with_what_the_model_takes(openai: OpenAIServer, planner: str) -> None:
    assert await ask(openai.url, planner) == openai.content
    [sent] = openai.requests
    room = {"max_tokens": 400, "temperature": 0.0} if planner == "gpt-4.1-mini" else {"max_completion_tokens": 4096}
    assert {name: sent.fields[name] for name in room} == room
    assert set(sent.fields) == {"model", "messages", "response_format", "stream", *room}
    assert sent.fields["response_format"]["json_schema"]["strict"] is True
    assert sent.fields["messages"][1]["content"] == "ein rotes Boot für"
    assert "123456789" not in json.dumps(sent.fields)
    assert sent.headers["Authorization"] == f"Bearer {KEY}"


async def test_a_model_without_response_format_is_asked_again_without_it(openai: OpenAIServer) -> None:
    openai.content = f"Here it is:\n```json\n{json.dumps(SPEC)}\n```"
    async with service(openai.url, planner="old-chat") as client:
        for _ in range(2):
            assert (await understand(client, Request("a red boat"))).spec == PromptSpec(**SPEC)
    assert ["response_format" in sent.fields for sent in openai.requests] == [True, True, False, False]
    assert ["maxLength" in json.dumps(sent.fields) for sent in openai.requests] == [True, False, False, False]


async def test_lengths_bound_what_a_small_model_writes_and_openai_is_not_asked_for_them(
    openai: OpenAIServer, vllm: OpenAIServer
) -> None:
    await ask(openai.url)
    await ask(vllm.url, planner="")
    assert "maxLength" not in json.dumps(openai.requests[0].fields)
    assert '"maxLength": 800' in json.dumps(vllm.requests[0].fields)


async def test_a_model_that_turns_out_to_think_gets_its_room(vllm: OpenAIServer) -> None:
    told = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    vllm.next = [answer({"error": {"message": told, "param": "max_tokens", "code": "unsupported_parameter"}}, 400)]
    assert await ask(vllm.url, "chat") == vllm.content
    first, second = vllm.requests
    assert first.fields["max_tokens"] == 400
    assert second.fields["max_completion_tokens"] == 4096
    assert not {"max_tokens", "temperature"} & set(second.fields)


async def test_the_only_model_needs_no_name(vllm: OpenAIServer) -> None:
    assert await ask(vllm.url, planner="") == vllm.content
    assert vllm.requests[0].fields["model"] == "the-only-one"


async def test_a_refusal_and_a_filter_are_blocked(openai: OpenAIServer) -> None:
    openai.refusal = "I cannot help with that."
    with pytest.raises(ContentBlocked, match="cannot help"):
        await ask(openai.url)
    openai.refusal, openai.finish_reason = None, "content_filter"
    with pytest.raises(ContentBlocked):
        await ask(openai.url)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer({"choices": []}), Internal),
        (answer({"choices": [{"message": {"content": ""}, "finish_reason": "length"}]}), Internal),
        (answer("<html>", kind="text/html"), Internal),
        (refusing("Rate limit reached.", "rate_limit_exceeded", 429, Retry_After="3600"), QueueFull),
        (refusing("Overloaded.", None, 503), Unavailable),
        (refusing("No such model.", "model_not_found", 404), BadRequest),
        (refusing("Incorrect API key provided.", "invalid_api_key", 401), Unauthorized),
    ],
)
async def test_failures_are_limners_errors(openai: OpenAIServer, given: Answer, error: type[EngineError]) -> None:
    openai.next = [given]
    with pytest.raises(error):
        await ask(openai.url)
    assert len(openai.requests) == 1


async def test_without_a_name_the_host_is_told(openai: OpenAIServer) -> None:
    with pytest.raises(BadRequest, match="LIMNER_PLANNER"):
        await ask(openai.url, planner="")
