"""The painter: a diffusion pipeline that carries out a Painting and reports each step, preview and picture.

Invariant: the same Painting, alone in the engine, gives the same pixels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import structs
from PIL import Image

from engine.api.light_structlog import structlog
from engine.api.messages import Completed, LoraFacts
from engine.api.placement import Placement, Where
from engine.batching.batch_size import BatchSizes
from engine.batching.fastest import Fastest
from engine.batching.gate import gated, identity
from engine.batching.phases import add_seconds, phase
from engine.batching.task import current_task
from engine.jobs.phases import Phase
from engine.jobs.requests import Conversation, Painting
from engine.models.pipeline_class import load_pipeline
from engine.models.placement import settle, straight_to
from engine.models.tuning import Choice, Tuning
from engine.painting.adapters import Adapters, load_adapters
from engine.painting.arguments import call_arguments
from engine.painting.capabilities import painter_spec_of, references
from engine.painting.compilation import Compilation
from engine.painting.latent_blend import LatentBlend
from engine.painting.long_prompts import in_plain_words, tokens_read, unread_part
from engine.painting.masks import composed
from engine.painting.painter_spec import PainterFacts, PainterSpec
from engine.painting.picture_writer import Writer, finish
from engine.painting.pipelines import Pipelines, accepted
from engine.painting.previews import Decoder
from engine.painting.provenance import describe, describe_upscaled
from engine.painting.steps import StepCallback
from engine.painting.warm_up import measure_batch_sizes, try_each_way
from engine.painting.ways import Ways

if TYPE_CHECKING:
    from engine.jobs.job import Reporter
    from engine.models.device import Device
    from engine.models.lora_files import LoraFile
    from engine.models.source import Source
    from engine.painting.draft import Draft
    from engine.painting.upscaler import Upscaler

MEASUREMENTS = 10
"""So often an idle painter measures; what is inconclusive then stays so until the next start."""

log = structlog.get_logger()


class Painter:
    """Any pipeline of diffusers that paints from words, or as an editor from pictures; its signature tells how.

    With `provenance`, each picture's file says how it was made; with `fetch`, a decoder of previews may be fetched.
    """

    def __init__(
        self,
        pipeline: Any,
        spec: PainterSpec,
        *,
        provenance: bool = True,
        measured: Path | None = None,
        cap: int | None = None,
        fetch: bool = False,
        adapters: Adapters | None = None,
        choices: Sequence[Choice] = (),
        compiler: Any = None,
    ) -> None:
        """`measured` is the folder that keeps what was measured on this machine; `cap` limits a batch's rows.

        `adapters` are the LoRAs that the pipeline was loaded with, `choices` the ways of its parts that are left open.
        Where a `compiler` of torch's is named, the denoiser's blocks are compiled while it is idle.
        """
        self.spec = replace(spec, reads=tokens_read(pipeline))
        self.adapters = adapters or Adapters()
        self.pipelines = Pipelines(pipeline, self.adapters)
        self.decoder = Decoder(pipeline, fetch=fetch)
        """Makes the previews."""
        self.score: Callable[[Image.Image], float | None] = lambda _: None
        """The picture check, set once the painter is warm; it raises what ends the request."""
        self.editor: Painter | None = None
        """A second painter, for start images that are not to be painted over; `_editing` holds the device for it."""
        self.draft: Draft | None = None
        """Shows a whole picture before the first step, once the painter is warm."""
        self.upscaler: Upscaler | None = None
        """Enlarges pictures, instead of painting them over."""
        self._editing: Callable[[], AbstractContextManager[None]] = nullcontext
        self._provenance, self._writer = provenance, Writer()
        self._measurements_left = MEASUREMENTS
        denoiser = self.pipelines.denoiser
        facts = identity(denoiser, spec.name)
        fastest = Fastest(facts, measured and measured / "ways.json")
        self.ways = Ways(choices, self.spec, fastest)
        sizes = partial(BatchSizes, path=measured and measured / "batch_sizes.json", most=cap)
        self.gate = gated(denoiser, sizes(facts), self.adapters.use)
        """Where the denoiser's calls are joined; None where each is computed alone."""
        if self.gate is None:
            self.adapters.watch(denoiser)
        self.compilation = Compilation(denoiser, compiler, self.spec, fastest, sizes) if compiler else None

    @classmethod
    def load(
        cls,
        source: Source,
        device: Device,
        *,
        provenance: bool = True,
        measured: Path | None = None,
        placement: Placement = Placement(),  # noqa: B008, it is frozen
        tuning: Tuning = Tuning(),  # noqa: B008
        edits: bool = False,
        loras: Sequence[LoraFile] = (),
    ) -> Painter:
        """Load a pipeline, for an editor also one that paints nothing from words. Raises whatever that raises."""
        is_ready_to_go = placement.where is Where.TOGETHER and not loras  # LoRAs come to weights where these settle
        straight = straight_to(device, placement.weights) if is_ready_to_go else {}
        pipeline = load_pipeline(source, device.dtype, edits=edits, weights=placement.weights, straight=straight)
        spec = painter_spec_of(pipeline, source.name, source.facts(PainterFacts))
        adapters, loaded, left_out = load_adapters(pipeline, loras, spec.name)
        spec = replace(spec, loras=tuple(LoraFacts(file.name, list(file.triggers)) for file in loaded))
        spec = replace(spec, lora_faults=tuple(error.fault for error in left_out))
        for error in left_out:
            log.warning("lora.left_out", why=str(error))
        pipeline = settle(pipeline, placement, device)
        choices = tuning.apply(pipeline, device)
        return cls(
            pipeline,
            spec,
            provenance=provenance,
            measured=measured,
            cap=placement.cap,
            fetch=not source.local,
            adapters=adapters,
            choices=choices,
            compiler=tuning.compiler(device, placement) if not loaded else None,
        )

    @property
    def pipeline(self) -> Any:
        """The text-to-image pipeline."""
        return self.pipelines.text_to_image

    def use_editor(self, editor: Painter, editing: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """Let another painter, which is warm, edit pictures by instruction; `editing` holds the device for it."""
        self.editor, self._editing = editor, editing
        lacks = tuple(lack for lack in self.spec.lacks if lack != "start")
        self.spec = replace(
            self.spec, lacks=lacks, edits_by_instruction=True, references=editor.spec.references, editor=editor.spec
        )

    def use_upscaler(self, upscaler: Upscaler) -> None:
        """Let a super-resolution network enlarge pictures."""
        self.upscaler = upscaler
        self.spec = replace(self.spec, upscaler=upscaler.spec)

    def warm_up(self, *, edits: bool = False) -> None:
        """Paint a little in each way; what does not work goes into the spec's `lacks`.

        Of one that only `edits`, painting from words is not asked. Raises what its main way raises.
        """
        lacks = try_each_way(self.paint, self.pipelines, self.spec, edits=edits)
        edits = "start" not in lacks and not self.pipelines.heeds_strength
        most = 0 if "start" in lacks else references(self.pipelines.image_to_image)
        self.spec = replace(self.spec, lacks=lacks, edits_by_instruction=edits, references=most)
        if self.gate is not None:
            self.gate.batch_sizes.explain(self.spec.sizes["square"])

    def measure(self, is_idle: Callable[[], bool] = lambda: True) -> None:
        """Find out in which ways it is fastest, then how many rows a forward is worth; ends when no longer `is_idle`.

        Where forwards cannot be shared, nothing is measured: a picture would have to be painted to its end.
        """
        compilation = self.compilation
        if self.gate is None or not self._measurements_left or (compilation and compilation.is_busy):
            return
        has_measured = self.ways.measure(self.paint, self.pipeline.vae, is_idle)
        if compilation and compilation.advance(self.paint, is_idle) and compilation.is_busy:
            return
        if is_idle():
            has_measured |= measure_batch_sizes(self.paint, self.gate, self.spec, is_idle)
        if has_measured and is_idle():
            self._measurements_left -= 1

    def make_room(self, work: Painting | Conversation) -> bool:
        """Halve the cap of batches after memory ran out at this work, or take smaller tiles; False at the smallest."""
        if not isinstance(work, Painting):
            return False
        if work.upscale and self.upscaler:
            return self.upscaler.make_room()
        gate = self.editor.gate if self.editor and work.edits else self.gate
        return gate is not None and gate.batch_sizes.make_room(work.size)

    def paint(self, work: Painting, reporter: Reporter) -> None:
        """Report Progress, PartialImages, and one Completed for each seed. Raises Cancelled at the next step.

        The pictures are painted together where the pipeline can, else one after the other: so also from a start image,
        because some pipelines then draw the noise of all from the first one's generator. A picture scores no
        better than those that it starts from.
        """
        if work.upscale and work.start is not None and self.upscaler is not None:
            self._upscale(work, work.start.picture, self.upscaler, reporter)
            return
        if work.edits and self.editor is not None:
            with self._editing():
                self.editor.paint(work, reporter)
            return
        if current_task() is None:  # a task's are switched to with each of its forwards
            self.adapters.use(work.loras)
        pipeline = self.pipelines.of(work)
        work = in_plain_words(pipeline, work)
        unread = unread_part(pipeline, work.prompt)
        if unread:
            log.info("prompt.cut", characters=len(work.prompt), unread=len(unread))
        given = _worst(() if work.start is None else map(self._scored, work.start.pictures))
        together = work.start is None and "num_images_per_prompt" in accepted(pipeline)
        groups = [work.seeds] if together else [(seed,) for seed in work.seeds]
        shown = self.draft.show(work, reporter) if self.draft else 0
        for number, seeds in enumerate(groups):
            size, blend = self.spec.pipeline_size(work), None
            if work.start is not None and work.start.mask is not None and "mask_image" not in accepted(pipeline):
                blend = LatentBlend(work.start.picture, work.start.mask, size, seeds[0])
            callback = StepCallback(pipeline, work, reporter, self.decoder, size, call=number, calls=len(groups),
                                    blend=blend, shown=shown, guided=self.spec.guided_steps(work))  # fmt: skip
            arguments = call_arguments(pipeline, self.spec, work, seeds, callback, self.pipelines.embeddings)
            images = pipeline(**arguments).images
            if callback.last_step:
                add_seconds(Phase.AUTOENCODER, time.perf_counter() - callback.last_step)
            finished = [self._finished(work, image) for image in images]
            files = [self._written(pipeline, work, seed, image) for seed, image in zip(seeds, finished, strict=True)]
            scores = [_worst((given, self._scored(image))) for image in finished]
            for index, (seed, file, score) in enumerate(zip(seeds, files, scores, strict=True), start=number):
                with phase(Phase.FILE):
                    written = finish(file)
                reporter.tell(self._completed(work, index, seed, written, score, unread or None))

    def _upscale(self, work: Painting, picture: Image.Image, upscaler: Upscaler, reporter: Reporter) -> None:
        """Enlarge a picture; its score is the worse of the picture before and after."""
        given = self._scored(picture)
        image = upscaler.enlarge(picture, work.upscale, reporter)
        texts = describe_upscaled(work, upscaler.spec.name) if self._provenance else {}
        file = self._writer.begin(image, work.file, texts)
        score = _worst((given, self._scored(image)))
        with phase(Phase.FILE):
            written = finish(file)
        completed = self._completed(work, 0, work.seeds[0], written, score, None)
        reporter.tell(structs.replace(completed, steps=None, model=upscaler.spec.name))

    def _scored(self, image: Image.Image) -> float | None:
        with phase(Phase.CHECK):
            return self.score(image)

    def _finished(self, work: Painting, image: Image.Image) -> Image.Image:
        """Return the picture at the size that was asked for, with what a mask keeps."""
        if image.size != (work.width, work.height):
            image = image.resize((work.width, work.height), Image.Resampling.LANCZOS)
        if work.start is not None and work.start.mask is not None:
            # The autoencoder alone would already change a little of what the mask keeps.
            image = composed(image, work.start.picture, work.start.mask)
        return image

    def _written(self, pipeline: Any, work: Painting, seed: int, image: Image.Image) -> Future[bytes]:
        """Begin to write the picture's file, on the writer's thread."""
        sampler = type(pipeline.scheduler).__name__.removesuffix("Scheduler")
        texts = describe(work, seed, self.spec.name, sampler) if self._provenance else {}
        return self._writer.begin(image, work.file, texts)

    def _completed(
        self, work: Painting, index: int, seed: int, file: bytes, score: float | None, unread: str | None
    ) -> Completed:
        return Completed(
            b64_json=file,
            index=index,
            size=work.size,
            seed=seed,
            steps=work.steps,
            model=self.spec.name,
            output_format=work.file.format,
            created_at=int(time.time()),
            nsfw_score=score,
            unread=unread,
        )


def _worst(scores: Iterable[float | None]) -> float | None:
    """Return the highest of the picture check's scores, of which each may be missing."""
    return max((score for score in scores if score is not None), default=None)
