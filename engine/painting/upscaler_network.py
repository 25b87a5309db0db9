"""The two super-resolution networks: RRDB (ESRGAN, Real-ESRGAN) and Compact (Real-ESRGAN's SRVGGNetCompact).

Invariant: layers, slopes and order are those of the networks that the weights were trained in, so that a file loads
without change. Pictures are RGB from 0 to 1, shape (1, 3, height, width). Imports torch.
RRDB: Wang et al., ESRGAN, 2018, arXiv:1809.00219; both: Wang et al., Real-ESRGAN, 2021, arXiv:2107.10833.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from engine.models.upscaler_file import canonical

if TYPE_CHECKING:
    from engine.models.upscaler_file import UpscalerFile

RESIDUAL = 0.2
"""The share of a block's output that is added to its input."""
SLOPE = 0.2
"""Of the leaky ReLU below 0."""


def load_network(file: UpscalerFile, device: str, dtype: torch.dtype) -> nn.Module:
    """Load a file's weights into its network, on a device, in a number format. Raises what safetensors raises."""
    from safetensors.torch import load_file

    network: nn.Module = Rrdb(file) if file.kind == "rrdb" else Compact(file)
    weights = load_file(file.path)
    names = canonical(weights)
    network.load_state_dict({names[name]: tensor for name, tensor in weights.items()})
    return network.requires_grad_(False).eval().to(device, dtype)


def _convolution(takes: int, gives: int) -> nn.Conv2d:
    return nn.Conv2d(takes, gives, 3, padding=1)


def _leaky(values: torch.Tensor) -> torch.Tensor:
    return functional.leaky_relu(values, SLOPE, inplace=not torch.is_grad_enabled())


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees the outputs of all before it."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.conv1 = _convolution(features, growth)
        self.conv2 = _convolution(features + growth, growth)
        self.conv3 = _convolution(features + 2 * growth, growth)
        self.conv4 = _convolution(features + 3 * growth, growth)
        self.conv5 = _convolution(features + 4 * growth, features)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        seen = values
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
            seen = torch.cat((seen, _leaky(layer(seen))), 1)
        output: torch.Tensor = self.conv5(seen)
        return output * RESIDUAL + values


class ResidualBlock(nn.Module):
    """Three dense blocks within one residual."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (DenseBlock(features, growth) for _ in range(3))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.rdb3(self.rdb2(self.rdb1(values)))
        return output * RESIDUAL + values


class Rrdb(nn.Module):
    """Residual-in-residual dense blocks at the picture's size, then doublings by nearest neighbour and convolution."""

    def __init__(self, file: UpscalerFile) -> None:
        super().__init__()
        self.unshuffle, features = file.unshuffle, file.features
        self.conv_first = _convolution(3 * file.unshuffle**2, features)
        self.body = nn.Sequential(*(ResidualBlock(features, file.growth) for _ in range(file.blocks)))
        self.conv_body = _convolution(features, features)
        self.doublings = [f"conv_up{index + 1}" for index in range(file.doublings)]
        for name in self.doublings:
            setattr(self, name, _convolution(features, features))
        self.conv_hr = _convolution(features, features)
        self.conv_last = _convolution(features, 3)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        values = self.conv_first(functional.pixel_unshuffle(picture, self.unshuffle))
        values = values + self.conv_body(self.body(values))
        for name in self.doublings:
            values = _leaky(getattr(self, name)(functional.interpolate(values, scale_factor=2, mode="nearest")))
        output: torch.Tensor = self.conv_last(_leaky(self.conv_hr(values)))
        return output


class Compact(nn.Module):
    """Convolutions and PReLUs at the picture's size; the last one's channels become pixels, added to the picture's."""

    def __init__(self, file: UpscalerFile) -> None:
        super().__init__()
        self.scale, features = file.scale, file.features
        layers: list[nn.Module] = [_convolution(3, features), nn.PReLU(features)]
        for _ in range(file.blocks):
            layers += [_convolution(features, features), nn.PReLU(features)]
        self.body = nn.Sequential(*layers, _convolution(features, 3 * self.scale**2))

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        larger = functional.interpolate(picture, scale_factor=self.scale, mode="nearest")
        return functional.pixel_shuffle(self.body(picture), self.scale) + larger
