"""Paints a part of a picture with a pipeline for whole ones: what the mask keeps is put back after each step.

Blended latent diffusion (Avrahami, Fried and Lischinski, 2023), for pipelines that diffusers has no inpainting for.

Invariant: behind the last step the latents outside the mask are those of the start image.
"""

from __future__ import annotations

from typing import Any

import torch
from PIL import Image

from engine.painting.start_image import fit


class LatentBlend:
    """Of one call of a pipeline that starts from a picture, painted at `size`, with the noise of `seed`."""

    def __init__(self, picture: Image.Image, mask: Image.Image, size: tuple[int, int], seed: int) -> None:
        self._picture, self._mask_image, self._size, self._seed = picture, mask, size, seed
        self._kept: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None = None
        """The start image's latents, their noise, and the mask; read when the first step is done."""

    def after_step(self, pipeline: Any, latents: torch.Tensor) -> torch.Tensor:
        """Return the latents (rows, channels, height, width) with what the mask keeps, as noisy as they are now.

        Raises ValueError for latents that have another form than what the pipeline's autoencoder encodes.
        """
        if self._kept is None:
            self._kept = self._read(pipeline, latents)
        clean, noise, mask = self._kept
        scheduler, kept = pipeline.scheduler, clean
        if scheduler.step_index < len(scheduler.timesteps):
            kept = scheduler.add_noise(clean, noise, scheduler.timesteps[scheduler.step_index].reshape(1))
        return torch.where(mask, latents, kept.to(latents.dtype))

    def _read(self, pipeline: Any, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        vae = pipeline.vae
        pixels = pipeline.image_processor.preprocess(fit(self._picture, self._size))
        encoded = vae.encode(pixels.to(device=vae.device, dtype=vae.dtype))
        clean = encoded.latents if hasattr(encoded, "latents") else encoded.latent_dist.mode()
        clean = (clean * vae.config.scaling_factor).to(latents)
        if clean.shape != latents.shape:
            raise ValueError(f"latents of the shape {tuple(latents.shape)} where {tuple(clean.shape)} are encoded")
        noise = torch.randn(clean.shape, generator=torch.Generator("cpu").manual_seed(self._seed)).to(latents)
        return clean, noise, self._mask(*latents.shape[-2:]).to(latents.device)

    def _mask(self, height: int, width: int) -> torch.Tensor:
        """Return the mask (1, 1, height, width): true where any of what a latent stands for is to be painted."""
        touched = self._mask_image.resize((width, height), Image.Resampling.BOX)
        return torch.tensor(list(touched.tobytes())).reshape(1, 1, height, width) > 0
