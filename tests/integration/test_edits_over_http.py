"""Words on Discord become a pipeline's call: the bot, its client, the engine's socket and a real pipeline between.

Only the language model is scripted, so that what it says can be looked for where the pipeline is called.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio
from PIL import Image

from bot.client import LimnerBot
from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, JobState
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.storage.database import Database
from bot.ui.i18n import text
from engine.chatting.planner_facts import PlannerFacts
from engine.jobs.job import Reporter
from engine.jobs.requests import Answer, Conversation, Delta
from engine.loading import Models
from harness import tiny_pipelines as tiny
from tests.engine.fakes import running
from tests.engine.pictures import drawing, file, opened
from tests.engine.test_editors import SIDE, little, loaded
from tests.fakes import FakeClock
from tests.integration import conftest
from tests.integration.conftest import SimCordCdn, World, adapters

__all__ = ["little"]
FAMILIES = {"klein": ("klein", ""), "kontext": ("kontext", ""), "qwen-edit": ("sdxl", "qwen-edit"),
            "qwen-edit-plus": ("sdxl", "qwen-edit-plus"), "sdxl": ("sdxl", "")}  # fmt: skip
"""Painters, each with the editor beside it."""
LOOKS_AT = {"klein": 4, "kontext": 1, "qwen-edit": 1, "qwen-edit-plus": 3}
SCENE = "a red boat on a calm lake"
PHOTO, HAT, COAT = (file(Image.new("RGB", (SIDE, SIDE), colour)) for colour in ("orange", "purple", "grey"))


@dataclass
class Scripted:
    """A language model that says of every request what `says` is."""

    says: dict[str, Any] = field(default_factory=dict)
    name = "scripted"
    slots = 1
    facts = PlannerFacts()

    def answer(self, work: Conversation, reporter: Reporter) -> None:
        written = json.dumps({"understood": "so", "keywords": [], "negative": "", "prompt": SCENE, **self.says})
        reporter.tell(Delta(written))
        reporter.tell(Answer(written, "stop", 1, 1))


@dataclass
class Studio:
    """What is behind the socket: the language model, and the calls of the pipelines as they came."""

    family: str
    planner: Scripted = field(default_factory=Scripted)
    calls: list[dict[str, Any]] = field(default_factory=list)

    def load(self, folder: Path, seen: Callable[[type], None]) -> Models:
        painter, editor = FAMILIES[self.family]
        loads = [loaded(tiny.save_painter(folder / painter, painter))]
        if editor:
            loads.append(loaded(tiny.save_painter(folder / editor, editor), edits=True))
            loads[0].use_editor(loads[1])
        vars(loads[0])["measure"] = lambda is_idle: None  # idle, it would call the pipelines too
        for kind in {type(one) for each in loads for one in (each.pipeline, each.pipelines.image_to_image)}:
            seen(kind)
        why = SimpleNamespace(why="")
        fitted = SimpleNamespace(painter=why, planner=why, placement=why)
        return Models(loads[0], cast("Any", self.planner), cast("Any", fitted))

    def pictures(self) -> list[bytes]:
        """Return the pixels of the pictures of the last call, in their order."""
        given = self.calls[-1].get("image")
        given = given if isinstance(given, list) else [] if given is None else [given]
        return [picture.convert("RGB").tobytes() for picture in given]

    @property
    def prompt(self) -> str:
        return str(self.calls[-1]["prompt"])


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


@pytest.fixture
def studio(request: pytest.FixtureRequest) -> Studio:
    return Studio(request.param)


@pytest_asyncio.fixture
async def simcord_bot(
    studio: Studio, database: Database, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, little: None
) -> AsyncIterator[LimnerBot]:
    def watch(kind: Any) -> None:
        real = kind.__call__

        def call(self: Any, *args: Any, **options: Any) -> Any:
            studio.calls.append(options)
            return real(self, *args, **options)

        call.__signature__ = inspect.signature(real)  # type: ignore[attr-defined]
        monkeypatch.setattr(kind, "__call__", call)

    async with running(real=lambda: studio.load(tmp_path, watch)) as engine, engine.client() as client:
        cdn = SimCordCdn()
        cdn.client = LimnerBot(adapters(client, database, clock, cdn))
        cdn.client.shard_count = 1  # SimCord must be told
        yield cdn.client


async def painted(world: World) -> Job:
    """Return the newest message's job once its picture is there."""
    async with asyncio.timeout(20):
        while True:
            await world.env.settle()
            job = await world.jobs.by_message(world.message.id)
            if job and job.state is JobState.DONE:
                return job
            await asyncio.sleep(0.01)


async def pixels(world: World, job: Job) -> bytes:
    return opened(await (await world.find(job)).attachments[0].read()).convert("RGB").tobytes()


def of(*files: bytes) -> list[bytes]:
    return [opened(one).convert("RGB").tobytes() for one in files]


def to_do(studio: Studio, instruction: str) -> str:
    """Let the language model call the next words a change, by this instruction."""
    studio.planner.says = {"kind": "change", "version": None, "picture": None, "instruction": instruction}
    return instruction


