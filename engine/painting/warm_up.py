"""A painter's first use, before anyone asks for a picture: what it cannot do, and how large its batches should be.

Invariant: what does not work beyond painting from words is a fact about the painter, and no failure to load it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PIL import Image

from engine.api.errors import Cancelled
from engine.api.light_structlog import structlog
from engine.api.messages import ImageRequest, Lack, PartialImage
from engine.batching.task import Call, Task
from engine.jobs.job import Job, NullReporter, Reporter
from engine.jobs.requests import Painting, Start
from engine.painting.pipelines import Pipelines, accepted

if TYPE_CHECKING:
    from engine.batching.gate import Gate
    from engine.jobs.job import Event
    from engine.painting.painter_spec import PainterSpec

Paint = Callable[[Painting, Reporter], None]
"""Paints, and raises whatever the pipeline raises."""

log = structlog.get_logger()


def try_each_way(paint: Paint, pipelines: Pipelines, spec: PainterSpec, *, edits: bool = False) -> tuple[Lack, ...]:
    """Paint a little at the smallest size in each way: what is slow the first time, or does not work, shows now.

    Return what the spec lacks, and what does not work. Raises what painting from words alone raises or, of one that
    only `edits`, what editing a picture raises; it gets no masks.
    """
    side = max(spec.smallest, spec.multiple)
    watch = _PreviewWatch()
    work = Painting("a boat", side, side, steps=2, seeds=(0,), guidance=spec.guidance, previews=1)
    blank = Image.new("RGB", (side, side), "gray")
    paint(replace(work, start=Start(blank)) if edits else work, watch)
    lacks: list[Lack] = list(spec.lacks)
    if not watch.has_previewed:
        lacks += ["preview"]
    starts = "start" not in spec.lacks
    if not edits and not (starts and _works(paint, pipelines, replace(work, start=Start(blank)))):
        lacks += ["start"]
    if "start" in lacks or not pipelines.heeds_strength:
        lacks += ["strength"]
    of_a_part = replace(work, start=Start(blank, Image.new("L", blank.size, 255)))
    if edits or not (starts and _paints_parts(paint, pipelines, of_a_part)):
        lacks += ["mask"]
    return tuple(dict.fromkeys(lacks))


def measure_batch_sizes(paint: Paint, gate: Gate, spec: PainterSpec, is_idle: Callable[[], bool]) -> bool:
    """Find out how many rows a forward is worth, while `is_idle`: at the usual size, and where it is inconclusive.

    Other sizes are measured when their pictures first could share. The pipeline is run up to its first forward, which
    is then repeated. Returns whether there was anything to measure.
    """
    usual, inconclusive = spec.sizes["square"], gate.batch_sizes.inconclusive
    sizes = sorted(inconclusive if gate.batch_sizes.find(usual) else {usual, *inconclusive})
    for size in sizes:
        work = spec.plan(ImageRequest("a boat", size=size), 0)
        with stopped_at_first_forward(paint, work) as call:
            if call is not None:
                call.measure_when_idle(work.size, is_idle)
    return bool(sizes)


@contextmanager
def stopped_at_first_forward(paint: Paint, work: Painting) -> Iterator[Call | None]:
    """Run the pipeline up to its first forward, give that as long as the context lasts, and end the picture there."""
    task = Task(Job(work), partial(paint, work, NullReporter()))
    task.resume()
    try:
        yield task.call
    finally:
        with suppress(Cancelled):
            task.resume(Cancelled("This was a measurement."))


def _paints_parts(paint: Paint, pipelines: Pipelines, work: Painting) -> bool:
    """Whether a mask works: of the inpainting pipeline, which is dropped where it does not, or of what stands in."""
    if pipelines.inpainting is not None and _works(paint, pipelines, work):
        return True
    pipelines.inpainting = None
    return _works(paint, pipelines, work)


def _works(paint: Paint, pipelines: Pipelines, work: Painting) -> bool:
    pipeline = pipelines.of(work)
    if pipeline is None:
        return False
    try:
        paint(replace(work, skipped=1 if "strength" in accepted(pipeline) else 0), NullReporter())
    except Exception as error:  # any pipeline may come; one that paints from words alone is still worth having
        log.debug("painter.tried", pipeline=type(pipeline).__name__, reason=str(error))
        return False
    return True


class _PreviewWatch(NullReporter):
    """Notes whether a preview came."""

    def __init__(self) -> None:
        self.has_previewed = False

    def tell(self, event: Event) -> None:
        self.has_previewed |= isinstance(event, PartialImage)
