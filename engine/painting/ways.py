"""The ways in which a painter's parts are computed, where its settings leave them open: chosen by a measurement.

Invariant: a way changes only while no picture is painted, so all of a picture is computed in the same ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_leaves

from engine.api.errors import Cancelled
from engine.api.messages import ImageRequest
from engine.batching.fastest import Fastest
from engine.batching.gate import Call
from engine.batching.task import Task
from engine.jobs.job import Job, NullReporter
from engine.painting.warm_up import Paint

if TYPE_CHECKING:
    from engine.models.tuning import Choice
    from engine.painting.painter_spec import PainterSpec

STEPS = 2
"""Some noise schedulers take no fewer."""


class Ways:
    """One painter's open choices, by its usual size. Those that were measured before are taken at once."""

    def __init__(self, choices: Sequence[Choice], spec: PainterSpec, fastest: Fastest) -> None:
        size = spec.sizes["square"]
        self._choices = {f"{choice.part} {size}: {', '.join(choice.ways)}": choice for choice in choices}
        self._spec = spec
        self._fastest = fastest
        for what, choice in self._choices.items():
            known = fastest.find(what)
            if known in choice.ways:
                choice.use(known)

    def measure(self, paint: Paint, vae: Any, is_idle: Callable[[], bool]) -> bool:
        """Choose what is open, while `is_idle`. Return whether there was anything to measure.

        The pipeline is run up to its first forward, which is then repeated, and on to its decoding, likewise.
        """
        still_open = {what: choice for what, choice in self._choices.items() if self._fastest.is_open(what)}
        if not still_open:
            return False
        work = replace(self._spec.plan(ImageRequest("a boat", size=self._spec.sizes["square"]), 0), steps=STEPS)
        task = Task(Job(work), partial(paint, work, NullReporter()))
        of_part = {choice.part: (what, choice) for what, choice in still_open.items()}

        def choose(part: str, compute: Callable[[], object]) -> None:
            if part in of_part:
                self._choose(*of_part[part], compute, is_idle)

        try:
            with suppress(Cancelled), _instead_of_decoding(vae, partial(choose, "autoencoder")):
                task.resume()
                if isinstance(task.call, Call):
                    choose("attention", partial(task.call.gate.repeat, task.call, 1))
                while isinstance(task.call, Call) and "autoencoder" in of_part and is_idle():
                    task.resume(task.call.alone())
                if not task.dead:
                    task.resume(Cancelled("This was a measurement."))
        except Exception as error:  # any pipeline may come, and the usual ways are good enough
            for what in still_open:
                self._fastest.give_up(what, str(error))
        return True

    def _choose(self, what: str, choice: Choice, compute: Callable[[], object], is_idle: Callable[[], bool]) -> None:
        def in_way(way: str) -> None:
            choice.use(way)
            _finish(compute())

        chosen = None
        try:
            chosen = self._fastest.choose(what, choice.ways, in_way, is_idle)
        finally:
            choice.use(chosen or choice.ways[0])


@contextmanager
def _instead_of_decoding(vae: Any, measure: Callable[[Callable[[], object]], None]) -> Iterator[None]:
    """Hand the pipeline's call of its autoencoder to `measure`, and end the picture there."""
    dtype, real = vae.dtype, vae.decode

    def decode(*args: Any, **kwargs: Any) -> None:
        measure(partial(real, *args, **kwargs))
        raise Cancelled("This was a measurement.")

    vae.decode = decode
    try:
        yield
    finally:
        del vae.decode
        if vae.dtype != dtype:  # SDXL's pipeline decodes in float32, and would take it back itself
            vae.to(dtype=dtype)


def _finish(output: object) -> None:
    """Wait until the device has computed a decoder's output; the gate's forwards have been waited for."""
    for leaf in tree_leaves(getattr(output, "sample", output)):
        if isinstance(leaf, torch.Tensor):
            leaf.flatten()[0].item()