async def parent_of(world: World, studio: Studio) -> tuple[Job, Any, bytes]:
    """Draw a picture from words; return its job, its message and its pixels."""
    await world.bot.services.catalog.refresh()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, steps=2)
    parent = await painted(world)
    assert (studio.prompt, studio.pictures()) == (SCENE, [])
    return parent, await world.find(parent), await pixels(world, parent)


@pytest.mark.parametrize(
    "studio", ["klein", "kontext", "qwen-edit-plus", pytest.param("qwen-edit", marks=pytest.mark.full)], indirect=True
)
async def test_each_way_calls_the_editing_pipeline_with_the_instruction_and_the_pictures(
    world: World, studio: Studio
) -> None:
    parent, message, shown = await parent_of(world, studio)

    do = to_do(studio, "Make it night; keep the boat.")
    await world.ada.send(world.channel, "make it night", reply_to=message)
    night = await painted(world)
    assert (studio.prompt, studio.pictures()) == (do, [shown])

    world.env.backend.advance_clock(SAME_S)
    await world.ada.click(await world.find(night), label="Again")
    again = await painted(world)
    assert (again.parent_id, studio.prompt, studio.pictures()) == (night.id, do, [shown])

    do = to_do(studio, "Add snow to the shore.")
    form = await world.ada.click(message, label="Refine")
    await world.ada.submit_modal(form, {"words": "some snow"})
    assert ((await painted(world)).parent_id, studio.prompt, studio.pictures()) == (parent.id, do, [shown])

    do = to_do(studio, "Turn it into a watercolor.")
    form = await world.ada.context_menu(world.channel, "Start from this picture", message)
    await world.ada.submit_modal(form, {"words": "as a watercolor"})
    await painted(world)
    assert (studio.prompt, studio.pictures()) == (do, [shown])

    photo = await world.ada.send(world.channel, "me", attachments=[("me.png", PHOTO)])
    do = to_do(studio, "Turn the person into a knight.")
    form = await world.ada.context_menu(world.channel, "Start from this picture", photo)
    await world.ada.submit_modal(form, {"words": "as a knight"})
    await painted(world)
    assert (studio.prompt, studio.pictures()) == (do, of(PHOTO))

    do = to_do(studio, "Put the person on the moon.")
    await world.ada.slash(world.channel, "imagine", prompt="me on the moon", image=("me.png", PHOTO), steps=2)
    await painted(world)
    assert (studio.prompt, studio.pictures()) == (do, of(PHOTO))

    await several(world, studio, message, shown)


async def several(world: World, studio: Studio, message: Any, shown: bytes) -> None:
    """More pictures by options and by a reply: all of them where the pipeline looks at them, else a sentence."""
    many = {"image": ("me.png", PHOTO), "image2": ("hat.png", HAT), "image3": ("coat.png", COAT)}
    do = to_do(studio, "Dress the person in the second and third picture's clothes.")
    calls, used = len(studio.calls), await world.used(world.ada)
    asked = await world.ada.slash(world.channel, "imagine", prompt="me with these on", steps=2, **many)
    if LOOKS_AT[studio.family] == 1:
        refused = text("en", "refused-too-many-pictures", most=1)
        assert asked.response.content == refused
        await world.ada.send(world.channel, "put this on", reply_to=message, attachments=[("hat.png", HAT)])
        assert world.message.content == refused
        assert (len(studio.calls), await world.used(world.ada)) == (calls, used)
        return
    await painted(world)
    assert (studio.prompt, studio.pictures()) == (do, of(PHOTO, HAT, COAT))
    do = to_do(studio, "Put the hat of the second picture on the boat.")
    await world.ada.send(world.channel, "put this on", reply_to=message, attachments=[("hat.png", HAT)])
    await painted(world)
    assert (studio.prompt, studio.pictures()) == (do, [shown, *of(HAT)])


@pytest.mark.parametrize("studio", ["sdxl"], indirect=True)
async def test_a_painter_of_descriptions_gets_them_and_a_strength_as_before(world: World, studio: Studio) -> None:
    _, message, _ = await parent_of(world, studio)
    to_do(studio, "Make it night; keep the boat.")
    studio.planner.says["prompt"] = night = "a red boat on a calm lake at night"
    await world.ada.send(world.channel, "make it night", reply_to=message)
    await painted(world)
    assert (studio.prompt, studio.pictures()) == (night, [])
    form = await world.ada.click(message, label="Refine")
    await world.ada.submit_modal(form, {"words": "make it night"})
    await painted(world)
    assert (studio.prompt, studio.pictures()) == (night, [])
    photo = file(drawing((SIDE, SIDE)))
    await world.ada.slash(
        world.channel, "imagine", prompt="a boat at night", image=("me.png", photo), strength=0.8, steps=5
    )
    await painted(world)
    assert (studio.prompt, studio.pictures()) == (night, of(photo))
    assert studio.calls[-1]["strength"] == pytest.approx(0.8, abs=1e-5)
