"""Loads both models, warms them up, and says in one sentence why one of them cannot be loaded.

Invariant: models that leave here have worked once. Longer than 300 lines: each kind of model is loaded in one place, so
that what fails for any of them ends in the same sentences.
"""

from __future__ import annotations

import gc
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from engine.api.installation import install_command
from engine.api.light_structlog import structlog
from engine.api.messages import ChatMessage, ChatRequest, Model, ModelFacts
from engine.api.model_store import Cut, Loading, Progress
from engine.api.placement import Format
from engine.errors import LoadFailed
from engine.jobs.job import NullReporter
from engine.jobs.requests import Conversation
from engine.models.load_errors import check_folder, check_planner, load_or_explain
from engine.models.lora_files import LoraFile, Loras, Place, check_settings, loras_for
from engine.models.read_ahead import read_ahead
from engine.models.safety import DEFAULT_CHECK, Safety, load_safety, read_check
from engine.models.source import Open, Source
from engine.models.tuning import Tuning
from engine.models.upscaler_file import SETTING as UPSCALER

if TYPE_CHECKING:
    from engine.api.placement import Placement, Room
    from engine.chatting.planner import Planner
    from engine.models.device import Device
    from engine.models.fitting import Fit
    from engine.painting.painter import Painter

LORA_FAULTS = 20
"""So many are told of on the wire; the log has all."""
Check = Source | Literal["off", "unneeded"]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Models:
    """The loaded pair, how it was chosen, and the checks beside it."""

    painter: Painter
    planner: Planner
    fitted: Fit
    safety: Safety = field(default_factory=lambda: Safety("off"))
    device: str = ""
    chip: str = ""
    loaded: int = 0
    """When, in seconds since 1970."""
    seconds: float = 0.0
    """How long loading took."""

    def free_memory(self) -> None:
        """Give back what the device's allocator holds on to, after it ran out."""
        from engine.device_memory import free_caches

        free_caches()

    def memory(self) -> dict[str, int]:
        """Return bytes of the device's memory by kind; for the thread that computes."""
        from engine.device_memory import memory

        return memory()

    def describe(self) -> list[Model]:
        """Return what GET /v1/models tells of the painter and the language model, whose ids differ."""
        spec, facts = self.painter.spec, self.planner.facts
        painter = ModelFacts(
            "painter",
            sizes=spec.sizes,
            steps=spec.steps,
            guidance=spec.guidance,
            largest=spec.largest,
            reads=spec.reads,
            lacks=list(spec.lacks),
            edits_by_instruction=spec.edits_by_instruction,
            references=spec.references,
            editor=spec.editor.name if spec.editor else "",
            loras=list(spec.loras),
            upscaler=spec.upscaler.facts if spec.upscaler else None,
            lora_faults=list(spec.lora_faults[:LORA_FAULTS]),
            why=f"{self.fitted.painter.why}; {self.fitted.placement.why}",
            check=self.safety.state,
        )
        planner = ModelFacts(
            "planner",
            knows=facts.knows,
            words=facts.words,
            languages=facts.languages,
            common=facts.common,
            why=self.fitted.planner.why,
        )
        name = self.planner.name if self.planner.name != spec.name else f"{spec.name}-planner"
        return [Model(spec.name, created=self.loaded, limner=painter), Model(name, created=self.loaded, limner=planner)]


@contextmanager
def no_collections() -> Iterator[None]:
    """Keep the garbage collector from looking, again and again, through what an import makes and what stays.

    What is there at the end counts as old, so that no collection of the young ones looks through it either.
    """
    if not gc.isenabled():  # someone else's to enable
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # what others froze stays so
            gc.freeze()
            gc.unfreeze()
        gc.enable()


