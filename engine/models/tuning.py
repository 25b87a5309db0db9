"""How the models are run: number formats, attention, compilation, memory layout, threads; each with a default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from engine.api.placement import Format, Placement

if TYPE_CHECKING:
    import torch

    from engine.models.device import Device

ATTENTION = {
    "sdpa": "native",
    "cudnn": "_native_cudnn",
    "flash": "flash",
    "flash3": "_flash_3",
    "sage": "sage",
    "xformers": "xformers",
}
"""What the setting's values are called in diffusers. Those that it would download as code are left out."""
UNROUNDED = ("sdpa", "cudnn", "flash", "flash3", "xformers")
"""Those among which a measurement may choose, the usual one first: `sage` computes in 8 bits."""
FIRST, LAST = "channels first", "channels last"
CHOICES = {
    "LIMNER_DTYPE": ("auto", "bfloat16", "float16", "float32"),
    "LIMNER_ATTENTION": ("auto", *ATTENTION),
    "LIMNER_COMPILE": ("auto", "on", "off"),
    "LIMNER_CHANNELS_LAST": ("auto", "on", "off"),
    "LIMNER_WEIGHTS": ("auto", *(weights.value for weights in Format)),
}
MAX_THREADS = 1024


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of a pipeline that can be computed in several ways, of which a measurement chooses: the usual one first.

    `use` makes the part be computed in one of them from now on.
    """

    part: Literal["autoencoder", "attention"]
    ways: tuple[str, ...]
    use: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the settings ask for; `auto` is the device's own way.

    That is: bfloat16 on CUDA, float16 on Apple's and on older CUDA devices, else float32; weights in the best format
    that fits; as many CPU threads as a measurement finds best. Torch's own attention, which takes its flash kernels
    where it can, and the autoencoder's channels last on CUDA, else first; unless a measurement finds another attention
    on CUDA, or the other layout, to be faster; so on CUDA with the denoiser's blocks, which are compiled while nobody
    waits.
    """

    dtype: str = "auto"
    attention: str = "auto"
    compile: str = "auto"
    channels_last: str = "auto"
    weights: str = "auto"
    threads: int | None = None

    @property
    def format(self) -> Format | None:
        """The format of weights that is asked for; None where it is what fits."""
        return None if self.weights == "auto" else Format(self.weights)

    def apply(self, pipeline: Any, device: Device) -> list[Choice]:
        """Tune a pipeline that is on its device; return what is left open, each in its usual way.

        Raises ValueError with a sentence for what cannot be had here.
        """
        denoiser: Any = getattr(pipeline, "transformer", None) or getattr(pipeline, "unet", None)
        choices = [self._layout(pipeline.vae, device), self._attention(denoiser, device)]
        if self.compile == "on":
            try:
                denoiser.compile_repeated_blocks(dynamic=True)  # batches are of any size
            except (AttributeError, ValueError) as error:
                raise ValueError(f"LIMNER_COMPILE: {type(denoiser).__name__} cannot be compiled: {error}") from error
        return [choice for choice in choices if choice is not None]

    def compiler(self, device: Device, placement: Placement) -> str | None:
        """Return torch's compiler for blocks that are compiled while nobody waits; None where they are not.

        Not on a CPU, where compiling takes minutes; nor where memory, which is short then, or the weights' format
        leave open whether it goes well.
        """
        has_room = placement.cap is None and placement.weights is Format.FULL
        return "inductor" if self.compile == "auto" and device.name == "cuda" and has_room else None

    def _layout(self, vae: Any, device: Device) -> Choice | None:
        ways = (LAST, FIRST) if device.name == "cuda" else (FIRST, LAST)
        if self.channels_last != "auto":
            ways = (LAST, FIRST) if self.channels_last == "on" else (FIRST, LAST)
        use = partial(_lay_out, vae)
        use(ways[0])
        is_open = self.channels_last == "auto" and device.name in ("cpu", "cuda")
        return Choice("autoencoder", ways, use) if is_open and any(map(_is_image_weight, vae.parameters())) else None

    def _attention(self, denoiser: Any, device: Device) -> Choice | None:
        if self.attention != "auto":
            try:
                denoiser.set_attention_backend(ATTENTION[self.attention])
            except (ImportError, RuntimeError, ValueError, AttributeError) as error:
                raise ValueError(f"LIMNER_ATTENTION: {self.attention} cannot be used here: {error}") from error
            return None
        from engine.batching.merge import FAMILIES, Family

        takes_masks = bool(FAMILIES.get(type(denoiser).__name__, Family()).padded)  # few other attentions take any
        if device.name != "cuda" or takes_masks or not _heeds_attention(denoiser):
            return None
        ways = tuple(way for way in UNROUNDED if _can_use(denoiser, way))
        denoiser.set_attention_backend(ATTENTION[UNROUNDED[0]])  # also where that is global: it is the one tried last
        return Choice("attention", ways, lambda way: denoiser.set_attention_backend(ATTENTION[way]))


def _is_image_weight(weight: torch.Tensor) -> bool:
    return weight.ndim == 4


def _lay_out(vae: Any, way: str) -> None:
    """Lay out an autoencoder's weights; those of films, which have a dimension more, stay as they are."""
    import torch

    for weight in filter(_is_image_weight, vae.parameters()):
        layout = torch.channels_last if way == LAST else torch.contiguous_format
        weight.data = weight.data.contiguous(memory_format=layout)


def _heeds_attention(denoiser: Any) -> bool:
    """Tell whether the setting changes anything: the attention of most UNets is torch's own, always."""
    return any(hasattr(getattr(module, "processor", None), "_attention_backend") for module in denoiser.modules())


def _can_use(denoiser: Any, way: str) -> bool:
    try:
        denoiser.set_attention_backend(ATTENTION[way])
    except (ImportError, RuntimeError, ValueError):
        return False
    return True
