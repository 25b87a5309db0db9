"""What a painter wants and can: its sizes, steps and guidance, and a request completed with them.

Invariant: a Painting that leaves here has a size that the pipeline can paint exactly.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from msgspec import Struct

from engine.api.errors import BadRequest
from engine.api.messages import MAX_SEED, ImageRequest, Lack, StartImage, parse_size
from engine.start import fit, read_mask, read_picture
from engine.work import Painting, Start

RATIOS = {"square": 1.0, "portrait": 7 / 9, "landscape": 9 / 7, "tall": 4 / 7, "wide": 7 / 4}
"""Width by height, after the buckets that SDXL and its successors were trained on."""
ROUND_TO = 64
"""Models of 512 pixels and more were trained on multiples of this."""

HABITS: dict[str, tuple[int, float]] = {
    "StableDiffusionPipeline": (30, 7.5),
    "StableDiffusionXLPipeline": (30, 5.0),
    "StableDiffusion3Pipeline": (28, 4.5),
    "QwenImagePipeline": (30, 4.0),
    "ZImagePipeline": (28, 4.0),
}
"""Steps and guidance, from the model cards, where they differ from the pipeline's own defaults."""

FAST_HABITS: dict[str, tuple[int, float]] = {
    "Flux2KleinPipeline": (4, 1.0),
    "ZImagePipeline": (9, 0.0),
}
FAST = (4, 0.0)
"""The same for models distilled to a few steps."""
FAST_NAMES = ("turbo", "schnell", "lightning")

STRENGTH = 0.6
"""What diffusers' newer pipelines take. On the starter nine tenths of what the words change then show, and the picture
stays nearer to its start than the seed alone keeps it (bench/RESULTS.md)."""


class PainterFacts(Struct, frozen=True):
    """limner.json beside a painter; what it leaves out is found by looking at the pipeline."""

    name: str | None = None
    sizes: dict[str, str] = {}
    enlarge: int = 1
    steps: int | None = None
    guidance: float | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A painter's defaults and limits. Sizes are the finished picture's in pixels; `enlarge` times smaller is painted.

    Width and height are multiples of `multiple` from `smallest` to `largest`. `dial` is the name of guidance here;
    `lacks` names what a request may hold and this painter does not heed.
    """

    name: str
    sizes: dict[str, str]
    multiple: int
    smallest: int
    largest: int
    steps: int
    guidance: float | None
    dial: str = "guidance_scale"
    enlarge: int = 1
    lacks: tuple[Lack, ...] = ()

    def plan(self, request: ImageRequest, seed: int, start: StartImage | None = None) -> Painting:
        """Complete a request, whose seed is `seed` where it has none. Raises BadRequest.

        Reading a start image may take a second, so that belongs off the event loop.
        """
        first = seed if request.seed is None else request.seed
        painting = Painting(
            prompt=request.prompt,
            width=0,
            height=0,
            steps=request.num_inference_steps or self.steps,
            seeds=tuple((first + index) % (MAX_SEED + 1) for index in range(request.n)),
            guidance=self.guidance if request.guidance_scale is None else request.guidance_scale,
            negative=request.negative_prompt or None,
            previews=request.partial_images,
        )
        if start is not None:
            return self._start(painting, request.size, start)
        width, height = self._size(self.sizes["square"] if request.size in (None, "auto") else request.size or "")
        return replace(painting, width=width, height=height)

    def _start(self, painting: Painting, size: str | None, start: StartImage) -> Painting:
        """Let a painting start from a picture, at the asked size or the one of its own that is nearest in shape."""
        if "start" in self.lacks:
            raise BadRequest(f"image: {self.name} paints from words alone; leave the picture out.", param="image")
        if start.mask is not None and "mask" in self.lacks:
            raise BadRequest(f"mask: {self.name} cannot paint a part alone; leave the mask out.", param="mask")
        asked = None if size in (None, "auto") else self._size(size or "")
        picture = read_picture(start.image, shrink_to=self.largest if start.mask is None else None)
        width, height = asked or self._nearest(picture.width / picture.height)
        mask = fit(read_mask(start.mask, picture.size), (width, height)) if start.mask is not None else None
        fitted = replace(painting, width=width, height=height, start=Start(fit(picture, (width, height)), mask))
        if "strength" in self.lacks:
            return fitted
        strength = STRENGTH if start.strength is None else start.strength
        run = max(1, round(painting.steps * strength * self._ease(width * height)))
        return replace(fitted, strength=strength, skipped=painting.steps - run)

    def _ease(self, pixels: int) -> float:
        """Return the share of a start image's strength that is used at this size.

        A painter whose pictures are enlarged is a small one. It has learnt whole scenes of one size, and soon begins
        others inside a larger one: noise that leaves enough of the picture at its own size is too much there.
        """
        width, height = parse_size(self.sizes["square"])
        return min(1.0, width * height / pixels) if self.enlarge > 1 else 1.0

    def _nearest(self, ratio: float) -> tuple[int, int]:
        """Return the model's own size whose width by height is nearest to this, in proportion."""
        sizes = [parse_size(size) for size in self.sizes.values()]
        return min(sizes, key=lambda size: abs(math.log(size[0] / size[1] / ratio)))

    def _size(self, size: str) -> tuple[int, int]:
        try:
            sides = parse_size(size)
        except ValueError as error:
            raise BadRequest(f"{error}.", param="size") from None
        if any(side % self.multiple or not self.smallest <= side <= self.largest for side in sides):
            raise BadRequest(
                f"size: {size} is not possible with {self.name}; width and height must be multiples of "
                f"{self.multiple} from {self.smallest} to {self.largest}.",
                param="size",
            )
        return sides


