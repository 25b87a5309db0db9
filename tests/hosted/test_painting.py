"""Pictures from services that are not Limner's, each with what it takes and nothing else."""

from __future__ import annotations

import io
import json

import aiohttp
import openai as official
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from engine.api.auto_client import AutoClient
from engine.api.dialect import image_fields
from engine.api.errors import (
    BadRequest,
)
from engine.api.messages import Completed, ImageEvent, ImageRequest, PartialImage, StartImage
from engine.api.multipart import form
from tests.engine.pictures import file
from tests.fakes import PNG
from tests.hosted.conftest import service
from tests.hosted.openai_server import B64, KEY, OpenAIServer, answer, refusing, serving

FULL = ImageRequest(
    "a red boat",
    size="1536x1024",
    seed=7,
    negative_prompt="people",
    num_inference_steps=20,
    guidance_scale=3.5,
    user="123456789012345678",
    stream=True,
    partial_images=2,
    x_progress=True,
)
GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"


async def paint(client: AutoClient, request: ImageRequest = FULL, start: StartImage | None = None) -> list[ImageEvent]:
    async with client:
        return [event async for event in client.images(request, key="j0b", start=start)]


async def test_the_official_client_is_served(openai: OpenAIServer) -> None:
    """Proof that the server speaks the published shapes: OpenAI's own client reads them."""
    async with official.AsyncOpenAI(base_url=openai.loopback, api_key=KEY, max_retries=0) as client:
        made = await client.images.generate(model="gpt-image-1", prompt="a fox", size="1024x1024")
        assert made.data
        assert made.data[0].b64_json == B64
        stream = await client.images.generate(model="gpt-image-1", prompt="a fox", stream=True, partial_images=1)
        kinds = [event.type async for event in stream]
        assert kinds == ["image_generation.partial_image", "image_generation.completed"]
        said = await client.chat.completions.create(model="gpt-4.1-mini", messages=[{"role": "user", "content": "hi"}])
        assert said.choices[0].message.content == openai.content
        with pytest.raises(official.BadRequestError, match="Unknown parameter: 'seed'"):
            await client.images.generate(model="gpt-image-1", prompt="a fox", extra_body={"seed": 1})


async def test_gpt_image_streams_previews(openai: OpenAIServer) -> None:
    first, second, done = await paint(service(openai.url))
    assert isinstance(first, PartialImage)
    assert isinstance(second, PartialImage)
    assert isinstance(done, Completed)
    assert (done.b64_json, done.size, done.index) == (PNG, "1536x1024", 0)
    [sent] = openai.requests
    assert sent.fields == {
        "model": "gpt-image-1",
        "prompt": "a red boat\nLeave out: people",
        "n": 1,
        "size": "1536x1024",
        "stream": True,
        "partial_images": 2,
    }
    assert sent.headers["Authorization"] == f"Bearer {KEY}"
    assert "Idempotency-Key" not in sent.headers


async def test_several_pictures_are_asked_for_without_streaming(openai: OpenAIServer) -> None:
    pictures = await paint(service(openai.url), ImageRequest("a fox", n=3, stream=True, partial_images=1))
    assert [picture.index for picture in pictures if isinstance(picture, Completed)] == [0, 1, 2]
    [sent] = openai.requests
    assert sent.fields == {"model": "gpt-image-1", "prompt": "a fox", "n": 3}


async def test_dall_e_3_paints_one_at_a_time(openai: OpenAIServer) -> None:
    pictures = await paint(service(openai.url, "dall-e-3"), ImageRequest("a fox", n=3, size="1344x768", stream=True))
    assert [picture.index for picture in pictures if isinstance(picture, Completed)] == [0, 1, 2]
    assert [picture.size for picture in pictures if isinstance(picture, Completed)] == ["1792x1024"] * 3
    fields = {"model": "dall-e-3", "prompt": "a fox", "n": 1, "size": "1792x1024", "response_format": "b64_json"}
    assert [sent.fields for sent in openai.requests] == [fields] * 3