@no_collections()
def load(
    painter: Source,
    planner: Source,
    *,
    provenance: bool = True,
    measured: Path | None = None,
    tuning: Tuning = Tuning(),  # noqa: B008, it is frozen
    safety: Check = "off",
    guard: Source | None = None,
    report: Callable[[Loading], None] = lambda _: None,
    editor: Source | None = None,
    loras: Sequence[Place] = (),
    upscaler: Place | None = None,
) -> Models:
    """Load and warm up all, on the thread that will use them. Raises LoadFailed.

    With `provenance`, the painter's files say how they were made. `measured` remembers what was measured here. `report`
    is told how far it is. A check that cannot be loaded is no LoadFailed: the engine starts, says so, and refuses each
    request. `loras` are what the painter may paint with; it goes on without those that cannot be used, and without an
    `upscaler`, a super-resolution network, that cannot.
    """
    check_folder("painter", painter, "model_index.json")
    check_planner(planner)
    if editor is not None:
        check_folder("editor", editor, "model_index.json")
    check_settings(loras, tuning)
    # Read when torch is imported. By default idle OpenMP threads spin, and where other programs want the same cores the
    # ones with work wait for them: a starter picture took 4 to 50 s so, and 1.3 s with threads that sleep.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TQDM_DISABLE", "1")  # transformers' bar of what it unpacks, which heeds no other setting
    began = time.monotonic()
    log.info("models.loading")
    try:  # here, and not above: the engine answers /healthz before these take their seconds
        import torch

        from engine.models.device import choose_device
        from engine.models.threads import give_way, set_threads
        from engine.models.weight_formats import room_for

        device = choose_device(tuning.dtype)
        room = room_for(device, Format.FULL if loras else tuning.format)
        painter, safety = choose_checked(painter, safety, device, room)
        read_ahead([painter, *([editor] if editor else [])])  # while the libraries are imported
        if device.name == "cpu":
            give_way()  # before torch starts its threads, which inherit it
        if device.name == "cpu" or tuning.threads:
            set_threads(tuning.threads, small=painter.is_starter)
        named = [source for source in (painter, planner, editor, safety, guard) if isinstance(source, Source)]
        files = [place for place in (*loras, upscaler) if place]
        is_local = all(source.local for source in named) and not any(place.file for place in files)
        if is_local and (device.free is None or planner.open is Open.NO):
            os.environ["HF_HUB_OFFLINE"] = "1"  # read by huggingface_hub when it is imported, which is next
        quieten()
        from engine.models.fitting import fetch_loras, fit, painter_folder
    except ImportError as error:
        raise LoadFailed(f"The engine needs {error.name}, which is not installed: {install_command()}") from error
    torch.set_grad_enabled(False)  # holds for this thread alone, the only one that computes
    fetching = partial(_report_fetch, report)
    read = fetch_loras(loras, fetching)
    fitted = fit(painter, planner, device, room, fetching, editor, sum(file.numbers for file in read.files))
    usable = _usable_loras(read, painter_folder(fitted.painter), fitted.painter.name)
    report(Loading(fitted.painter.name))
    for role, source in (("painter", fitted.painter), ("language model", fitted.planner)):
        log.info("model.chosen", role=role, place=source.place, why=source.why)
    read_ahead([source for source in (fitted.planner, safety, guard) if isinstance(source, Source)])
    placement = fitted.placement
    log.info("models.placed", where=placement.where.value, weights=placement.weights.value, why=placement.why)
    warm = partial(_warm_painter, fitted, device, provenance, measured, tuning)
    painting = load_or_explain("painter", painter, partial(warm, fitted.painter, loras=usable.files))
    faults = (*(each.fault for each in usable.left_out), *painting.spec.lora_faults)
    painting.spec = replace(painting.spec, lora_faults=faults)
    if editor is not None:
        report(Loading(editor.name))
        add_editor(painting, load_or_explain("editor", editor, partial(warm, editor, edits=True)), placement)
    report(Loading(fitted.planner.name))
    planning = load_or_explain(
        "language model", fitted.planner, lambda: _warm_planner(_planner(fitted, painting, device))
    )
    checks = load_safety(safety, guard, device)
    add_upscaler(painting, upscaler, device, fetching)  # last: its tiles take what memory the others left
    for each in (painting, painting.editor):
        if each is not None:
            each.score = checks.score
    seconds = time.monotonic() - began
    return Models(painting, planning, fitted, checks, device.name, device.chip, int(time.time()), seconds)


def _usable_loras(read: Loras, folder: Path, painter: str) -> Loras:
    """Return those that fit the painter in this folder, and log why others are left out. Raises LoadFailed."""
    usable = loras_for(read, folder, painter)
    for error in usable.left_out:
        log.warning("lora.left_out", why=str(error))
    return usable


def _report_fetch(report: Callable[[Loading], None], event: Progress | Cut) -> None:
    if isinstance(event, Cut):
        log.info("model.fetch_cut", why=event.why, again_s=event.again_s)
    else:
        report(Loading(event.name, event.done, event.total))


def choose_checked(painter: Source, check: Check, device: Device, room: Room) -> tuple[Source, Check]:
    """Return the painter that suits the device, and its picture check: only the starter needs none.

    Where nothing may be fetched, another painter is taken only if its check is here too.
    """
    from engine.models.hub_cache import in_cache
    from engine.models.model_choice import choose_painter

    def is_here(name: str) -> bool:
        return in_cache(name) and (check != "unneeded" or in_cache(DEFAULT_CHECK))

    chosen = choose_painter(painter, device, room, is_here)
    return chosen, check if chosen == painter or check != "unneeded" else read_check("", chosen)