def preset_of(pipeline: Any, name: str, facts: PainterFacts | None) -> Preset:
    """Return the preset of a loaded pipeline: what its limner.json says, else what its class and configuration tell."""
    facts = facts or PainterFacts()
    multiple = _multiple(pipeline) * facts.enlarge
    native = max(parse_size(facts.sizes["square"])) if "square" in facts.sizes else _native(pipeline)
    steps, guidance = _habits(pipeline, name)
    sizes = _sizes(native, multiple) | facts.sizes
    return Preset(
        name=facts.name or name,
        sizes=sizes,
        multiple=multiple,
        smallest=max(multiple, native // 4 // multiple * multiple),
        largest=2 * max(side for size in sizes.values() for side in parse_size(size)),  # each shape can be upscaled
        steps=facts.steps or steps,
        guidance=guidance if facts.guidance is None else facts.guidance,
        dial=_dial(pipeline),
        enlarge=facts.enlarge,
        lacks=tuple(_lacks(pipeline)),
    )


def _lacks(pipeline: Any) -> Iterator[Lack]:
    """Name what text-to-image does not heed here, as far as the pipeline's signature and configuration tell."""
    accepts = inspect.signature(pipeline.__call__).parameters
    if "generator" not in accepts:
        yield "seed"
    if not {"callback_on_step_end", "callback"} & accepts.keys():
        yield "progress"
    if "negative_prompt" not in accepts:
        yield "negative"
    if "num_inference_steps" not in accepts:
        yield "steps"
    distilled = pipeline.config.get("is_distilled") or _is_schnell(pipeline)
    if distilled or _dial(pipeline) not in accepts:
        yield "guidance"


def _multiple(pipeline: Any) -> int:
    """Pixels by which a size may grow: the autoencoder's scale, times the patches that some transformers pack."""
    scale: int = getattr(pipeline, "vae_scale_factor", 8)
    patch = _setting(_denoiser(pipeline), "patch_size")
    packed = _setting(getattr(pipeline, "image_processor", None), "vae_scale_factor")
    return max(packed or 0, scale * (patch if isinstance(patch, int) else 1))


def _native(pipeline: Any) -> int:
    """Return the side in pixels that the model was trained for."""
    latents = getattr(pipeline, "default_sample_size", None) or _setting(_denoiser(pipeline), "sample_size")
    if isinstance(latents, (list, tuple)):
        latents = max(latents)
    side = latents * pipeline.vae_scale_factor if latents else 1024
    multiple = _multiple(pipeline)
    return max(multiple, round(side / multiple) * multiple)


def _sizes(native: int, multiple: int) -> dict[str, str]:
    """Return a size of about native x native pixels for each shape."""
    unit = math.lcm(multiple, ROUND_TO) if native >= 512 else multiple

    def side(pixels: float) -> int:
        return max(unit, round(pixels / unit) * unit)

    return {shape: f"{side(native * ratio**0.5)}x{side(native / ratio**0.5)}" for shape, ratio in RATIOS.items()}


def _habits(pipeline: Any, name: str) -> tuple[int, float | None]:
    kind = type(pipeline).__name__
    if _is_fast(pipeline, name):
        return FAST_HABITS.get(kind, FAST)
    if kind in HABITS:
        return HABITS[kind]
    defaults = inspect.signature(pipeline.__call__).parameters
    dial = defaults.get(_dial(pipeline))
    return defaults["num_inference_steps"].default, dial.default if dial else None


def _dial(pipeline: Any) -> str:
    """Qwen-Image guides by `true_cfg_scale`; in Flux that is a second, optional dial, off by default."""
    parameters = inspect.signature(pipeline.__call__).parameters
    true_guidance = parameters.get("true_cfg_scale")
    if true_guidance and ("guidance_scale" not in parameters or true_guidance.default > 1):
        return "true_cfg_scale"
    return "guidance_scale"


def _is_fast(pipeline: Any, name: str) -> bool:
    """Tell a distilled model by its configuration where that knows, else by its name."""
    if pipeline.config.get("is_distilled"):
        return True
    if type(pipeline).__name__ == "FluxPipeline":
        return _is_schnell(pipeline)
    # The -turbo models of Stable Diffusion share their class with the full ones; their noise scheduler tells.
    scheduler = getattr(pipeline, "scheduler", None)
    if type(scheduler).__name__ == "EulerAncestralDiscreteScheduler":
        return bool(_setting(scheduler, "timestep_spacing") == "trailing")
    return any(word in name.lower() for word in FAST_NAMES)


def _is_schnell(pipeline: Any) -> bool:
    """Tell the Flux that was distilled until no guidance was left."""
    return type(pipeline).__name__ == "FluxPipeline" and not _setting(pipeline.transformer, "guidance_embeds")


def _denoiser(pipeline: Any) -> Any:
    return getattr(pipeline, "transformer", None) or getattr(pipeline, "unet", None)


def _setting(component: Any, name: str) -> Any:
    """Return what a component's configuration says, None where it does not."""
    return component.config.get(name) if component is not None else None