async def test_a_tolerant_server_gets_all_that_was_asked(vllm: OpenAIServer) -> None:
    [done] = await paint(service(vllm.url, painter=""))
    assert isinstance(done, Completed)
    assert done.size == "1536x1024"
    [sent] = vllm.requests
    assert sent.fields == {
        "model": "the-only-one",
        "prompt": "a red boat",
        "n": 1,
        "size": "1536x1024",
        "seed": 7,
        "negative_prompt": "people",
        "num_inference_steps": 20,
        "guidance_scale": 3.5,
        "response_format": "b64_json",
    }


async def test_fewer_pictures_than_asked_for_are_made_up_for_with_new_seeds(vllm: OpenAIServer) -> None:
    vllm.next = [answer({"created": 1, "data": [{"b64_json": B64}]})]
    pictures = await paint(service(vllm.url, "m"), ImageRequest("a fox", n=3, seed=5))
    assert [picture.index for picture in pictures if isinstance(picture, Completed)] == [0, 1, 2]
    assert [(sent.fields["n"], sent.fields["seed"]) for sent in vllm.requests] == [(3, 5), (2, 6)]


async def test_what_a_service_refuses_is_left_out_and_remembered(vllm: OpenAIServer) -> None:
    extra = {"detail": [{"type": "extra_forbidden", "loc": ["body", "guidance_scale"], "msg": "Extra inputs"}]}
    vllm.next = [
        refusing("Unknown parameter: 'seed'."),
        answer(extra, 422),
        answer({"error": {"message": "negative_prompt is not supported by this pipeline", "code": 400}}, 400),
    ]
    client = service(vllm.url, "m")
    async with client:
        for _ in range(2):
            assert [event async for event in client.images(FULL)]
        [painter, _] = await client.models()
    assert len(vllm.requests) == 5
    for sent in vllm.requests[3:]:
        assert not {"seed", "guidance_scale", "negative_prompt"} & set(sent.fields)
        assert sent.fields["num_inference_steps"] == 20
        assert sent.fields["prompt"] == "a red boat\nLeave out: people"
    assert painter.limner
    assert painter.limner.lacks == ["seed", "progress", "preview", "negative", "guidance"]


async def test_a_size_that_is_refused_is_left_out_this_once(vllm: OpenAIServer) -> None:
    body = {"message": "Invalid value: '1536x1024'.", "param": "size", "code": "invalid_value"}
    vllm.next = [answer({"error": body}, 400)]
    client = service(vllm.url, "m")
    async with client:
        for _ in range(2):
            assert [event async for event in client.images(FULL)]
    assert ["size" in sent.fields for sent in vllm.requests] == [True, False, True]


async def test_refusals_without_end_end(vllm: OpenAIServer) -> None:
    vllm.next = [refusing("Unknown parameter: 'seed'.")] * 50
    with pytest.raises(BadRequest, match="seed"):
        await paint(service(vllm.url, "m"))
    assert len(vllm.requests) == 2, "what is not in the request cannot be left out of it"


async def test_streaming_that_an_account_may_not_use_is_left_out(openai: OpenAIServer) -> None:
    told = "Your organization must be verified to stream this model."
    openai.next = [answer({"error": {"message": told, "param": "stream", "code": "unsupported_value"}}, 400)]
    [done] = await paint(service(openai.url))
    assert isinstance(done, Completed)


@pytest.mark.parametrize(("name", "stream"), [("gpt-image-1", True), ("gpt-image-1", False), ("dall-e-2", False)])
async def test_a_start_image_is_sent_as_a_form(openai: OpenAIServer, name: str, stream: bool) -> None:
    request = ImageRequest("night", size="1024x1024", seed=3, stream=stream, partial_images=1 if stream else 0)
    events = await paint(service(openai.url, name), request, StartImage(PNG, strength=0.5, mask=PNG))
    assert len(events) == (2 if stream else 1)
    assert isinstance(events[-1], Completed)
    [sent] = openai.sent(EDITS)
    assert sent.files == {"image": [("image.png", "image/png", PNG)], "mask": [("mask.png", "image/png", PNG)]}
    assert set(sent.fields) <= {"model", "prompt", "n", "size", "stream", "partial_images", "response_format"}


