"""The painter's latent space: a fixed linear map of 8×8 patches, found by principal components, nothing to train.

Pictures are halved first, once or twice, so a latent stands for 16×16 or 32×32 of their pixels; the decoder learns to
bring the detail back. A painter trained on these latents learns far sooner than on those of a jointly trained
autoencoder of this size.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

PATCH = 8
CHANNELS = 12
EVENED: Final = 0.8
"""How far the channels' variances are made even: 0 leaves them as they are, 1 makes all of them 1."""

EXPORTED_BASIS: Final = "basis.safetensors"
"""In an exported painter's folder, for whoever trains on: with another basis its weights mean nothing."""

_KEYS = ("mean", "basis", "gain")


def to_tensor(pixels: np.ndarray) -> Tensor:
    """(…, height, width, 3) uint8 to (…, 3, height, width) float in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, -3))).float().div_(127.5).sub_(1)


def to_pixels(images: Tensor) -> np.ndarray:
    """(batch, 3, height, width) in [-1, 1] to (batch, height, width, 3) uint8."""
    return images.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def cell(doublings: int) -> int:
    """Pixels of a finished picture for each latent, in both directions, where the decoder doubles so many times."""
    return int(PATCH * 2**doublings)


def halve(images: Tensor, times: int = 1) -> Tensor:
    """(batch, 3, height, width) to half of both sides, so many times; each pixel is the mean of those it stands for."""
    return functional.avg_pool2d(images, 2**times)


@dataclass(frozen=True, slots=True)
class PatchBasis:
    """`mean` (192), `basis` (192, 12), `gain` (12): latents are gain · basisᵀ (patch - mean). It knows halved pictures.

    The gain takes the channels most of the way to unit variance. Noise has as much of it in all channels, so what a
    channel tells is settled the later in sampling the less its own variance is; still, the coarse ones come first.
    """

    mean: Tensor
    basis: Tensor
    gain: Tensor

    @classmethod
    def fit(cls, images: list[Tensor]) -> "PatchBasis":
        """Find the components of images given as (batch, 3, height, width) in [-1, 1]; the sizes may differ."""
        patches = torch.cat([_patches(batch).reshape(-1, 3 * PATCH * PATCH) for batch in images]).double()
        mean = patches.mean(0)
        centred = patches - mean
        vectors, variances, _ = torch.linalg.svd(centred.T @ centred / len(centred))
        deviation = variances[:CHANNELS].sqrt()
        gain = 1 / (deviation**EVENED * deviation[0] ** (1 - EVENED))
        return cls(mean.float(), vectors[:, :CHANNELS].float().contiguous(), gain.float())

    def encode(self, halved: Tensor) -> Tensor:
        """(batch, 3, h, w) in [-1, 1] to (batch, 12, h / 8, w / 8)."""
        return ((_patches(halved) - self.mean) @ (self.basis * self.gain)).permute(0, 3, 1, 2)

    def decode(self, latents: Tensor) -> Tensor:
        """The linear inverse, a halved picture at about 28 dB: good enough to see what is being learnt."""
        flat = (latents.permute(0, 2, 3, 1) / self.gain) @ self.basis.T + self.mean
        batch, rows, columns, _ = flat.shape
        grid = flat.reshape(batch, rows, columns, PATCH, PATCH, 3).permute(0, 5, 1, 3, 2, 4)
        return grid.reshape(batch, 3, rows * PATCH, columns * PATCH)

    def is_like(self, other: "PatchBasis", apart: float) -> bool:
        """Whether no number of the two bases is further apart than that."""
        return all(torch.allclose(getattr(self, key), getattr(other, key), rtol=0, atol=apart) for key in _KEYS)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, **{key: getattr(self, key).numpy() for key in _KEYS})

    @classmethod
    def load(cls, path: Path) -> "PatchBasis":
        with np.load(path) as stored:
            return cls(*(torch.from_numpy(stored[key]) for key in _KEYS))

    def export(self, path: Path) -> None:
        """Write it as safetensors."""
        save_file({key: getattr(self, key) for key in _KEYS}, path)

    @classmethod
    def load_exported(cls, path: Path) -> "PatchBasis":
        """Read what `export` wrote."""
        stored = load_file(path)
        return cls(*(stored[key] for key in _KEYS))


def _patches(images: Tensor) -> Tensor:
    batch, _, height, width = images.shape
    grid = images.reshape(batch, 3, height // PATCH, PATCH, width // PATCH, PATCH).permute(0, 2, 4, 3, 5, 1)
    return grid.reshape(batch, height // PATCH, width // PATCH, 3 * PATCH * PATCH)
