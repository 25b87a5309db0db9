"""A draft: the whole picture that a second, tiny painter makes in a step or so, shown before the painter's first step.

Invariant: a draft is a preview. It changes nothing of the picture that it precedes, and never fails it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.api.errors import Cancelled
from engine.api.light_structlog import structlog
from engine.api.messages import PartialImage, parse_size
from engine.batching.phases import phase
from engine.jobs.phases import Phase
from engine.models.pipeline_class import load_pipeline
from engine.models.source import Source
from engine.painting.arguments import call_arguments
from engine.painting.capabilities import painter_spec_of
from engine.painting.embeddings import Embeddings
from engine.painting.long_prompts import in_plain_words
from engine.painting.painter_spec import PainterFacts, PainterSpec
from engine.painting.previews import Decoder, preview_file
from engine.painting.steps import StepCallback

if TYPE_CHECKING:
    from engine.jobs.job import Event, Reporter
    from engine.jobs.requests import Painting
    from engine.models.device import Device

log = structlog.get_logger()


class Draft:
    """A pipeline that paints whole pictures in a step or so. Its denoiser has no gate, so it shares no forward."""

    def __init__(self, pipeline: Any, spec: PainterSpec) -> None:
        pipeline.set_progress_bar_config(disable=True)
        self._pipeline = pipeline
        self._spec = spec
        self._decoder = Decoder(pipeline, fetch=False)
        self._embeddings = Embeddings()
        self._has_failed = False

    @classmethod
    def beside(cls, source: Source, device: Device) -> Draft | None:
        """Load the draft that a painter's folder names; None, and a line in the log, where that cannot be.

        It is loaded at the start, in a tenth of a second: while a pipeline is made, diffusers changes torch for the
        whole process, which is nothing for amid others' work.
        """
        facts = source.facts(PainterFacts)
        if facts is None or facts.draft is None:
            return None
        try:
            own = Source(str(_folder(source, facts.draft)), f"{source.name} names it as its draft", local=True)
            pipeline = load_pipeline(own, device.dtype).to(device.name)
            spec = painter_spec_of(pipeline, own.name, own.facts(PainterFacts))
        except Exception as error:  # any folder may come; the painter paints without it
            log.warning("draft.left_out", painter=source.name, draft=facts.draft, reason=str(error))
            return None
        log.info("draft.loaded", painter=source.name, name=spec.name, steps=spec.steps)
        return cls(pipeline, spec)

    def show(self, work: Painting, reporter: Reporter) -> int:
        """Report the first seed's draft as the first preview, where one is wanted; return how many were reported.

        From words alone: a draft heeds neither a start image nor LoRAs. Raises Cancelled.
        """
        if self._has_failed or not work.previews or work.start is not None or work.loras:
            return 0
        try:
            file = self._paint(work, _Quiet(reporter))
        except Cancelled:
            raise
        except Exception:  # any pipeline may come; a picture is worth more than its draft
            log.warning("draft.failed", draft=self._spec.name, exc_info=True)
            self._has_failed = True
            return 0
        reporter.tell(PartialImage(file, 0))
        return 1

    def _paint(self, work: Painting, reporter: Reporter) -> bytes:
        """Paint at this pipeline's own steps and guidance, at the size of its own that is nearest in shape.

        The seconds count as the denoiser's, like those of other previews, which are decoded between its steps.
        """
        pipeline, spec = self._pipeline, self._spec
        reporter.check()
        width, height = parse_size(spec.own_size(work.size) or "")
        own = replace(
            in_plain_words(pipeline, work),
            width=width,
            height=height,
            steps=spec.steps,
            guidance=spec.guidance,
            previews=0,
        )
        callback = StepCallback(pipeline, own, reporter, self._decoder, spec.pipeline_size(own))
        arguments = call_arguments(pipeline, spec, own, own.seeds[:1], callback, self._embeddings)
        with phase(Phase.DENOISER):
            picture = pipeline(**arguments).images[0]
            return preview_file(picture, work.width / work.height)


class _Quiet:
    """A draft's steps are no progress of the picture; they only ask whether it is still wanted."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def tell(self, event: Event) -> None:
        self._reporter.check()

    def check(self) -> None:
        self._reporter.check()


def _folder(source: Source, draft: str) -> Path:
    """Return the folder that a painter's card names, beside its own. Raises ValueError for any other."""
    own = Path(source.place).resolve()
    folder = (own / draft).resolve()
    if own in (folder, *folder.parents) or own.parent not in folder.parents:
        raise ValueError("a draft is a folder beside the painter's own")
    if not (folder / "model_index.json").is_file():
        raise ValueError("there is no such painter here")
    return folder
