"""Requests as OpenAI's clients send them: honoured, or refused by the field's name; against a real process."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
from PIL import Image

from engine.api.messages import ChatRequest, ImageRequest
from engine.api.openai_fields import CHAT, EDITS, IMAGES, FieldTable
from engine.painting.picture_writer import EXIF_IFD, USER_COMMENT
from tests.engine.conftest import ALIASES, KEY
from tests.engine.pictures import drawing, file, opened

HELLO = [{"role": "user", "content": "hello"}]
FOX: dict[str, Any] = {"prompt": "a fox", "num_inference_steps": 2, "seed": 3}
OTHER = "what nobody means by it"


@pytest.fixture
async def http(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {KEY}"}) as session:
        yield session


async def ask(http: aiohttp.ClientSession, path: str, body: Any, status: int = 200) -> Any:
    data = {"data": body} if isinstance(body, aiohttp.FormData) else {"json": body}
    async with http.post(f"/v1/{path}", **data) as response:
        answer = await response.json()
        assert response.status == status, answer
        return answer


async def chat(http: aiohttp.ClientSession, **fields: Any) -> dict[str, Any]:
    body = {"messages": HELLO, "max_tokens": 30, "temperature": 1, "seed": 3, **fields}
    return dict(await ask(http, "chat/completions", body))


async def text(http: aiohttp.ClientSession, **fields: Any) -> str:
    return str((await chat(http, **fields))["choices"][0]["message"]["content"])


async def chunks(http: aiohttp.ClientSession, **fields: Any) -> list[dict[str, Any]]:
    body = {"messages": HELLO, "max_tokens": 30, "temperature": 1, "seed": 3, "stream": True, **fields}
    async with http.post("/v1/chat/completions", json=body) as response:
        assert response.status == 200, await response.text()
        lines = [line[6:] async for line in response.content if line.startswith(b"data: ")]
    assert lines.pop() == b"[DONE]\n"
    return [msgspec.json.decode(line) for line in lines]


def form(**fields: object) -> aiohttp.FormData:
    sent = aiohttp.FormData(default_to_multipart=True)
    for name, value in {**FOX, "strength": 0.5, **fields}.items():
        sent.add_field(name, str(value))
    sent.add_field("image", file(drawing()), filename="image.png", content_type="image/png")
    return sent


def refusal(answer: Any) -> tuple[str, str]:
    return answer["error"]["param"], answer["error"]["message"]


async def test_null_is_the_same_as_left_out(http: aiohttp.ClientSession) -> None:
    names = {*ChatRequest.__struct_fields__, *CHAT.refused, *CHAT.harmless, "no_such_field"} - {"messages", "seed"}
    nulls = dict.fromkeys(names - {"max_tokens", "temperature"})
    message = {**dict.fromkeys(("name", "tool_calls", "refusal", "audio", "function_call")), **HELLO[0]}
    assert await text(http, **nulls, messages=[message]) == await text(http)
    names = {*ImageRequest.__struct_fields__, *IMAGES.refused, *IMAGES.harmless, "no_such_field"} - set(FOX)
    plain = await ask(http, "images/generations", FOX)
    nulled = await ask(http, "images/generations", {**dict.fromkeys(names), **FOX})
    assert nulled["data"] == plain["data"]
    await ask(http, "images/edits", form(**{**dict.fromkeys(names, "null"), "user": "None"}))


async def test_null_within_a_schema_keeps_its_meaning(http: aiohttp.ClientSession) -> None:
    schema = {"name": "x", "schema": {"const": None}, "strict": None, "description": None}
    assert await text(http, response_format={"type": "json_schema", "json_schema": schema}) == "null"


async def test_a_developer_s_message_is_a_system_message(http: aiohttp.ClientSession) -> None:
    def said(role: str) -> list[dict[str, str]]:
        return [{"role": role, "content": "Answer briefly."}, *HELLO]

    assert await text(http, messages=said("developer")) == await text(http, messages=said("system"))
    assert await text(http, messages=said("developer")) != await text(http)


async def test_a_message_without_content_is_empty(http: aiohttp.ClientSession) -> None:
    nothings: list[dict[str, Any]] = [{"content": None}, {"content": ""}, {"content": []}, {}]
    for nothing in nothings:
        empty = [*HELLO, {"role": "assistant", **nothing}, *HELLO]
        assert await text(http, messages=empty) == await text(http, messages=[HELLO[0], {"role": "assistant"}, *HELLO])


async def test_tools_that_were_called_before_are_read_as_text(http: aiohttp.ClientSession) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": '{"in":"Oslo"}'}}
    history = [
        *HELLO,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "rain"},
    ]
    words = [
        *HELLO,
        {"role": "assistant", "content": 'Call: weather {"in":"Oslo"}'},
        {"role": "user", "content": "Result: rain"},
    ]
    assert await text(http, messages=history) == await text(http, messages=words)


@pytest.mark.parametrize("limit", [4097, 8192, 128_000, 2**40, -1])
@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_limit_that_is_too_high_is_lowered(http: aiohttp.ClientSession, name: str, limit: int) -> None:
    answer = await chat(http, **{"max_tokens": None, name: limit, "stop": list("aeiou")})
    assert answer["usage"]["completion_tokens"] <= 4096


async def test_many_messages_are_taken(http: aiohttp.ClientSession) -> None:
    await chat(http, messages=[{"role": "user", "content": ""}] * 70)
    answer = await ask(http, "chat/completions", {"messages": HELLO * 3000}, 400)
    assert refusal(answer) == ("messages", "messages: must have a length of at most 2048.")


@pytest.mark.parametrize("kind", [str, list])
async def test_an_answer_ends_before_a_stop_sequence(http: aiohttp.ClientSession, kind: type) -> None:
    whole = await text(http)
    stop = whole[9:13]
    given = stop if kind is str else ["no such text", stop]
    cut = whole[: whole.index(stop)]
    answer = await chat(http, stop=given)
    assert (answer["choices"][0]["message"]["content"], answer["choices"][0]["finish_reason"]) == (cut, "stop")
    assert answer["usage"]["completion_tokens"] < 30
    pieces = await chunks(http, stop=given)
    assert "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces) == cut
    assert pieces[-1]["choices"][0]["finish_reason"] == "stop"
    assert await text(http, stop="no such text") == await text(http, stop=[]) == whole


async def test_several_answers_take_the_seeds_that_follow(http: aiohttp.ClientSession) -> None:
    alone = [await text(http, seed=seed) for seed in (3, 4, 5)]
    assert len(set(alone)) == 3
    answer = await chat(http, n=3)
    assert [choice["message"]["content"] for choice in answer["choices"]] == alone
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    single = (await chat(http))["usage"]
    assert answer["usage"]["prompt_tokens"] == single["prompt_tokens"]
    assert answer["usage"]["completion_tokens"] > 2 * single["completion_tokens"]
    streamed = ["", "", ""]
    ends = []
    for chunk in await chunks(http, n=3, stream_options={"include_usage": True}):
        for choice in chunk["choices"]:
            streamed[choice["index"]] += choice["delta"].get("content", "")
            ends += [choice["index"]] if choice["finish_reason"] else []
    assert (streamed, ends) == (alone, [0, 1, 2])
    assert chunk["usage"] == answer["usage"]
    refused = await ask(http, "chat/completions", {"messages": HELLO, "n": 5}, 400)
    assert refusal(refused) == ("n", "n: must be at most 4.")


async def test_the_counts_of_a_stream_come_where_they_are_asked_for(http: aiohttp.ClientSession) -> None:
    counted = await chunks(http, stream_options={"include_usage": True})
    assert counted[-1]["choices"] == []
    assert counted[-1]["usage"]["completion_tokens"] > 0
    assert all(chunk["usage"] is None for chunk in counted[:-1])
    assert not any("usage" in chunk for chunk in await chunks(http))
    alone = {"messages": HELLO, "stream_options": {"include_usage": True}}
    assert refusal(await ask(http, "chat/completions", alone, 400))[0] == "stream_options"


TABLES = [("chat/completions", CHAT), ("images/generations", IMAGES), ("images/edits", EDITS)]


def request(path: str, fields: dict[str, Any]) -> Any:
    if path == "images/edits":
        return form(**fields)
    return {**({"messages": HELLO, "max_tokens": 2} if path.startswith("chat") else FOX), **fields}


@pytest.mark.parametrize(("path", "table"), TABLES)
async def test_what_is_not_supported_is_refused_by_its_name(
    http: aiohttp.ClientSession, path: str, table: FieldTable
) -> None:
    for name in [*table.refused, "no_such_field", "steps"]:
        param, message = refusal(await ask(http, path, request(path, {name: OTHER}), 400))
        assert param == name
        assert message.startswith(f"{name}: ")
        assert message.endswith(".")


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
            "messages[0].content[0].image_url",
        ),
        ([*HELLO, {"role": "user", "content": "x", "colour": 1}], "messages[1].colour"),
        ([{"role": "wizard", "content": "x"}], "messages[0].role"),
    ],
)
async def test_what_a_message_cannot_hold_is_refused_by_its_place(
    http: aiohttp.ClientSession, messages: Any, param: str
) -> None:
    assert refusal(await ask(http, "chat/completions", {"messages": messages}, 400))[0] == param


@pytest.mark.parametrize(("path", "table"), TABLES)
async def test_what_asks_for_nothing_passes(http: aiohttp.ClientSession, path: str, table: FieldTable) -> None:
    await ask(http, path, request(path, dict.fromkeys(table.harmless, "x")))
    for empty in ("", *([] if path == "images/edits" else [False, 0, [], {}])):
        await ask(http, path, request(path, dict.fromkeys(table.refused, empty)))
    usual = {name: refused.usual[-1] for name, refused in table.refused.items() if refused.usual}
    assert usual
    await ask(http, path, request(path, usual))
    await ask(http, path, request(path, dict.fromkeys(table.unset, -1)))


@pytest.mark.parametrize("blank", [" ", "\n\t", "\u200b", "\u3164 \ufeff", "\u2800"])
async def test_a_blank_prompt_is_refused(http: aiohttp.ClientSession, blank: str) -> None:
    for path in ("images/generations", "images/edits"):
        answer = await ask(http, path, request(path, {"prompt": blank}), 400)
        assert refusal(answer) == ("prompt", "prompt: must not be blank.")


def picture(answer: Any) -> Image.Image:
    return opened(base64.b64decode(answer["data"][0]["b64_json"]))


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg"])
async def test_the_picture_has_the_format_that_is_asked_for(http: aiohttp.ClientSession, kind: str) -> None:
    answer = await ask(http, "images/generations", {**FOX, "output_format": kind})
    painted = picture(answer)
    assert (painted.format, answer["output_format"]) == (kind.upper(), kind)
    if kind == "png":
        parameters = painted.text["parameters"]  # type: ignore[attr-defined]
    else:
        parameters = painted.getexif().get_ifd(EXIF_IFD)[USER_COMMENT].removeprefix(b"UNICODE\0").decode("utf-16-be")
    assert parameters.startswith("a fox\nSteps: 2")
    edited = await ask(http, "images/edits", form(output_format=kind))
    assert picture(edited).format == kind.upper()


async def test_compression_makes_a_file_smaller_and_a_png_has_none(http: aiohttp.ClientSession) -> None:
    async def size(**fields: Any) -> int:
        answer = await ask(http, "images/generations", {**FOX, **fields})
        return len(answer["data"][0]["b64_json"])

    for kind in ("webp", "jpeg"):
        assert await size(output_format=kind, output_compression=40) < await size(output_format=kind)
    for png in ({"output_format": "png"}, {}):
        refused = await ask(http, "images/generations", {**FOX, **png, "output_compression": 60}, 400)
        assert refusal(refused)[0] == "output_compression"
    refused = await ask(http, "images/generations", {**FOX, "output_format": "gif"}, 400)
    assert refusal(refused)[0] == "output_format"


async def test_a_picture_s_address_needs_no_key_and_no_other_address_has_it(
    http: aiohttp.ClientSession, url: str
) -> None:
    plain = await ask(http, "images/generations", {**FOX, "n": 2, "output_format": "webp"})
    answer = await ask(http, "images/generations", {**FOX, "n": 2, "output_format": "webp", "response_format": "url"})
    assert [set(each) for each in answer["data"]] == [{"url", "seed"}] * 2
    addresses = [each["url"] for each in answer["data"]]
    assert all(address.startswith(f"{url}/v1/pictures/") for address in addresses)
    async with aiohttp.ClientSession() as stranger:
        for address, each in zip(addresses, plain["data"], strict=True):
            async with stranger.get(address) as response:
                assert (response.status, response.content_type) == (200, "image/webp")
                assert await response.read() == base64.b64decode(each["b64_json"])
        bare, _, query = addresses[0].partition("?")
        other = addresses[1].partition("?")[0]
        for wrong in (bare, f"{bare}?{query}0", f"{other}?{query}", addresses[0].replace("expires=", "expires=9")):
            async with stranger.get(wrong) as response:
                assert response.status == 404
                assert (await response.json())["error"]["message"] == "This is no picture's address here."
        async with stranger.get(f"{url}/v1/models") as response:
            assert response.status == 401


async def test_a_stream_has_no_addresses(http: aiohttp.ClientSession) -> None:
    asked = {**FOX, "stream": True, "response_format": "url"}
    assert refusal(await ask(http, "images/generations", asked, 400))[0] == "response_format"


async def test_every_model_is_whole_and_found_by_its_id(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/models") as response:
        listed = await response.json()
    assert listed["object"] == "list"
    assert len({entry["id"] for entry in listed["data"]}) == len(listed["data"]) == 4
    for entry in listed["data"]:
        assert entry["object"] == "model"
        assert entry["owned_by"] == "limner"
        assert entry["created"] > 1_700_000_000
        async with http.get(f"/v1/models/{entry['id']}") as response:
            assert await response.json() == entry
    async with http.get("/v1/models/default") as response:
        assert (await response.json())["id"] == "default"
    async with http.get("/v1/models/gpt-9/x") as response:
        error = (await response.json())["error"]
    assert (response.status, error["param"], error["code"]) == (404, "model", "model_not_found")
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("alias", ALIASES)
async def test_an_alias_stands_for_the_loaded_models(http: aiohttp.ClientSession, alias: str) -> None:
    assert (await ask(http, "images/generations", {**FOX, "model": alias}))["model"] == "painter"
    assert (await chat(http, model=alias))["model"] == "planner"


@pytest.mark.parametrize(
    ("method", "path", "status", "hint"),
    [
        ("POST", "/v1/embeddings", 404, "it has /v1/chat/completions, /v1/images/generations"),
        ("POST", "/images/generations", 404, "end the base URL with /v1, for /v1/images/generations"),
        ("GET", "/models", 404, "end the base URL with /v1, for /v1/models"),
        ("GET", "/v1/chat/completions", 405, "it has /v1/chat/completions"),
        ("GET", "/", 404, "it has /v1/chat/completions"),
    ],
)
async def test_any_other_path_gets_a_sentence(
    http: aiohttp.ClientSession, method: str, path: str, status: int, hint: str
) -> None:
    async with http.request(method, path) as response:
        error = (await response.json())["error"]
    assert response.status == status
    assert error["message"].startswith(f"{method} {path} is nothing that this engine knows; ")
    assert hint in error["message"]
