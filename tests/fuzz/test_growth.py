"""Whatever is read of strangers takes time that grows as its size does; what once did not is kept in corpus/.

`make fuzz` tries more units than are kept: print what fails, mend it, and add its unit to the target's file.
"""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from hypothesis import given

from bot.sandbox.discord_json import guild_create
from bot.storage.backup_file import NewerBackup, NotABackup, read_archive
from bot.ui.gateway_events import forgive, slim
from bot.ui.modals import answers
from bot.understanding.notation import read_notation
from bot.understanding.prompt_spec import AnswerInvalid, read_answer
from bot.workers import picture_decoder
from engine.api.errors import BadRequest, EngineError, from_wire
from engine.api.image_events import image_events
from engine.api.messages import ChatRequest, ImageRequest, JsonSchema, ResponseFormat
from engine.api.openai_fields import IMAGES
from engine.api.png_stripping import strip_metadata
from engine.chatting.grammar import GrammarCompiler
from engine.http.edit_form import read_edit_form
from engine.http.field_tables import settle, settle_chat
from engine.http.request_body import read_json
from engine.painting.start_image import read_picture
from tests.fuzz.effort import fuzz
from tests.fuzz.files import WHOLE
from tests.fuzz.growth import CORPUS, Superlinear, Target, around, assert_linear, kept, repeated, whole
from tests.fuzz.pieces import units
from tests.fuzz.test_engine_requests import request
from tests.fuzz.test_events import response
from tests.pictures import chunk

pytestmark = pytest.mark.filterwarnings("ignore")  # of damaged EXIF

FOLDER = TemporaryDirectory(prefix="limner-growth-")
PNG = WHOLE["png"]
HEAD = PNG[: PNG.index(b"IDAT") - 4]
"""A PNG up to its pixels."""
JPEG = WHOLE["jpeg"]


def waited(read: Callable[[bytes], Any]) -> Callable[[bytes], object]:
    return lambda data: asyncio.run(read(data))


async def sent(data: bytes) -> None:
    """Read a stream of events as it came, in pieces of a packet's size."""
    pieces = [data[at : at + 1_400] for at in range(0, len(data), 1_400)]
    async for _ in image_events(response(pieces, "text/event-stream"), "64x64", from_wire, commented=True):
        pass


async def compiled(data: bytes) -> None:
    schema = json.loads(data)
    await GrammarCompiler().compile(ResponseFormat("json_schema", JsonSchema("x", schema)))


async def edited(data: bytes) -> None:
    await read_edit_form(request([data[at : at + 65_536] for at in range(0, len(data), 65_536)], FORM))


def answered(data: bytes) -> object:
    return read_answer(data.decode(errors="replace"), "a boat")


FORM = "multipart/form-data; boundary=x"


def as_form(data: bytes) -> object:
    return answers(SimpleNamespace(data=json.loads(data)))  # type: ignore[arg-type]


def restored(data: bytes) -> object:
    path, target = Path(FOLDER.name, "archive"), Path(FOLDER.name, "restored")
    target.unlink(missing_ok=True)
    path.write_bytes(data)
    return read_archive(path, target)


