"""One model's pipelines: from words alone, from a picture, and of a part of a picture.

Invariant: all of them are diffusers' own classes, unmodified, on one set of weights; no two requests share a noise
scheduler or anything else that a pipeline changes while it runs.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable
from typing import Any

from engine.jobs.requests import Loras, Painting
from engine.models.pipeline_class import SIBLINGS
from engine.painting.adapters import Adapters
from engine.painting.embeddings import Embeddings


class Pipelines:
    """The text-to-image pipeline, or one that only edits, and those of its siblings that diffusers knows."""

    def __init__(self, text_to_image: Any, adapters: Adapters | None = None) -> None:
        self.text_to_image = text_to_image
        self.embeddings = Embeddings(adapters=adapters)
        """What the text encoders made of earlier prompts."""
        self.image_to_image = _sibling(text_to_image, "Image2Image", ("image",))
        if self.image_to_image is None and "image" in accepted(text_to_image):  # one that AutoPipeline does not know
            self.image_to_image = text_to_image
        needed = ("image", "mask_image", "strength")
        self.inpainting = _sibling(text_to_image, "Inpainting", needed) or _namesake(text_to_image, needed)
        for pipeline in (self.text_to_image, self.image_to_image, self.inpainting):
            if pipeline is not None:
                pipeline.set_progress_bar_config(disable=True)

    @property
    def heeds_strength(self) -> bool:
        """Tell whether the start image is painted over, and not only looked at, as by Flux.2 and Flux Kontext."""
        return self.image_to_image is not None and "strength" in accepted(self.image_to_image)

    @property
    def of_a_part(self) -> Any:
        """The inpainting pipeline, else one that paints a start image over, with `latent_blend`; None without both."""
        return self.inpainting or (self.image_to_image if self.heeds_strength else None)

    @property
    def denoiser(self) -> Any:
        """The module that every step computes; None where a pipeline has none that is known."""
        return getattr(self.text_to_image, "unet", None) or getattr(self.text_to_image, "transformer", None)

    def of(self, work: Painting) -> Any:
        """Return a pipeline for this work alone; None where there is none, which the spec's `lacks` tell."""
        if work.start is None:
            return self._view(self.text_to_image, work.loras)
        return self._view(self.image_to_image if work.start.mask is None else self.of_a_part, work.loras)

    def _view(self, pipeline: Any, loras: Loras) -> Any:
        """Return the same pipeline with a state and a noise scheduler of its own, which counts its steps."""
        if pipeline is None or not hasattr(pipeline, "scheduler"):
            return pipeline
        view = copy.copy(pipeline)
        view.scheduler = copy.deepcopy(pipeline.scheduler)
        self.embeddings.remember(view, loras)
        return view


def accepted(pipeline: Any) -> frozenset[str]:
    """Return the names of the arguments that a pipeline takes."""
    return frozenset(inspect.signature(pipeline.__call__).parameters)


def strength_argument(pipeline: Any, work: Painting) -> float:
    """Return the strength with which this pipeline runs exactly `work.run_steps`.

    Pipelines multiply it with the steps in floating point; those with a UNet round the product down, the others up.
    """
    nudge = 1e-6 if hasattr(pipeline, "unet") else -1e-6
    return min(1.0, (work.run_steps + nudge * (work.skipped > 0)) / work.steps)


def _sibling(pipeline: Any, task: str, needed: Iterable[str]) -> Any:
    """Return the pipeline for a task of AutoPipeline's of this one's parts; None where diffusers has none that fits."""
    import diffusers

    known = SIBLINGS.get(type(pipeline).__name__)
    try:
        if known:
            sibling = _of_parts(getattr(diffusers, known[task]), pipeline)
        else:
            sibling = getattr(diffusers, f"AutoPipelineFor{task}").from_pipe(pipeline)
    except ValueError:
        return None
    return sibling if accepted(sibling).issuperset(needed) else None


def _namesake(pipeline: Any, needed: Iterable[str]) -> Any:
    """Return diffusers' pipeline of the same name for inpainting, of this one's parts, where AutoPipeline has none."""
    import diffusers

    found: Any = getattr(diffusers, f"{type(pipeline).__name__.removesuffix('Pipeline')}InpaintPipeline", None)
    try:
        sibling = _of_parts(found, pipeline) if found else None
    except (TypeError, ValueError):  # it needs a part that this pipeline has not
        return None
    return sibling if sibling is not None and accepted(sibling).issuperset(needed) else None


def _of_parts(kind: Any, pipeline: Any) -> Any:
    """Return a pipeline of this class, of another's parts and settings."""
    given = {**pipeline.config, **pipeline.components}
    return kind(**{name: given[name] for name in inspect.signature(kind).parameters if name in given})
