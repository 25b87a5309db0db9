"""The colours that an autoencoder's latents stand for, as the linear map that comes nearest to its decoder.

Invariant: it costs one small matrix product, whatever the autoencoder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from engine.painting.latents import channels

SIDE = 16
"""Of the pictures from which a projection is fitted, in latents; fewer where these would be more than PIXELS."""
PIXELS = 256
"""Decoding larger ones would keep an engine from its start for longer than all else."""
PICTURES = 8
GRIDS = (1, 2, 4, 8, 16)
"""What the pictures are made of: noise of each of these sizes, enlarged, so that there are areas and details."""
RIDGE = 1e-3
"""Keeps the weights small where the latents hardly differ in some direction."""


class Projection:
    """Maps latents (1, channels, height, width) to a picture (1, 3, height, width) of -1 to 1."""

    def __init__(self, weights: torch.Tensor) -> None:
        self._weights = weights

    @classmethod
    def fit(cls, vae: Any, scale: int, device: torch.device) -> Projection:
        """Fit by least squares to what the autoencoder, which makes pictures `scale` times smaller, makes of latents.

        The latents are of two kinds: those of pictures, and smooth random ones, since those in the middle of their
        denoising are of no picture yet. Raises ValueError where the autoencoder gives no numbers.
        """
        number, side = torch.Generator().manual_seed(0), max(1, min(SIDE, PIXELS // scale))
        with _without_overflow(vae):
            shown = _smooth(3, side * scale, number).clamp(-1, 1).to(device, vae.dtype)
            encoded = torch.cat([_encode(vae, one) for one in shown.split(1)])
            drawn = _smooth(channels(vae), side, number).to(encoded) * encoded.float().std()
            latents = torch.cat([encoded, drawn.to(encoded.dtype)])
            pictures = torch.cat([_decode(vae, one) for one in latents.split(1)])
        means = adaptive_avg_pool2d(pictures.float().clamp(-1, 1), (side, side))
        return cls(_solve(_rows(latents), _rows(means)))

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        pixels = _with_one(_rows(latents)) @ self._weights
        return pixels.reshape(1, *latents.shape[-2:], 3).permute(0, 3, 1, 2)


@contextmanager
def _without_overflow(vae: Any) -> Iterator[None]:
    """Some autoencoders leave the range of half precision."""
    if vae.dtype != torch.float16:
        yield
        return
    vae.float()
    try:
        yield
    finally:
        vae.half()


def _smooth(depth: int, side: int, number: torch.Generator) -> torch.Tensor:
    noises = [torch.randn(PICTURES, depth, grid, grid, generator=number) for grid in GRIDS]
    shown = [interpolate(noise, (side, side), mode="bicubic", align_corners=False) for noise in noises]
    return torch.stack(shown).sum(0) * 0.6


def _encode(vae: Any, pictures: torch.Tensor) -> torch.Tensor:
    """Return the latents (pictures, channels, height, width); autoencoders name theirs in three ways."""
    films = hasattr(vae, "temperal_downsample")
    encoded = vae.encode(pictures.unsqueeze(2) if films else pictures)
    latents: torch.Tensor
    if hasattr(encoded, "latent_dist"):
        latents = encoded.latent_dist.mode()
    else:
        latents = encoded.latents if hasattr(encoded, "latents") else encoded.latent
    return latents.squeeze(2) if films else latents


def _decode(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    films = hasattr(vae, "temperal_downsample")
    decoded: torch.Tensor = vae.decode(latents.unsqueeze(2) if films else latents).sample
    return decoded[:, :, 0] if films else decoded


def _rows(values: torch.Tensor) -> torch.Tensor:
    """Return (batch, depth, height, width) as (pixels, depth), on the CPU in single precision."""
    return values.permute(0, 2, 3, 1).reshape(-1, values.shape[1]).float().cpu()


def _with_one(rows: torch.Tensor) -> torch.Tensor:
    return torch.cat([rows, torch.ones(len(rows), 1)], dim=1)


def _solve(latents: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
    """Return the weights (channels + 1, 3) of the ridge regression of colours on latents."""
    known = _with_one(latents)
    ridge = RIDGE * len(known) * known.square().mean() * torch.eye(known.shape[1])
    ridge[-1, -1] = 0.0  # the constant is free
    weights: torch.Tensor = torch.linalg.solve(known.T @ known + ridge, known.T @ colours)
    if not weights.isfinite().all():
        raise ValueError("the autoencoder gives no numbers")
    return weights