def archive(unit: bytes, size: int) -> bytes:
    """A tar whose first entry's PAX headers repeat the unit as a value, or whose entries bear it as a name."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        if unit.startswith(b"name:"):
            for number in range(size // 512):
                tar.addfile(tarfile.TarInfo(f"{unit[5:].decode('latin-1')}{number}"))
        else:
            entry = tarfile.TarInfo("manifest.json")
            entry.pax_headers = {f"k{number}": unit.decode("latin-1") for number in range(size // (len(unit) + 12))}
            tar.addfile(entry)
    return made.getvalue()


def gateway(name: str, data: bytes) -> discord.Client:
    """Give discord.py an event as the client has it read."""
    client = discord.Client(intents=discord.Intents.default())
    client._connection.user = SimpleNamespace(id=1)  # type: ignore[assignment]
    slim(client)
    forgive(client)
    client._connection.parsers[name](json.loads(data))
    return client


SERVER = json.dumps(guild_create("en")).encode()
MESSAGE = json.dumps({
    "id": "5", "channel_id": "3", "author": {"id": "4", "username": "u", "discriminator": "0", "avatar": None},
    "type": 0, "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False,
    "mention_everyone": False, "pinned": False, "content": "x", "mentions": [], "mention_roles": [], "attachments": [],
    "embeds": [], "components": [],
}).encode()  # fmt: skip


def event(start: bytes) -> Callable[[bytes, int], bytes]:
    """An event with a list that repeats the unit: `name|item`, where # in the item counts."""

    def made(unit: bytes, size: int) -> bytes:
        name, item = unit.split(b"|", 1)
        items = b",".join(item.replace(b"#", b"%d" % number) for number in range(1, max(2, size // len(item))))
        return start[:-1] + b',"%s":[' % name + items + b"]}"

    return made


def picture(kind: str) -> Callable[[bytes, int], bytes]:
    """A picture with chunks, or segments, before its pixels: `type|contents`."""

    def made(unit: bytes, size: int) -> bytes:
        name, contents = unit.split(b"|", 1)
        if kind == "png":
            one = chunk(name, contents)
            return HEAD + one * (size // len(one)) + PNG[len(HEAD) :]
        one = b"\xff" + name + (len(contents) + 2).to_bytes(2, "big") + contents
        return JPEG[:2] + one * (size // len(one)) + JPEG[2:]

    return made


def within(before: bytes, after: bytes) -> Callable[[bytes, int], bytes]:
    return lambda unit, size: before + repeated(unit, size) + after


def schema(unit: bytes, size: int) -> bytes:
    """A schema with a list (`allOf`, `enum`) or with properties: `name|item`, where # in the item counts."""
    name, item = unit.split(b"|", 1)
    items = [item.replace(b"#", b"%d" % number) for number in range(max(1, size // len(item)))]
    if name == b"properties":
        return b'{"type":"object","properties":{' + b",".join(items) + b"}}"
    return b'{"%s":[' % name + b",".join(items) + b"]}"


TARGETS: dict[str, Target] = {
    "png": Target(picture_decoder.clean, picture("png"), 8_000, (picture_decoder.Refused,)),
    "png of the engine": Target(partial(read_picture, shrink_to=64), picture("png"), 8_000, (BadRequest,)),
    "jpeg": Target(picture_decoder.clean, picture("jpeg"), 8_000, (picture_decoder.Refused,)),
    "png without metadata": Target(strip_metadata, picture("png"), 8_000),
    "image request": Target(
        waited(lambda data: read_json(request([data]), ImageRequest, partial(settle, table=IMAGES))),
        within(b'{"prompt":"a",', b'"x":1}'),
        4_000,
        (BadRequest,),
    ),
    "chat request": Target(
        waited(lambda data: read_json(request([data]), ChatRequest, settle_chat)),
        around(b'{"messages":[', b"]}", b","),
        4_000,
        (BadRequest,),
    ),
    "form": Target(waited(edited), around(b"", b"--x--\r\n"), 4_000, (BadRequest,)),
    "modal": Target(
        as_form, around(b'{"custom_id":"x","components":[', b"]}", b","), 4_000, (ValueError, RecursionError)
    ),
    "backup": Target(restored, archive, 8_000, (NotABackup, NewerBackup)),
    "server event": Target(partial(gateway, "GUILD_CREATE"), event(SERVER), 4_000),
    "message event": Target(partial(gateway, "MESSAGE_CREATE"), event(MESSAGE), 4_000),
    "stream": Target(waited(sent), whole, 8_000, (EngineError,)),
    "notation": Target(lambda data: read_notation(data.decode(errors="replace")), within(b"a boat ", b" x"), 1_000),
    "answer": Target(
        lambda data: read_answer(data.decode(errors="replace"), "a boat"), repeated, 4_000, (AnswerInvalid,)
    ),
    "grammar": Target(waited(compiled), schema, 250, (BadRequest,), children=True),
}
SLOW = ("grammar",)
TEXTS = ("notation", "answer", "stream", "image request")


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in SLOW])
def test_what_is_kept_takes_time_as_its_size(name: str) -> None:
    for unit in kept(name):
        assert_linear(TARGETS[name], unit)


@pytest.mark.full
@pytest.mark.parametrize("name", SLOW)
def test_what_processes_read_takes_time_as_its_size(name: str) -> None:
    for unit in kept(name):
        assert_linear(TARGETS[name], unit)


@pytest.mark.parametrize("name", TEXTS)
@given(unit=units)
@fuzz(5)
def test_no_unit_takes_more_time_than_its_size(name: str, unit: str) -> None:
    assert_linear(TARGETS[name], unit.encode("utf-8", "surrogatepass"))


def test_events_are_read_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Else the time of their lists would be that of a refusal."""
    client = gateway("GUILD_CREATE", TARGETS["server event"].made(kept("server event")[0], 2_000))
    assert len(client.guilds[0].channels) > 5
    gateway("MESSAGE_CREATE", TARGETS["message event"].made(kept("message event")[0], 2_000))
    assert "event_unreadable" not in capsys.readouterr().out


def test_each_target_has_a_corpus() -> None:
    assert {file.stem for file in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_the_square_of_a_size_is_seen(power: float) -> None:
    def busy(data: bytes) -> None:
        for _ in range(int(len(data) ** power / (1 if power == 1 else 100))):
            pass

    target = Target(busy, repeated, 20_000 if power == 1 else 1_000)
    if power == 1:
        assert_linear(target, b"x")
    else:
        with pytest.raises(Superlinear):
            assert_linear(target, b"x")
