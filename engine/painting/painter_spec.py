"""PainterSpec: a painter's sizes, defaults and limits; it completes a request into a Painting, or refuses it.

Invariant: a Painting that leaves here has a size that the pipeline can paint exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from msgspec import Struct, structs

from engine.api.errors import BadRequest
from engine.api.messages import MAX_SEED, ImageRequest, Lack, LoraFacts, LoraFault, StartImage, parse_size
from engine.jobs.requests import Loras, Painting, PictureFile, Start
from engine.painting import masks
from engine.painting.guidance import guided_steps
from engine.painting.start_image import fit, read_picture, shrunk
from engine.painting.upscaler_spec import UpscalerSpec

STRENGTH = 0.6
"""What diffusers' newer pipelines take. On the starter nine tenths of what the words change then show, and the picture
stays nearer to its start than the seed alone keeps it (bench/RESULTS.md)."""


class PainterFacts(Struct, frozen=True):
    """limner.json beside a painter; what it leaves out is found by looking at the pipeline."""

    name: str | None = None
    sizes: dict[str, str] = {}
    enlarge: int = 1
    one_size: bool = False
    steps: int | None = None
    guidance: float | None = None
    guidance_end: float = 1.0
    """The share of the steps that have guidance, from the first one on."""
    lacks: tuple[Lack, ...] = ()
    """What a request may hold and this painter does not heed; further things are found by trying."""
    draft: str | None = None
    """The folder beside this one, such as "../one-step", of a painter whose picture is shown before the first step."""


@dataclass(frozen=True, slots=True)
class PainterSpec:
    """A painter's defaults and limits. Sizes are the finished picture's in pixels; `enlarge` times smaller is painted.

    A small painter that has learnt whole scenes of these sizes alone is of `one_size`. Width and height are
    multiples of `multiple` from `smallest` to `largest`. `guidance_argument` is what the pipeline calls guidance;
    `guidance_end` is the share of a picture's steps that have it, where it starts from nothing;
    `lacks` names what a request may hold and this painter does not heed. One that `edits_by_instruction` takes the
    prompt for a change of the start image; `references` is how many it takes at most. `reads` is how many tokens of
    a prompt its text encoders take in one piece; None where that is unknown. An `editor` beside it takes the start
    images that are not to be painted over. `loras` are those that a request may name, an `upscaler` enlarges
    pictures without painting them over.
    """

    name: str
    sizes: dict[str, str]
    multiple: int
    smallest: int
    largest: int
    steps: int
    guidance: float | None
    guidance_argument: str = "guidance_scale"
    guidance_end: float = 1.0
    enlarge: int = 1
    one_size: bool = False
    lacks: tuple[Lack, ...] = ()
    edits_by_instruction: bool = False
    references: int = 0
    reads: int | None = None
    editor: PainterSpec | None = None
    loras: tuple[LoraFacts, ...] = ()
    upscaler: UpscalerSpec | None = None
    lora_faults: tuple[LoraFault, ...] = ()
    """Those that were named for it and cannot be used."""

    def plan(self, request: ImageRequest, seed: int, start: StartImage | None = None) -> Painting:
        """Complete a request, whose seed is `seed` where it has none. Raises BadRequest.

        Reading a start image may take a second, so that belongs off the event loop.
        """
        if start is not None and start.upscale is not None:
            if self.upscaler is None:
                raise BadRequest("upscale: no upscaler is loaded; LIMNER_UPSCALER names one.", param="upscale")
            return self.upscaler.plan(request, seed, start)
        if start is not None and self.editor is not None and self._is_edit(start):
            if request.loras:
                raise BadRequest(
                    f"loras: {self.editor.name} changes the picture and has none; name a strength, or leave them out.",
                    param="loras",
                )
            request = structs.replace(request, size=self.editor.own_size(request.size))
            return replace(self.editor.plan(request, seed, start), edits=True)
        first, guidance = seed if request.seed is None else request.seed, request.guidance_scale
        painting = Painting(
            prompt=request.prompt,
            width=0,
            height=0,
            steps=(None if "steps" in self.lacks else request.num_inference_steps) or self.steps,
            seeds=tuple((first + index) % (MAX_SEED + 1) for index in range(request.n)),
            guidance=self.guidance if "guidance" in self.lacks or guidance is None else guidance,
            negative=request.negative_prompt or None,
            previews=request.partial_images,
            file=PictureFile.of(request),
            loras=self._loras(request),
        )
        if start is not None:
            return self._start(painting, request.size, start)
        width, height = self._size(self.sizes["square"] if request.size in (None, "auto") else request.size or "")
        return replace(painting, width=width, height=height)

    def _loras(self, request: ImageRequest) -> Loras:
        """Return the LoRAs that a request names. Raises BadRequest for one that is not here, or named twice."""
        known, chosen = {lora.name for lora in self.loras}, dict[str, float]()
        for at, lora in enumerate(request.loras):
            if lora.name not in known:
                raise BadRequest(
                    f"loras[{at}].name: {lora.name!r} is no LoRA here; GET /v1/models lists those that are.",
                    param=f"loras[{at}].name",
                )
            if lora.name in chosen:
                raise BadRequest(f"loras[{at}].name: {lora.name!r} is named twice.", param=f"loras[{at}].name")
            chosen[lora.name] = lora.weight
        return tuple(sorted((name, weight) for name, weight in chosen.items() if weight))

    def own_size(self, size: str | None) -> str | None:
        """Return a size that this painter can paint, in place of one that was meant for another. Raises BadRequest."""
        if size is None or size == "auto":
            return size
        width, height = _parsed(size)
        if not self._is_possible(width, height):
            width, height = self._nearest(max(1, width) / max(1, height))
        return f"{width}x{height}"

    def _is_edit(self, start: StartImage) -> bool:
        """Whether a start image is for the editor, and not to be painted over."""
        return start.mask is None and (start.strength is None or "strength" in self.lacks)

    def guided_steps(self, work: Painting) -> int:
        """Return how many of a painting's steps have guidance; all that go on from a start image are late ones."""
        return work.run_steps if work.start is not None else guided_steps(self.guidance_end, work.run_steps)

    def pipeline_size(self, work: Painting) -> tuple[int, int]:
        """Return the width and height in pixels at which the pipeline paints, before the picture is enlarged."""
        return work.width // self.enlarge, work.height // self.enlarge

    def _start(self, painting: Painting, size: str | None, start: StartImage) -> Painting:
        """Let a painting start from a picture, at the asked size or the one of its own that is nearest in shape."""
        if "start" in self.lacks:
            raise BadRequest(f"image: {self.name} paints from words alone; leave the picture out.", param="image")
        if start.mask is not None and "mask" in self.lacks:
            raise BadRequest(
                f"mask: {self.name} cannot paint a part alone; leave the mask out, or set LIMNER_MODEL to one that "
                "can, such as SDXL, FLUX.2-klein or Qwen-Image.",
                param="mask",
            )
        self._check_references(start)
        asked = None if size in (None, "auto") else self._size(size or "")
        picture = read_picture(start.image, shrink_to=self.largest if start.mask is None else None)
        width, height = asked or self._nearest(picture.width / picture.height)
        mask = None
        if start.mask is not None:
            mask = masks.fit_mask(masks.read_mask(start.mask, picture.size), (width, height))
        references = (read_picture(file, shrink_to=self.largest) for file in start.references)
        begin = Start(fit(picture, (width, height)), mask, tuple(shrunk(each, width * height) for each in references))
        fitted = replace(painting, width=width, height=height, start=begin)
        if "strength" in self.lacks:
            return fitted
        usual = STRENGTH if mask is None else masks.STRENGTH
        strength = usual if start.strength is None else start.strength
        run = max(1, round(painting.steps * strength * self._ease(width * height)))
        return replace(fitted, strength=strength, skipped=painting.steps - run)

    def _check_references(self, start: StartImage) -> None:
        """Raises BadRequest where the start image brings more pictures than the painter looks at together."""
        alone = start.mask is not None or (start.strength is not None and "strength" not in self.lacks)
        most = self.references if self.edits_by_instruction and not alone else 1
        if len(start.pictures) > max(1, most):
            what = "one picture" if most <= 1 else f"{most} pictures at most"
            why = " with a mask or a strength" if alone and self.references > 1 else ""
            raise BadRequest(f"image: {self.name} takes {what}{why}; send fewer.", param="image")

    def _ease(self, pixels: int) -> float:
        """Return the share of a start image's strength that is used at this size.

        A painter of one size soon begins further scenes inside a larger one: noise that leaves enough of the picture at
        its own size is too much there.
        """
        width, height = parse_size(self.sizes["square"])
        return min(1.0, width * height / pixels) if self.one_size else 1.0

    def _nearest(self, ratio: float) -> tuple[int, int]:
        """Return the model's own size whose width by height is nearest to this, in proportion."""
        sizes = [parse_size(size) for size in self.sizes.values()]
        return min(sizes, key=lambda size: abs(math.log(size[0] / size[1] / ratio)))

    def _size(self, size: str) -> tuple[int, int]:
        sides = _parsed(size)
        if not self._is_possible(*sides):
            raise BadRequest(
                f"size: {size} is not possible with {self.name}; width and height must be multiples of "
                f"{self.multiple} from {self.smallest} to {self.largest}.",
                param="size",
            )
        return sides

    def _is_possible(self, *sides: int) -> bool:
        return not any(side % self.multiple or not self.smallest <= side <= self.largest for side in sides)


def _parsed(size: str) -> tuple[int, int]:
    """Return width and height. Raises BadRequest."""
    try:
        return parse_size(size)
    except ValueError as error:
        raise BadRequest(f"{error}.", param="size") from None
