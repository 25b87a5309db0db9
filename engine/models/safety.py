"""The safety checks: of each finished picture, and, where a prompt guard is set, of each prompt before it is painted.

Invariant: a check that is set and cannot be loaded or run ends every request.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from PIL import Image

from engine.api.errors import CheckFailed, ContentBlocked, EngineError
from engine.api.light_structlog import structlog
from engine.api.messages import CheckState
from engine.jobs.requests import Conversation, Painting
from engine.models.source import Source, read_source

if TYPE_CHECKING:
    from engine.models.device import Device

DEFAULT_CHECK = "Falconsai/nsfw_image_detection"
OFF = "off"
GUARD_THRESHOLD = 0.5
M = TypeVar("M")
log = structlog.get_logger()


class Scorer(Protocol):
    """A loaded picture check."""

    def score(self, image: Image.Image) -> float: ...


class Guard(Protocol):
    """A loaded prompt guard."""

    def score(self, text: str) -> float: ...


class Safety:
    """What stands between a request and its pictures; used on the thread that owns the models.

    `failures` are sentences for people: why a check that is set could not be loaded.
    """

    def __init__(
        self,
        state: CheckState,
        picture: Scorer | None = None,
        guard: Guard | None = None,
        failures: tuple[str, ...] = (),
    ) -> None:
        self.state = state
        self._picture, self._guard, self._failures = picture, guard, failures

    def admit(self, work: Painting | Conversation) -> None:
        """Look at what is asked for, before work begins. Raises CheckFailed, ContentBlocked."""
        if self._failures:
            raise CheckFailed(self._failures[0])
        if self._guard is None:
            return
        with _failing_closed("prompt guard"):
            unsafe = max(_probability(self._guard.score(text)) for text in _texts(work))
        if unsafe >= GUARD_THRESHOLD:
            raise ContentBlocked("The prompt guard of this engine does not let this be drawn; use other words.")

    def score(self, image: Image.Image) -> float | None:
        """Return the probability that a finished picture is not safe for work; None without a check.

        Raises CheckFailed.
        """
        if self._failures:
            raise CheckFailed(self._failures[0])
        if self._picture is None:
            return None
        with _failing_closed("picture check"):
            return _probability(self._picture.score(image))


def read_check(value: str, painter: Source) -> Source | Literal["off", "unneeded"]:
    """Return what LIMNER_SAFETY names. Raises ValueError with a sentence.

    The bundled starter was trained on clip art of animals, food and the like: it needs no check unless one is named. A
    painter from a folder reaches no hub by itself, so there the default is taken where it was fetched before.
    """
    if value.casefold() == OFF:
        return "off"
    if value:
        return read_source("LIMNER_SAFETY", value, "picture check")
    if painter.is_starter:
        return "unneeded"
    return "off" if painter.local and not _fetched(DEFAULT_CHECK) else Source(DEFAULT_CHECK, "the default", local=False)


def _fetched(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache  # only the engine of a foreign painter needs it

    return isinstance(try_to_load_from_cache(name, "config.json"), str)


def load_safety(check: Source | Literal["off", "unneeded"], guard: Source | None, device: Device) -> Safety:
    """Load and try both. What cannot be loaded is told in the log, and keeps every request from being served."""
    from engine.models.classifiers import PictureCheck, load_guard

    failures: list[str] = []

    def load_or_record(role: str, source: Source, load: Callable[[], M]) -> M | None:
        log.info("model.chosen", role=role, place=source.place, why=source.why)
        began = time.monotonic()
        try:
            loaded = load()
        except Exception as error:
            log.debug("model.failed", role=role, exc_info=True)
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            failures.append(f"The {role} {source.name} cannot be loaded, so nothing is drawn: {reason.rstrip('.')}.")
            log.error("safety.failed", role=role, detail=failures[-1])
            return None
        log.info("safety.ready", role=role, seconds=round(time.monotonic() - began, 1))
        return loaded

    def load_check(source: Source) -> PictureCheck:
        loaded = PictureCheck.load(source, device)
        _probability(loaded.score(Image.new("RGB", (64, 64), "gray")))
        return loaded

    def load_tried_guard(source: Source) -> Guard:
        loaded = load_guard(source, device)
        _probability(loaded.score("a boat"))
        return loaded

    picture = load_or_record("picture check", check, lambda: load_check(check)) if isinstance(check, Source) else None
    watching = load_or_record("prompt guard", guard, lambda: load_tried_guard(guard)) if guard else None
    if isinstance(check, Source):
        state: CheckState = "on" if picture else "failed"
    else:
        state = check
        log.info("safety.none", why=check)
        if check == "off":
            log.warning("safety.unchecked", remedy=f"LIMNER_SAFETY={DEFAULT_CHECK} lets every picture be looked at")
    return Safety(state, picture, watching, tuple(failures))


def _texts(work: Painting | Conversation) -> list[str]:
    """Return what someone wrote or had written for them: a painting's prompt, a conversation's last turn."""
    if isinstance(work, Painting):
        return [work.prompt]
    return [next((turn.text for turn in reversed(work.request.messages) if turn.role == "user"), "")]


def _probability(value: float) -> float:
    """Return the value. Raises ValueError where it is none, as from a model whose weights are broken."""
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(f"it answered with {value}")
    return value


@contextmanager
def _failing_closed(role: str) -> Iterator[None]:
    try:
        yield
    except (EngineError, MemoryError):
        raise
    except Exception as error:
        if "out of memory" in str(error).lower():  # model_thread has words of its own for this, and frees memory
            raise
        log.exception("safety.broke", role=role)
        raise CheckFailed(f"The {role} cannot be run, so nothing is drawn; the engine's log says why.") from error
