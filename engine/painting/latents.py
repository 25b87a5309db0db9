"""Unpacks and unscales the latents of each pipeline family into what its autoencoder decodes.

Invariant: what leaves here has the shape (1, channels, height, width), one value for each pixel of the latent picture.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch


def vae_latents(pipeline: Any, latents: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """Return the first picture's latents as the autoencoder decodes them; the picture has this size in pixels.

    Raises ValueError for latents of a form that is not known here.
    """
    latents = latents[:1].float()
    if hasattr(pipeline, "_unpatchify_latents"):
        return _unpatchified(pipeline, latents, width, height)
    if latents.ndim == 3 and hasattr(pipeline, "_unpack_latents"):
        latents = _unpacked(pipeline, latents, width, height)
    if latents.ndim == 5:  # an autoencoder for films, of which this is the first frame
        latents = latents[:, :, 0]
    if latents.ndim != 4 or latents.shape[1] != channels(pipeline.vae):
        raise ValueError(f"latents of the shape {tuple(latents.shape)} are of no known form")
    return _scaled(pipeline.vae.config, latents)


def channels(vae: Any) -> int:
    """Return how many numbers an autoencoder has for each pixel of its latents."""
    count: int = vae.config.get("latent_channels") or vae.config["z_dim"]
    return count


def _unpacked(pipeline: Any, latents: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """Flux and Qwen-Image pack 2 x 2 latents into a token."""
    unpack = pipeline._unpack_latents
    if "vae_scale_factor" not in inspect.signature(unpack).parameters:
        raise ValueError(f"{type(pipeline).__name__} packs its latents in a way that is not known here")
    unpacked: torch.Tensor = unpack(latents, height, width, pipeline.vae_scale_factor)
    return unpacked


def _unpatchified(pipeline: Any, latents: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """Flux.2 packs in the same way, and normalises each place in the token by itself."""
    patch = 2 * pipeline.vae_scale_factor
    patches = latents.transpose(1, 2).reshape(1, -1, height // patch, width // patch)
    norm = pipeline.vae.bn
    mean, variance = (values.float().to(patches.device).view(1, -1, 1, 1) for values in _moments(norm))
    patches = patches * torch.sqrt(variance + pipeline.vae.config.batch_norm_eps) + mean
    unpatchified: torch.Tensor = pipeline._unpatchify_latents(patches)
    return unpatchified


def _moments(norm: Any) -> tuple[torch.Tensor, torch.Tensor]:
    return norm.running_mean, norm.running_var


def _scaled(config: Any, latents: torch.Tensor) -> torch.Tensor:
    """Undo the scaling that brings an autoencoder's latents to a variance of about 1."""
    scale, shift = config.get("scaling_factor") or 1.0, config.get("shift_factor") or 0.0
    mean, deviation = config.get("latents_mean"), config.get("latents_std")
    if mean is None or deviation is None:
        return latents / scale + shift
    by_channel = (1, len(mean), 1, 1)
    return latents / scale * latents.new_tensor(deviation).view(by_channel) + latents.new_tensor(mean).view(by_channel)
