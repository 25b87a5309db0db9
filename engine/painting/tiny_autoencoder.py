"""The small autoencoders that others have distilled from the large ones, to look at latents in milliseconds.

Invariant: none is fetched for a painter that is itself a folder here, and none is needed.
"""

from __future__ import annotations

from typing import Any

import torch

from engine.api.light_structlog import structlog

TINY: dict[tuple[int, float], str] = {
    (4, 0.18215): "madebyollin/taesd",
    (4, 0.13025): "madebyollin/taesdxl",
    (16, 1.5305): "madebyollin/taesd3",
    (16, 0.3611): "madebyollin/taef1",
}
"""By channels and scaling factor, which tell the autoencoders of SD 1 and 2, SDXL, SD3 and Flux.1 (also Z-Image's)."""

log = structlog.get_logger()


class TinyDecoder:
    """Maps an autoencoder's latents (1, channels, height, width) to a picture (1, 3, height, width) of -1 to 1."""

    def __init__(self, tiny: Any, scale: float = 1.0, shift: float = 0.0) -> None:
        self._tiny = tiny
        self._scale, self._shift = scale, shift

    @classmethod
    def find(cls, vae: Any, device: torch.device, *, fetch: bool) -> TinyDecoder | None:
        """Return the decoder of an autoencoder that is a tiny one, or for which there is one; None otherwise.

        It is looked for in the hub's cache, and with `fetch` on the hub: 5 to 10 MB, once.
        """
        if type(vae).__name__ == "AutoencoderTiny":
            return cls(vae)
        scale, shift = vae.config.get("scaling_factor"), vae.config.get("shift_factor") or 0.0
        name = TINY.get((vae.config.get("latent_channels"), scale))
        if name is None:
            return None
        from diffusers import AutoencoderTiny

        try:
            tiny = AutoencoderTiny.from_pretrained(name, use_safetensors=True, local_files_only=not fetch)
        except Exception as error:  # not here, no network, a hub that is down: a preview is not worth more than a line
            log.info("preview.no_tiny_decoder", name=name, reason=str(error).partition("\n")[0])
            return None
        return cls(tiny.to(device, vae.dtype), scale, shift)

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        scaled = (latents - self._shift) * self._scale
        picture: torch.Tensor = self._tiny.decode(scaled.to(self._tiny.dtype)).sample
        return picture.float()
