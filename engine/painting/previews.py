"""Previews: a small picture decoded from the latents amid their denoising.

Invariant: a preview is small and cheap beside a step, and never fails the work that it shows.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

import torch
from PIL import Image

from engine.api.light_structlog import structlog
from engine.jobs.requests import Painting
from engine.painting.latent_colors import Projection
from engine.painting.latents import vae_latents
from engine.painting.tiny_autoencoder import TinyDecoder

SIDE = 256
"""Pixels of a preview's longer side."""
LATENT_SIDE = 32
"""Latents are shrunk to this before they are decoded: most autoencoders make 8 pixels of one."""

log = structlog.get_logger()


class Decode(Protocol):
    """Returns a PNG file of the first of these latents' pictures, which have this size; None where it cannot."""

    def __call__(self, pipeline: Any, latents: torch.Tensor, width: int, height: int) -> bytes | None: ...


class Decoder:
    """Shows a painter's latents: by a tiny autoencoder where there is one, else by a projection that is fitted.

    It is found when it is first used, which the warm-up does. With `fetch` it may come from the hub.
    """

    def __init__(self, pipeline: Any, *, fetch: bool) -> None:
        self._pipeline = pipeline
        self._fetch = fetch

    def __call__(self, pipeline: Any, latents: torch.Tensor, width: int, height: int) -> bytes | None:
        if self._show is None:
            return None
        unpacked = vae_latents(pipeline, latents, width, height)
        longer = max(unpacked.shape[-2:])
        if longer > LATENT_SIDE:
            shape = [max(1, round(side * LATENT_SIDE / longer)) for side in unpacked.shape[-2:]]
            unpacked = torch.nn.functional.adaptive_avg_pool2d(unpacked, (shape[0], shape[1]))
        return preview_file(_picture(self._show(unpacked)), width / height)

    @cached_property
    def _show(self) -> Callable[[torch.Tensor], torch.Tensor] | None:
        vae, device = self._pipeline.vae, self._pipeline._execution_device
        try:
            show = TinyDecoder.find(vae, device, fetch=self._fetch)
            return show or Projection.fit(vae, self._pipeline.vae_scale_factor, device)
        except Exception:  # any pipeline may come; a picture is worth more than its preview
            log.warning("preview.no_decoder", exc_info=True)
            return None


class Preview:
    """Follows one run of a pipeline and decodes its first picture after the steps where a preview is due."""

    def __init__(self, pipeline: Any, work: Painting, decode: Decode, shown: int = 0) -> None:
        """`shown` of the previews came before the first step; they stand for the first ones that would be due."""
        parts = max(3, work.previews + 1)
        run = work.run_steps
        self._due = {math.ceil(run * part / parts) for part in range(1 + shown, work.previews + 1)} - {run}
        self._pipeline = pipeline
        self._decode = decode
        self._skipped = work.skipped
        self._before: torch.Tensor | None = None

    def after(self, step: int, latents: torch.Tensor, width: int, height: int) -> bytes | None:
        """Take the latents after the step with this index, for a picture of this size; return a PNG file when due."""
        before, self._before = self._before, latents
        if step + 1 not in self._due:
            return None
        try:
            clean = _clean(self._pipeline.scheduler, before, latents, self._skipped + step)
            return self._decode(self._pipeline, clean, width, height)
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


def _picture(pixels: torch.Tensor) -> Image.Image:
    """Return the picture of pixels (1, 3, height, width) of -1 to 1."""
    levels = ((pixels[0].float() / 2 + 0.5).clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
    return Image.fromarray(levels.cpu().numpy())


def preview_file(picture: Image.Image, ratio: float) -> bytes:
    """Return a picture as a PNG file, at a preview's size and this width by height."""
    size = (SIDE, max(1, round(SIDE / ratio))) if ratio >= 1 else (max(1, round(SIDE * ratio)), SIDE)
    file = io.BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()