async def test_several_pictures_are_sent_as_an_array_in_their_order(openai: OpenAIServer) -> None:
    hat, coat = file(Image.new("RGB", (9, 9), "red")), file(Image.new("RGB", (9, 9), "blue"), "WEBP")
    request = ImageRequest("Put the hat of the second picture on the boat.", size="1024x1024", seed=3)
    [done] = await paint(service(openai.url), request, StartImage(PNG, references=(hat, coat)))
    assert isinstance(done, Completed)
    [sent] = openai.sent(EDITS)
    assert sent.fields == {"model": "gpt-image-1", "prompt": request.prompt, "n": "1", "size": "1024x1024"}
    assert sent.files == {
        "image[]": [
            ("image.png", "image/png", PNG), ("image.png", "image/png", hat), ("image.webp", "image/webp", coat)
        ]
    }  # fmt: skip
    assert openai.refusals == []


IMAGE = ("image", PNG)


@pytest.mark.parametrize(
    ("fields", "files", "told"),
    [
        ({"strength": 0.5}, [IMAGE], "Unknown parameter: 'strength'."),
        ({"seed": 1}, [IMAGE], "Unknown parameter: 'seed'."),
        ({}, [("image2", PNG), IMAGE], "Unknown parameter: 'image2'."),
        ({}, [IMAGE, IMAGE], "Duplicate parameter: 'image'."),
        ({}, [IMAGE, ("image[]", PNG)], "both 'image' and 'image[]'"),
        ({}, [("image[]", PNG)] * 17, "at most 16"),
        ({}, [("image", b"GIF89a")], "unsupported mimetype"),
        ({}, [("mask", PNG)], "Missing required parameter: 'image'."),
        ({"n": 2, "stream": True}, [IMAGE], "only supported with n=1"),
        ({"size": "1344x768"}, [IMAGE], "Invalid value: '1344x768'"),
    ],
)
async def test_the_service_refuses_a_form_that_is_not_as_it_takes_it(
    openai: OpenAIServer, fields: dict[str, object], files: list[tuple[str, bytes]], told: str
) -> None:
    body = form({"model": "gpt-image-1", "prompt": "a fox", **fields}, files)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{openai.loopback}/images/edits", data=body) as answered,
    ):
        assert answered.status == 400
        assert told in (await answered.json())["error"]["message"]


def test_further_pictures_are_sent_where_the_model_looks_at_them() -> None:
    request, hat = ImageRequest("put this hat on him"), PNG + b"hat"
    start = StartImage(PNG, references=(hat,))
    _, files = image_fields(request, "gpt-image-1", start, str, ())
    assert [name for name, _ in files] == ["image[]", "image[]"]
    _, files = image_fields(request, "gpt-image-1", StartImage(PNG), str, ())
    assert [name for name, _ in files] == ["image"]
    for name, references, most in (
        ("dall-e-2", (hat,), 1),
        ("flux-kontext", (hat,), 1),
        ("gpt-image-1", (hat,) * 4, 4),
    ):
        with pytest.raises(BadRequest, match=f"takes {most} pictures at most"):
            image_fields(request, name, StartImage(PNG, references=references), str, ())


async def test_what_cannot_be_done_at_all_is_said(openai: OpenAIServer) -> None:
    with pytest.raises(BadRequest, match="not offered"):
        await paint(service(openai.url), ImageRequest("a fox", model="dall-e-3"))
    with pytest.raises(BadRequest, match="cannot start from a picture"):
        await paint(service(openai.url, "dall-e-3"), FULL, StartImage(PNG))
    with pytest.raises(BadRequest, match="LIMNER_MODEL"):
        await paint(service(openai.url, painter=""))
    with pytest.raises(BadRequest, match="Nothing is left"):
        await paint(service(openai.url), ImageRequest("<@123456789012345678>"))
    assert openai.requests == []


