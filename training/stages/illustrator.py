"""The network of a gallery's AutoencoderTiny, and the parts of it that are trained on their own."""

from typing import Final

import torch
from diffusers import AutoencoderTiny
from diffusers.models.autoencoders.vae import AutoencoderTinyBlock
from torch import Tensor, nn
from torch.nn import functional

PIXELS: Final = 32
"""A latent is so many pixels of a finished picture wide and high."""

WIDTH, _READING_WIDTH = 96, 64
_DOUBLINGS = 5
BLOCKS: Final = (14, 2, 2, 1, 0, 0)
"""The decoder's, by size: the first ones know the things by heart, the others draw."""


def new_gallery_autoencoder(channels: int) -> AutoencoderTiny:
    """32 pixels a latent, unscaled. The decoder works at up to 128 pixels of width; from there it enlarges linearly."""
    return AutoencoderTiny(
        in_channels=3, out_channels=3, latent_channels=channels, scaling_factor=1.0, force_upcast=False,
        encoder_block_out_channels=(_READING_WIDTH,) * (_DOUBLINGS + 1), num_encoder_blocks=(0, 0, 0, 1, 2, 3),
        decoder_block_out_channels=(WIDTH,) * (_DOUBLINGS + 1), num_decoder_blocks=BLOCKS,
    )  # fmt: skip


class Illustrator(nn.Module):
    """The decoder with the coder that it is trained by, and the encoder."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        autoencoder = new_gallery_autoencoder(channels)
        self.encoder, self.decoder = autoencoder.encoder, autoencoder.decoder
        self.coder = nn.Sequential(nn.Conv2d(3, WIDTH, PIXELS, PIXELS), nn.ReLU())
        self._end = next(at for at, layer in enumerate(self.decoder.layers) if isinstance(layer, nn.Upsample))
        for layer in self.decoder.layers[: self._end].modules():
            if isinstance(layer, nn.Conv2d):
                _leave_the_middle(layer)
        _double_the_first_features(*self.decoder.layers[-2:])

    def code(self, images: Tensor) -> Tensor:
        """Pictures (b, 3, h · 32, w · 32) in [-1, 1] to what the first blocks are to make of their latents."""
        code: Tensor = self.coder(images)
        return code

    def recall(self, latents: Tensor) -> Tensor:
        """Latents (b, channels, h, w) to codes (b, 96, h, w)."""
        features = torch.tanh(latents / 3) * 3  # as the decoder itself does
        for layer in self.decoder.layers[: self._end]:
            features = layer(features)
        return features

    def recall_cells(self, cells: Tensor) -> Tensor:
        """Latents (n, channels), each alone, to codes (n, 96), by the middles of the kernels."""
        features = torch.tanh(cells / 3) * 3
        for layer in self.decoder.layers[: self._end]:
            features = _on_cells(layer, features)
        return features

    def finish(self, codes: Tensor) -> Tensor:
        """Codes (b, 96, h, w) to a picture (b, 3, h · 32, w · 32) in [-1, 1]."""
        for layer in self.decoder.layers[self._end :]:
            codes = layer(codes)
        return codes.mul(2).sub(1)  # as the decoder itself does

    def finish_half(self, codes: Tensor) -> Tensor:
        """Codes (b, 96, h, w) to a picture of half the size, which is the first features before the last doubling."""
        *layers, halves, _, _, _ = self.decoder.layers[self._end :]
        for layer in layers:
            codes = layer(codes)
        return functional.conv2d(codes, halves.weight[:3], padding=1).mul(2).sub(1)

    def draw_half(self, latents: Tensor) -> Tensor:
        """Latents (b, channels, h, w) to a picture of half the size (b, 3, h · 16, w · 16)."""
        return self.finish_half(self.recall(latents))

    def draw(self, latents: Tensor) -> Tensor:
        """Latents (b, channels, h, w) to a picture (b, 3, h · 32, w · 32) in [-1, 1]."""
        drawn: Tensor = self.decoder(latents)
        return drawn

    def read(self, images: Tensor) -> Tensor:
        """Pictures (b, 3, h, w) in [-1, 1] to latents."""
        latents: Tensor = self.encoder(images)
        return latents

    def autoencoder(self) -> AutoencoderTiny:
        """Both halves as the engine loads them."""
        autoencoder = new_gallery_autoencoder(self.encoder.layers[-1].out_channels)
        autoencoder.encoder.load_state_dict(self.encoder.state_dict())
        autoencoder.decoder.load_state_dict(self.decoder.state_dict())
        return autoencoder.eval()


def _leave_the_middle(layer: nn.Conv2d) -> None:
    """Start a convolution as one that looks at nothing but its own cell."""
    middle, bound = layer.kernel_size[0] // 2, layer.in_channels**-0.5
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[..., middle, middle].uniform_(-bound, bound)


def _double_the_first_features(doubled: nn.Conv2d, last: nn.Conv2d) -> None:
    """Start the last convolutions as ones that smooth the first three features, doubled, into a picture."""
    smooth = torch.tensor([1.0, 2.0, 1.0]) / 4
    with torch.no_grad():
        doubled.weight[:3] = 0
        last.weight.zero_()
        last.bias.zero_()  # type: ignore[union-attr]
        for color in range(3):
            doubled.weight[color, color] = smooth[:, None] * smooth
            last.weight[color, color, 1, 1] = 1


def _on_cells(layer: nn.Module, cells: Tensor) -> Tensor:
    """What a layer of the decoder makes of cells (n, channels) that have no neighbours."""
    if isinstance(layer, nn.Conv2d):
        middle = layer.kernel_size[0] // 2
        return functional.linear(cells, layer.weight[..., middle, middle], layer.bias)
    if isinstance(layer, AutoencoderTinyBlock):
        added = cells
        for part in layer.conv:
            added = _on_cells(part, added)
        fused: Tensor = layer.fuse(added + _on_cells(layer.skip, cells))
        return fused
    changed: Tensor = layer(cells)
    return changed
