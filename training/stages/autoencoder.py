"""The painter's AutoencoderTiny: an encoder that is the patch basis, written down, and a decoder that is trained."""

from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn
from torch.nn import functional

from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import autocast
from training.runtime.loop import Schedule, train
from training.runtime.progress import Progress
from training.runtime.sheets import tile
from training.stages.latent_space import CHANNELS, PATCH, PatchBasis, cell, halve, to_pixels, to_tensor
from training.stages.worlds import World, full_size, world_of
from training.world.scene import SHAPES

BATCH = 8
CROP = 7
"""Latents that a crop is wide and high."""

SHOWN = 8
LATENT_NOISE = 0.15
"""Painted latents are not perfect: the decoder learns on latents with up to this much noise."""

CRITIC_FROM = 0.35
"""From this share of the budget on, a patch critic sharpens what the plain loss leaves soft."""

CRITIC_WEIGHT = 0.05
EDGE_WEIGHT = 1.5
_WIDTH = 48
_CELLS = ((0, 0), (0, 1), (1, 0), (1, 1))
CHECKPOINT = "autoencoder.safetensors"


def new_autoencoder(doublings: int) -> AutoencoderTiny:
    """16 or 32 pixels a latent, twelve channels, unscaled. The encoder has no blocks: it is linear (see `set_encoder`).

    The decoder does its work at 128 pixels; its steps up from there are linear, a sharp enlarging.
    """
    widths = (_WIDTH,) * (4 + doublings)
    return AutoencoderTiny(
        in_channels=3, out_channels=3, encoder_block_out_channels=widths, num_encoder_blocks=(0,) * len(widths),
        decoder_block_out_channels=widths, num_decoder_blocks=(3, 3, 3, 1) + (0,) * doublings, latent_channels=CHANNELS,
        scaling_factor=1.0, force_upcast=False,
    )  # fmt: skip


@torch.no_grad()
def set_encoder(autoencoder: AutoencoderTiny, basis: PatchBasis) -> None:
    """Write the patch basis into the encoder's convolutions.

    The first strided convolutions halve the picture; the next two pack 2×2 cells into channels, as pixel_unshuffle
    does; the last one packs and applies the basis at once. The encoder maps its input from [-1, 1] to [0, 1] first,
    which weights and bias undo.
    """
    layers = [layer for layer in autoencoder.encoder.layers if isinstance(layer, nn.Conv2d)]
    enter, *halvings, first, second, third, leave = layers
    for layer in layers:
        layer.weight.zero_()
    for color in range(3):
        enter.weight[color, color, 1, 1] = 2
        # Padding 1 and stride 2: taps 1 and 2 of the kernel lie on the cell itself.
        for halving in halvings:
            halving.weight[color, color, 1:, 1:] = 0.25
    enter.bias = nn.Parameter(torch.zeros(_WIDTH))
    for layer, channels in ((first, 3), (second, 12)):
        for channel in range(channels):
            for packed, (row, column) in enumerate(_CELLS):
                layer.weight[channel * 4 + packed, channel, row + 1, column + 1] = 1
    projection = (basis.basis * basis.gain).T
    packed_projection = projection[:, _packed_order()].reshape(CHANNELS, 48, 4)
    for packed, (row, column) in enumerate(_CELLS):
        third.weight[:CHANNELS, :, row + 1, column + 1] = packed_projection[:, :, packed]
    for channel in range(CHANNELS):
        leave.weight[channel, channel, 1, 1] = 1
    leave.bias = nn.Parameter(-projection @ (basis.mean + 1))


def _packed_order() -> Tensor:
    """For each value of a patch packed three times, its index in the basis (row, column, colour)."""
    index = torch.arange(3 * PATCH * PATCH, dtype=torch.float32).reshape(PATCH, PATCH, 3).permute(2, 0, 1)[None]
    for _ in range(3):
        index = functional.pixel_unshuffle(index, 2)
    return index.flatten().long()


