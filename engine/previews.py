"""What a picture will look like, from latents in the middle of their denoising.

Invariant: a preview is small and cheap beside a step, and never fails the work that it shows.
"""

from __future__ import annotations

import inspect
import io
import math
from typing import Any

import structlog
import torch
from PIL import Image

from engine.work import Painting

SIDE = 256
"""Pixels of a preview's longer side."""
LATENT_SIDE = 32
"""A full-size autoencoder decodes latents shrunk to this: a sixteenth of the work for a picture of 1024 pixels."""

log = structlog.get_logger()


class Preview:
    """Follows one run of a pipeline and decodes its first picture after the steps where a preview is due.

    Latents that no autoencoder call of the common form decodes (those of Flux.2, Qwen-Image) give none.
    """

    def __init__(self, pipeline: Any, work: Painting) -> None:
        parts = max(3, work.previews + 1)
        run = work.run_steps
        self._due = {math.ceil(run * part / parts) for part in range(1, work.previews + 1)} - {run}
        self._pipeline = pipeline
        self._skipped = work.skipped
        self._before: torch.Tensor | None = None

    def after(self, step: int, latents: torch.Tensor, width: int, height: int) -> bytes | None:
        """Take the latents after the step with this index, for a picture of this size; return a PNG file when due."""
        before, self._before = self._before, latents
        if step + 1 not in self._due:
            return None
        try:
            clean = _clean(self._pipeline.scheduler, before, latents, self._skipped + step)
            return _decode(self._pipeline, clean, width, height)
        except Exception:  # any pipeline may come; a picture is worth more than its preview
            log.warning("preview.failed", exc_info=True)
            return None


def _clean(scheduler: Any, before: torch.Tensor | None, after: torch.Tensor, step: int) -> torch.Tensor:
    """Estimate the noise-free latents from two neighbours on their way, before and after this step of the schedule.

    Between noise levels s and t a first-order step moves x by (t - s) v, so x0 = x - t v; in the flow's coordinates and
    in Karras' (arXiv:2206.00364) alike. Variance-preserving samples are first brought into the latter.
    """
    sigmas = getattr(scheduler, "sigmas", None)
    if before is None or sigmas is None or len(sigmas) <= step + 1:
        return after
    s, t = float(sigmas[step]), float(sigmas[step + 1])
    if s == t:
        return after
    first, second = before.float(), after.float()
    if _preserves_variance(scheduler):
        first, second = first * math.sqrt(1 + s * s), second * math.sqrt(1 + t * t)
    return (second - t * (second - first) / (t - s)).to(after.dtype)


def _preserves_variance(scheduler: Any) -> bool:
    kind = type(scheduler).__name__
    return kind.startswith(("DPMSolver", "UniPC", "DEIS")) and not scheduler.config.get("use_flow_sigmas", False)


def _decode(pipeline: Any, latents: torch.Tensor, width: int, height: int) -> bytes | None:
    latents = latents[:1]
    if latents.ndim == 3 and hasattr(pipeline, "_unpack_latents"):  # Flux packs 2 x 2 latents into one token
        unpack = pipeline._unpack_latents
        if "vae_scale_factor" in inspect.signature(unpack).parameters:
            latents = unpack(latents, height, width, pipeline.vae_scale_factor)
    vae = pipeline.vae
    if latents.ndim != 4 or latents.shape[1] != vae.config.latent_channels:
        return None
    longer = max(latents.shape[-2:])
    if type(vae).__name__ != "AutoencoderTiny" and longer > LATENT_SIDE:
        shape = [max(1, round(side * LATENT_SIDE / longer)) for side in latents.shape[-2:]]
        latents = torch.nn.functional.adaptive_avg_pool2d(latents, (shape[0], shape[1]))
    scaled = latents.to(vae.dtype) / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0.0)
    image = pipeline.image_processor.postprocess(vae.decode(scaled).sample, output_type="pil")[0]
    return _png(image)


def _png(image: Image.Image) -> bytes:
    scale = SIDE / max(image.size)
    file = io.BytesIO()
    image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()
