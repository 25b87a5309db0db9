"""OpenAI's clients for Python and Node, LiteLLM, and Open WebUI's requests: they work against the engine unchanged."""

from __future__ import annotations

import base64
import json
import urllib.request
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tests.clients.conftest import ALIASES, Run
from tests.engine.conftest import KEY
from tests.engine.pictures import drawing, file, opened

pytestmark = pytest.mark.clients


@pytest.mark.parametrize("name", ["chat.py", "chat.mjs", "stream.mjs"])
def test_a_chat_is_answered(run: Run, name: str) -> None:
    assert len(run(name)) > 2


def test_a_stream_tells_what_it_took(run: Run) -> None:
    assert run("stream.py").endswith(" tokens\n")


@pytest.mark.parametrize(
    ("name", "picture", "kind"),
    [
        ("picture.py", "otter.webp", "WEBP"),
        ("picture.mjs", "otter.jpg", "JPEG"),
        ("picture_stream.mjs", "river.png", "PNG"),
        ("litellm_client.py", "otter.png", "PNG"),
        ("edit.py", "night.png", "PNG"),
        ("edit.mjs", "night.png", "PNG"),
    ],
)
def test_a_picture_is_a_file_of_its_format(run: Run, tmp_path: Path, name: str, picture: str, kind: str) -> None:
    printed = run(name)
    assert printed or not name.startswith("litellm"), "it chats first"
    with Image.open(tmp_path / picture) as image:
        assert (image.format, image.size) == (kind, (64, 64))
        image.load()


def test_an_address_is_fetched_without_a_key(run: Run) -> None:
    with urllib.request.urlopen(run("address.py").strip()) as answer:
        assert opened(answer.read()).size == (64, 64)


def test_every_model_is_found_by_its_id(run: Run) -> None:
    found = [json.loads(line) for line in run("models.py").splitlines()]
    assert [model["id"] for model in found] == ["painter", "planner", *ALIASES.split(", ")]
    assert all(model["object"] == "model" and model["created"] and model["owned_by"] for model in found)


def test_a_tool_is_refused_by_its_field(run: Run) -> None:
    assert run("refused.py") == "tools\n"


# Open WebUI's requests, as its router of images sends them (backend/open_webui/routers/images.py).


async def webui(address: str, path: str, **sent: Any) -> list[Image.Image]:
    headers = {"Authorization": f"Bearer {KEY}", "X-OpenWebUI-User-Name": "Ada", "X-OpenWebUI-User-Id": "1"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{address}/images/{path}?api-version=2025-04-01", headers=headers, **sent) as response,
    ):
        response.raise_for_status()
        answer = await response.json(content_type=None)
    return [opened(base64.b64decode(image["b64_json"])) for image in answer["data"]]


@pytest.mark.parametrize("more", [{"response_format": "b64_json", "size": "64x64"}, {"size": "auto"}, {}])
async def test_open_webui_paints(address: str, more: dict[str, str]) -> None:
    sent = {"model": "gpt-image-1", "prompt": "a lighthouse", "n": 2, **more}
    assert [picture.size for picture in await webui(address, "generations", json=sent)] == [(64, 64)] * 2


@pytest.mark.parametrize("name", ["image", "image[]"])
async def test_open_webui_edits(address: str, name: str) -> None:
    form = aiohttp.FormData()
    for field, value in {"model": "gpt-image-1", "prompt": "make it night", "n": 1, "size": "64x64"}.items():
        form.add_field(field, str(value))
    form.add_field("response_format", "b64_json")
    form.add_field(name, file(drawing()), filename="image.png", content_type="image/png")
    assert [picture.size for picture in await webui(address, "edits", data=form)] == [(64, 64)]