def _warm_painter(
    fitted: Fit,
    device: Device,
    provenance: bool,
    measured: Path | None,
    tuning: Tuning,
    source: Source,
    *,
    edits: bool = False,
    loras: Sequence[LoraFile] = (),
) -> Painter:
    from engine.painting.draft import Draft
    from engine.painting.painter import Painter

    painter = Painter.load(
        source,
        device,
        provenance=provenance,
        measured=measured,
        placement=fitted.placement,
        tuning=tuning,
        edits=edits,
        loras=loras,
    )
    painter.warm_up(edits=edits)
    if edits and not painter.spec.edits_by_instruction:
        raise ValueError(
            "it takes no instruction for a picture; name one that does in LIMNER_EDITOR, or leave it empty"
        )
    painter.draft = None if edits else Draft.beside(source, device)  # after the warm-up, which looks at previews
    return painter


def add_editor(painter: Painter, editor: Painter, placement: Placement) -> None:
    """Let the editor edit for the painter; where their parts take turns on the device, each waits for the other."""
    from engine.api.placement import Where
    from engine.models.model_swap import alone_on_device

    if placement.where is Where.PARTS:
        painter.use_editor(editor, partial(alone_on_device, painter.pipeline, editor.pipeline))
    else:
        painter.use_editor(editor)


def add_upscaler(
    painter: Painter, place: Place | None, device: Device, report: Callable[[Progress | Cut], None]
) -> None:
    """Let a super-resolution network enlarge the painter's pictures; without one that can be used, painting goes on."""
    from engine.models.fitting import fetch_upscaler

    try:
        file = fetch_upscaler(place, report)
        if file is not None:
            from engine.painting.upscaler import Upscaler

            source = Source(str(file.path), f"{UPSCALER} names it", local=True)
            painter.use_upscaler(load_or_explain("upscaler", source, lambda: Upscaler.load(file, device)))
    except LoadFailed as error:
        log.error("upscaler.failed", detail=str(error))
    if painter.upscaler is None and "strength" in painter.spec.lacks:
        log.info("upscaler.none", painter=painter.spec.name, remedy=f"{UPSCALER} lets Upscale enlarge its pictures")


def _planner(fitted: Fit, painter: Painter, device: Device) -> Planner:
    """Return the language model: the painter's text encoder where it is one, else one of its own."""
    from engine.api.placement import WORKING, Format, Where
    from engine.chatting.decoder import slots_that_fit
    from engine.chatting.planner import Planner
    from engine.chatting.planner_facts import PlannerFacts
    from engine.chatting.slot_forward import capture_cuda
    from engine.device_memory import spare_memory
    from engine.models.model_swap import ModelSwap
    from engine.models.placement import modules_of

    pipeline, together = painter.pipeline, fitted.placement.where is Where.TOGETHER
    if fitted.shares_encoder:
        name = f"{fitted.painter.name}/text_encoder"
        planner = Planner(pipeline.text_encoder, pipeline.tokenizer, name, PlannerFacts())
    else:
        weights = fitted.placement.weights
        planner = Planner.load(fitted.planner, device if together else replace(device, name="cpu"), weights)
    if together and device.name == "cuda":
        graphs = capture_cuda if fitted.placement.weights is Format.FULL else None  # others were never captured
        planner.use_slots(slots_that_fit(planner.model, spare_memory() - WORKING), graphs)
    if not together:
        editor = modules_of(painter.editor.pipeline) if painter.editor else []
        planner.use_swap(ModelSwap(planner.model, [*modules_of(pipeline), *editor], device.name))
    return planner


def _warm_planner(planner: Planner) -> Planner:
    request = ChatRequest([ChatMessage("user", "a boat")], max_tokens=1)
    planner.answer(Conversation(request), NullReporter())
    return planner


def quieten() -> None:
    """Keep the libraries' progress bars and advice for developers off stderr, which belongs to the log."""
    from diffusers.utils import logging as diffusers_log
    from huggingface_hub.utils import logging as hub_log
    from transformers.utils import logging as transformers_log

    hub_log.set_verbosity_error()
    warnings.simplefilter(
        "ignore", Image.DecompressionBombWarning
    )  # engine.painting.start_image refuses earlier, in its own words
    for log_of in (diffusers_log, transformers_log):
        log_of.set_verbosity_error()
        log_of.disable_progress_bar()
