"""How the models are run: number formats, attention, compilation, memory layout, threads; each with a default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.api.placement import Format

if TYPE_CHECKING:
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
CHOICES = {
    "LIMNER_DTYPE": ("auto", "bfloat16", "float16", "float32"),
    "LIMNER_ATTENTION": ("auto", *ATTENTION),
    "LIMNER_COMPILE": ("auto", "on", "off"),
    "LIMNER_CHANNELS_LAST": ("auto", "on", "off"),
    "LIMNER_WEIGHTS": ("auto", *(weights.value for weights in Format)),
}
MAX_THREADS = 1024


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the settings ask for; `auto` is the device's own way.

    That is: bfloat16 on CUDA, float16 on Apple's and on older CUDA devices, else float32; torch's own attention, which
    takes its flash kernels where it can; nothing compiled, since the first picture of each kind then waits;
    the autoencoder's channels last on CUDA; weights in the best format that fits; as many CPU threads as a measurement
    finds best.
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

    def apply(self, pipeline: Any, device: Device) -> None:
        """Tune a pipeline that is on its device. Raises ValueError with a sentence for what cannot be had here."""
        import torch

        denoiser: Any = getattr(pipeline, "transformer", None) or getattr(pipeline, "unet", None)
        if self.channels_last == "on" or (self.channels_last == "auto" and device.name == "cuda"):
            pipeline.vae.to(memory_format=torch.channels_last)
        if self.attention != "auto":
            try:
                denoiser.set_attention_backend(ATTENTION[self.attention])
            except (ImportError, RuntimeError, ValueError, AttributeError) as error:
                raise ValueError(f"LIMNER_ATTENTION: {self.attention} cannot be used here: {error}") from error
        if self.compile == "on":
            try:
                denoiser.compile_repeated_blocks(dynamic=True)  # batches are of any size
            except (AttributeError, ValueError) as error:
                raise ValueError(f"LIMNER_COMPILE: {type(denoiser).__name__} cannot be compiled: {error}") from error
