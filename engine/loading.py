"""Loads both models, warms them up, and says in one sentence why one of them cannot be loaded.

Invariant: models that leave here have worked once.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import structlog
from PIL import Image

from engine.api.messages import ChatMessage, ChatRequest, Model, ModelFacts
from engine.core import LoadFailed, is_out_of_memory
from engine.job import Event
from engine.safety import Safety, load_safety
from engine.source import STARTER, Source
from engine.work import Conversation

if TYPE_CHECKING:
    from engine.device import Device
    from engine.painter import Painter
    from engine.planner import Planner

M = TypeVar("M")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Models:
    """The loaded pair, and the checks beside it."""

    painter: Painter
    planner: Planner
    safety: Safety = field(default_factory=lambda: Safety("off"))

    def free_memory(self) -> None:
        """Give back what the device's allocator holds on to, after it ran out."""
        import torch

        torch.cuda.empty_cache()  # does nothing without CUDA

    def describe(self) -> list[Model]:
        """Return what GET /v1/models tells of them."""
        preset, facts = self.painter.preset, self.planner.facts
        painter = ModelFacts(
            "painter",
            sizes=preset.sizes,
            steps=preset.steps,
            guidance=preset.guidance,
            largest=preset.largest,
            lacks=list(preset.lacks),
            check=self.safety.state,
        )
        planner = ModelFacts("planner", knows=facts.knows, words=facts.words)
        return [Model(preset.name, limner=painter), Model(self.planner.name, limner=planner)]


def load(
    painter: Source,
    planner: Source,
    *,
    provenance: bool = True,
    measured: Path | None = None,
    safety: Source | Literal["off", "unneeded"] = "off",
    guard: Source | None = None,
) -> Models:
    """Load and warm up both, on the thread that will use them. Raises LoadFailed.

    With `provenance`, the painter's files say how they were made. `measured` remembers what was measured here. A check
    that cannot be loaded is no LoadFailed: the engine starts, says so, and refuses each request.
    """
    for role, source, marker in (("painter", painter, "model_index.json"), ("language model", planner, "config.json")):
        _check_folder(role, source, marker)
    named = [painter, planner, safety, guard]
    if all(source.local for source in named if isinstance(source, Source)):
        os.environ["HF_HUB_OFFLINE"] = "1"  # read by huggingface_hub when it is imported, which is next
    # Read when torch is imported. By default idle OpenMP threads spin, and where other programs want the same cores the
    # ones with work wait for them: a starter picture took 4 to 50 s so, and 1.3 s with threads that sleep.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    began = time.monotonic()
    log.info("models.loading")
    try:  # here, and not above: the engine answers /healthz before these take their seconds
        import torch

        _quieten()
        from engine.device import choose_device
        from engine.planner import Planner
    except ImportError as error:
        raise LoadFailed(f"The engine needs {error.name}, which is not installed; run make setup.") from error
    torch.set_grad_enabled(False)  # holds for this thread alone, the only one that computes
    device = choose_device()
    models = Models(
        painter=_attempt("painter", painter, lambda: _warm_painter(painter, device, provenance, measured)),
        planner=_attempt("language model", planner, lambda: _warm_planner(Planner.load(planner, device))),
        safety=load_safety(safety, guard, device),
    )
    models.painter.score = models.safety.score
    log.info("models.ready", device=device.name, seconds=round(time.monotonic() - began, 1))
    return models


def _check_folder(role: str, source: Source, marker: str) -> None:
    log.info("model.chosen", role=role, place=source.place, why=source.why)
    if not source.local or (Path(source.place) / marker).is_file():
        return
    if source.place.startswith(str(STARTER)):
        raise LoadFailed(f"The starter {role} is missing from {source.place}; install Limner again.")
    if not Path(source.place).exists():
        raise LoadFailed(f"The {role}'s folder {source.place} does not exist.")
    if not Path(source.place).is_dir():
        raise LoadFailed(f"The {role} {source.place} is a file; it must be a folder in the format of diffusers.")
    raise LoadFailed(f"The {role}'s folder {source.place} holds no {marker}, so it is no such model.")


def _attempt(role: str, source: Source, load: Callable[[], M]) -> M:
    """Load, and turn whatever goes wrong into one sentence: libraries raise a dozen kinds for a damaged folder."""
    try:
        return load()
    except Exception as error:
        log.debug("model.failed", role=role, exc_info=True)
        if is_out_of_memory(error):
            raise LoadFailed(f"The {role} {source.name} does not fit into this machine's memory.") from error
        if source.local and _pickled(Path(source.place)):
            raise LoadFailed(
                f"The {role} in {source.place} is stored as pickles, which can run code; convert it to safetensors."
            ) from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        place = source.place if source.local else f"{source.place}, from huggingface.co or its cache here,"
        raise LoadFailed(f"The {role} {place} cannot be loaded: {reason}") from error


def _pickled(folder: Path) -> bool:
    """Tell whether some part of the model has its weights as pickles alone."""
    folders = [folder, *(path for path in folder.iterdir() if path.is_dir())]
    return any(
        any(path.suffix in (".bin", ".pt", ".ckpt", ".pth") for path in part.iterdir())
        and not any(part.glob("*.safetensors"))
        for part in folders
    )


def _warm_painter(source: Source, device: Device, provenance: bool, measured: Path | None) -> Painter:
    from engine.painter import Painter

    painter = Painter.load(source, device, provenance=provenance, measured=measured)
    painter.warm_up()
    painter.measure()
    return painter


def _warm_planner(planner: Planner) -> Planner:
    request = ChatRequest([ChatMessage("user", "a boat")], max_tokens=1)
    planner.answer(Conversation(request), _Silent())
    return planner


class _Silent:
    """A reporter of work that nobody asked for."""

    def tell(self, event: Event) -> None:
        pass

    def check(self) -> None:
        pass


def _quieten() -> None:
    """Keep the libraries' progress bars and advice for developers off stderr, which belongs to the log."""
    from diffusers.utils import logging as diffusers_log
    from huggingface_hub.utils import logging as hub_log
    from transformers.utils import logging as transformers_log

    hub_log.set_verbosity_error()
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # engine.start refuses earlier, in its own words
    for log_of in (diffusers_log, transformers_log):
        log_of.set_verbosity_error()
        log_of.disable_progress_bar()