async def test_nothing_that_points_to_a_person_leaves(openai: OpenAIServer) -> None:
    words = "draw <@123456789012345678> 234567890123456789, mail ada@example.com or ring +49 30 12345678"
    request = ImageRequest(words, negative_prompt=words, user="123456789012345678")
    await paint(service(openai.url), request)
    written = io.BytesIO()
    words_within = PngInfo()
    words_within.add_text("prompt", words)
    Image.new("RGB", (8, 8)).save(written, "PNG", pnginfo=words_within)
    await paint(service(openai.url), request, StartImage(written.getvalue()))
    [(_, _, picture)] = openai.sent(EDITS)[0].files["image"]
    assert b"example" not in picture
    assert Image.open(io.BytesIO(picture)).size == (8, 8)
    for sent in openai.requests:
        prompt = sent.fields["prompt"]
        assert prompt == "draw , mail or ring\nLeave out: draw , mail or ring"
        assert "123456789" not in json.dumps([sent.fields, {**sent.headers, "Authorization": ""}])
        assert "user" not in sent.fields


async def test_on_this_machine_words_stay_as_they_are(vllm: OpenAIServer) -> None:
    client = service(vllm.loopback, "m")
    async with client:
        assert [event async for event in client.images(ImageRequest("mail ada@example.com"))]
        models = await client.models()
    assert vllm.requests[0].fields["prompt"] == "mail ada@example.com"
    assert [model.limner.hosted for model in models if model.limner] == [False, False]


async def test_facts_are_the_services_own() -> None:
    async with serving(OpenAIServer()) as server:
        facts = {}
        for name in ("gpt-image-1", "dall-e-3", "dall-e-2", "flux-dev"):
            async with service(server.url, name) as client:
                [painter, planner] = await client.models()
                assert painter.limner
                assert planner.limner
                assert (painter.id, painter.owned_by, planner.id) == (name, "0.0.0.0", "gpt-4.1-mini")
                assert (painter.limner.hosted, planner.limner.hosted) == (True, True)
                assert (painter.limner.kind, planner.limner.kind) == ("painter", "planner")
                facts[name] = painter.limner
    assert facts["gpt-image-1"].sizes["landscape"] == "1536x1024"
    assert facts["gpt-image-1"].largest == 1536
    assert facts["gpt-image-1"].lacks == ["seed", "progress", "negative", "steps", "guidance", "strength"]
    assert facts["dall-e-3"].sizes["landscape"] == "1792x1024"
    assert {"preview", "start", "mask"} <= set(facts["dall-e-3"].lacks)
    assert facts["dall-e-2"].sizes == {"square": "1024x1024"}
    assert facts["flux-dev"].lacks == ["progress", "preview"]
    assert facts["flux-dev"].largest is None


DATA = f"data:image/png;base64,{B64}"


@pytest.mark.parametrize(
    "held",
    [
        {"b64_json": DATA},
        {"url": DATA},
        {"b64_json": None, "url": DATA},
        {"b64_json": "", "url": f"DATA:image/webp;charset=utf-8;base64,{B64}"},
        {"b64_json": B64, "url": "https://pictures.example/1.png"},
    ],
)
async def test_a_picture_in_a_data_address_is_taken(openai: OpenAIServer, held: dict[str, str | None]) -> None:
    plain = {"created": None, "data": [held], "size": None, "usage": None, "output_format": None}
    events = [{"type": f"{family}.completed", **held} for family in ("image_generation", "image_edit")]
    streams = [f"data: {json.dumps(event)}\n\n" for event in events]
    for given in (answer(plain), *(answer(stream, kind="text/event-stream") for stream in streams)):
        openai.next = [given]
        (done,) = await paint(service(openai.url))
        assert isinstance(done, Completed)
        assert done.b64_json == PNG
    assert {sent.path for sent in openai.requests} == {GENERATIONS}, "nothing is fetched"