class Restorer(nn.Module):
    """The decoder and its critic, in one module so that one checkpoint holds both."""

    def __init__(self, doublings: int) -> None:
        super().__init__()
        self.decoder: nn.Module = new_autoencoder(doublings).decoder
        self.critic = nn.Sequential(
            nn.Conv2d(3, 32, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(32, 64, 4, 2, 1), nn.GroupNorm(8, 64), nn.LeakyReLU(0.2),
            nn.Conv2d(64, 64, 3, 1, 1), nn.GroupNorm(8, 64), nn.LeakyReLU(0.2),
            nn.Conv2d(64, 1, 3, 1, 1),
        )  # fmt: skip

    def loss(self, latents: Tensor, images: Tensor, *, criticised: bool) -> Tensor:
        """Absolute, squared and edge error; and, when criticised, the hinge losses of decoder and critic."""
        restored = self.decoder(latents).float()
        loss = (
            functional.l1_loss(restored, images)
            + 0.5 * functional.mse_loss(restored, images)
            + EDGE_WEIGHT * edges(restored, images)
        )
        if not criticised:
            return loss
        self.critic.requires_grad_(False)  # the decoder must not train the critic to like it
        loss = loss - CRITIC_WEIGHT * self.critic(restored).float().mean()
        self.critic.requires_grad_(True)
        real, fake = self.critic(images).float(), self.critic(restored.detach()).float()
        total: Tensor = loss + functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()
        return total


def train_autoencoder(home: Path, budget: Budget, seed: int) -> None:
    """Train the decoder on crops of the kept pictures."""
    torch.manual_seed(seed)
    world = world_of(home)
    basis = PatchBasis.load(home / "basis.npz")
    restorer = Restorer(world.doublings)
    restorer.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = _run(home, restorer, seed)

    def loss_of(random: Random, generator: torch.Generator, spent: float) -> Tensor:
        images = _crops(world, random, cell(world.doublings), BATCH // world.doublings)
        latents = basis.encode(halve(images, world.doublings))
        strength = LATENT_NOISE * torch.rand(len(images), 1, 1, 1, generator=generator) ** 1.5
        latents = latents + strength * torch.randn(latents.shape, generator=generator)
        latents = latents.to(run.device, memory_format=torch.channels_last)
        with autocast(home):
            return restorer.loss(
                latents, images.to(run.device, memory_format=torch.channels_last), criticised=spent > CRITIC_FROM
            )

    shown = _pictures(world, Random(f"{seed} shown"), "square", SHOWN)

    def samples(progress: Progress) -> None:
        restored = restorer.decoder(basis.encode(halve(shown, world.doublings)).to(run.device)).float().cpu()
        progress.sheet("drawn, restored", tile(to_pixels(torch.cat([shown, restored])), SHOWN), run.step)
        error = functional.mse_loss(restored.clamp(-1, 1), shown).item()
        progress.curve("decibels", float(10 * np.log10(4 / error)), run.step)

    train(run, budget, Schedule(1.5e-3, warm_up=50, decay=0.9), loss_of, samples)


def load_autoencoder(home: Path, seed: int) -> AutoencoderTiny:
    """The whole autoencoder, with the decoder's averaged weights."""
    doublings = world_of(home).doublings
    restorer = Restorer(doublings)
    _run(home, restorer, seed).use_average()
    autoencoder = new_autoencoder(doublings)
    autoencoder.decoder.load_state_dict(restorer.decoder.state_dict())
    set_encoder(autoencoder, PatchBasis.load(home / "basis.npz"))
    return autoencoder.eval()


def _run(home: Path, restorer: Restorer, seed: int) -> Run:
    return Run(home / CHECKPOINT, restorer, adamw(restorer.parameters(), 1e-4), seed, ema=0.995)


def _crops(world: World, random: Random, side: int, count: int) -> Tensor:
    """So many crops of 7×7 latents, each `side` pixels wide, on their grid, mirrored half of the time."""
    crops, width = [], CROP * side
    for picture in _pictures(world, random, random.choice(list(SHAPES)), count):
        y = random.randrange(0, picture.shape[1] - width + 1, side)
        x = random.randrange(0, picture.shape[2] - width + 1, side)
        crop = picture[:, y : y + width, x : x + width]
        crops.append(crop.flip(2) if random.random() < 0.5 else crop)
    return torch.stack(crops)


def _pictures(world: World, random: Random, shape: str, count: int) -> Tensor:
    """So many scenes, drawn at full size."""
    drawn = [world.render(world.sample(random), *full_size(world, shape)).pixels for _ in range(count)]
    return to_tensor(np.stack(drawn))


def edges(image: Tensor, other: Tensor) -> Tensor:
    """The mean absolute difference of the two images' gradients."""
    down = functional.l1_loss(image.diff(dim=2), other.diff(dim=2))
    return down + functional.l1_loss(image.diff(dim=3), other.diff(dim=3))
