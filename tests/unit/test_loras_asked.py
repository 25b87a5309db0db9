"""LoRAs that an order names: those that the engine has go to it, the others are told of."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import pytest

from bot.cli.imagine import _check_loras, _loras
from bot.domain.jobs import Job, JobState, Kind, Order, Painted, Place
from bot.domain.prompt import as_written
from bot.host.style_file import load_styles
from bot.operator_errors import CannotStart, WrongUsage
from bot.services.draw import DrawEvent, Facts, Understood, draw, read_facts
from bot.services.versions import again, refine
from bot.ui.details import details
from bot.ui.fine_print import notes
from bot.ui.i18n import SOURCE, text
from bot.ui.markdown_escape import plain
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.messages import (
    ChatRequest,
    Completed,
    ImageEvent,
    ImageRequest,
    Lora,
    LoraFacts,
    Model,
    ModelFacts,
    StartImage,
    Status,
)

JOB = Job("job", Order("a fox"), Place(1, 2, 3), 7, JobState.PAINTING, 0.0)
HAS = ModelFacts("painter", loras=[LoraFacts("Ink", ["inkwash", "bold lines"]), LoraFacts("wax")])
FACTS = read_facts([Model("sdxl", limner=HAS)])
ORDER = Order("a fox, inkwash", exact=True, loras=("ink:0.8", "wax:-0.5", "sepia:1"))


@dataclass
class Engine:
    """An engine that has these models, and keeps what it is asked for."""

    facts: ModelFacts = HAS
    asked: list[ImageRequest] = field(default_factory=list)

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        raise AssertionError

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        self.asked.append(request)
        yield Completed(b"picture")

    async def models(self) -> list[Model]:
        return [Model("sdxl", limner=self.facts)]

    async def cancel(self, key: str) -> None: ...

    async def ready(self) -> bool:
        return True

    async def status(self) -> Status:
        return Status()


async def drawn(engine: Engine, order: Order) -> list[DrawEvent]:
    return [event async for event in draw(engine, load_styles(), order, 7)]


async def test_those_that_are_there_reach_the_engine_and_the_others_are_named() -> None:
    engine = Engine()
    events = await drawn(engine, ORDER)
    assert engine.asked[0].loras == [Lora("Ink", 0.8), Lora("wax", -0.5)]
    remarks = next(event.remarks for event in events if isinstance(event, Understood))
    assert remarks.no_loras == ("sepia",)
    job = replace(JOB, order=ORDER, place=replace(JOB.place, locale=SOURCE))
    assert [line for line in notes(job, remarks) if "sepia" in line] == [
        "-# Painted without sepia: the painter has no such LoRA."
    ]


async def test_a_name_in_another_case_is_the_same_lora() -> None:
    engine = Engine()
    await drawn(engine, replace(ORDER, loras=("INK:0.5", "ink:0.8")))
    assert engine.asked[0].loras == [Lora("Ink", 0.5)]


def test_who_wrote_no_trigger_word_gets_them_all_but_not_with_exact_words() -> None:
    plain_words = replace(ORDER, words="a fox", exact=False)
    assert FACTS.with_triggers(plain_words, "a red fox") == "a red fox, inkwash, bold lines"
    assert FACTS.with_triggers(replace(plain_words, loras=("ink:0",)), "a red fox") == "a red fox"
    assert FACTS.with_triggers(replace(plain_words, exact=True), "a red fox") == "a red fox"
    assert FACTS.painted_loras(plain_words) == ["ink:0.8 (inkwash, bold lines)", "wax:-0.5", "sepia:1"]


async def test_no_other_engine_is_sent_any() -> None:
    engine = Engine(ModelFacts("painter", hosted=True))
    await drawn(engine, ORDER)
    assert engine.asked[0].loras == []


@pytest.mark.parametrize(("editor", "missing"), [("", ("sepia",)), ("klein", ("ink", "wax", "sepia"))])
def test_an_editor_beside_the_painter_has_none(editor: str, missing: tuple[str, ...]) -> None:
    facts = replace(FACTS, edits_by_instruction=True, editor=editor)
    edit = replace(ORDER, kind=Kind.REFINE, from_picture=True)
    assert facts.loras_of(edit)[1] == missing
    assert facts.loras_of(replace(edit, strength=0.5))[1] == ("sepia",)


def test_details_name_those_that_it_was_painted_with() -> None:
    job = replace(JOB, order=ORDER, painted=Painted("512x512", "sdxl", 1.0), state=JobState.DONE)
    for locale, name in (("en-US", "LoRAs"), ("zh-CN", "LoRA")):
        fields = {
            field.name: field.value
            for field in details(job, [], load_styles(), locale, 1, loras=("ink:0.8", "wax:-0.5")).fields
        }
        assert fields[name] == plain(text(locale, "status-comma").join(["ink:0.8", "wax:-0.5"]))
        assert name not in [field.name for field in details(job, [], load_styles(), locale, 1).fields]


def test_a_trigger_word_that_someone_wrote_stays_in_the_prompt() -> None:
    assert FACTS.with_triggers(ORDER, "a red fox") == "a red fox, inkwash"
    assert FACTS.with_triggers(ORDER, "an Inkwash fox") == "an Inkwash fox"
    assert FACTS.with_triggers(replace(ORDER, loras=()), "a red fox") == "a red fox"
    assert Facts("m", {}, {}).with_triggers(ORDER, "a red fox") == "a red fox"


def test_a_blocked_word_is_found_in_a_lora_s_name() -> None:
    assert "ink:0.8" in ORDER.texts()


def test_a_version_keeps_its_parent_s_loras() -> None:
    parent = replace(JOB, order=replace(ORDER, spec=as_written("a fox")), state=JobState.DONE)
    assert refine(parent, "at night").loras == again(parent).loras == ORDER.loras


def test_the_command_line_takes_names_with_weights() -> None:
    assert _loras(["ink:0.8", "My Wax", "ink:-1"]) == ["ink:-1", "My Wax:1"]
    for wrong in ("ink:9", ":0.5", "ink:strong", ""):
        with pytest.raises(WrongUsage, match="cli-lora"):
            _loras([wrong])


@pytest.mark.parametrize(("facts", "key"), [(HAS, "cli-loras-absent"), (ModelFacts("painter"), "cli-loras-none")])
async def test_the_command_line_needs_what_it_names(facts: ModelFacts, key: str) -> None:
    await _check_loras(Engine(facts), [])
    with pytest.raises(CannotStart, match=key):
        await _check_loras(Engine(facts), ["ink:1", "sepia:1"])
    if facts is HAS:
        await _check_loras(Engine(facts), ["ink:1"])
