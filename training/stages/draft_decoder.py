"""The small decoder that draws what `one-step` makes: few first blocks, and no last doublings.

Its first blocks learn to make of latents what the large decoder's make of them; what draws after them is the large
one's own.
"""

from pathlib import Path
from random import Random
from typing import Final

import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn
from torch.nn import functional

from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import autocast
from training.runtime.loop import Schedule, train
from training.stages.album import noisy
from training.stages.dataset import read_shards
from training.stages.gallery_autoencoder import TOLD_WEIGHT, load_illustrator, told
from training.stages.illustrator import PIXELS as WHOLE
from training.stages.illustrator import WIDTH, Illustrator
from training.stages.latent_space import CHANNELS
from training.stages.painter import by_shape
from training.stages.worlds import GalleryWorld

PIXELS = 8
"""Of a finished picture for each latent, in both directions."""

BLOCKS: Final = (7, 2, 1, 0)
CHECKPOINT: Final = "draft.safetensors"
SCHEDULE: Final = Schedule(1.5e-3, warm_up=100, decay=0.6)
NOISE: Final = 0.35
"""How much noise latents have at most: what one-step makes is further from a scene's than what the painter paints."""

_ENCODER_WIDTH = 8
_EVERY, _RIDGE = 3, 1e-5
"""Of the pixels that the last layer is fitted to, and how little its weights are held back."""


class Draft(nn.Module):
    """The first blocks, of which some of the large decoder's are the start."""

    def __init__(self, illustrator: Illustrator) -> None:
        super().__init__()
        self.layers = _new_autoencoder(illustrator).decoder.layers[: 2 + BLOCKS[0]]  # a convolution, what bends, blocks
        for layer, trained in zip(self.layers, illustrator.decoder.layers, strict=False):
            layer.load_state_dict(trained.state_dict())

    def recall(self, latents: Tensor) -> Tensor:
        """Latents (b, channels, h, w) to codes (b, 96, h, w), as `Illustrator.recall` does."""
        codes = torch.tanh(latents / 3) * 3
        for layer in self.layers:
            codes = layer(codes)
        return codes


def train_draft_decoder(home: Path, world: GalleryWorld, budget: Budget, seed: int, batch: int) -> None:
    """Train the first blocks until the budget is spent; a killed run goes on from its last checkpoint."""
    torch.manual_seed(seed)
    illustrator, shards = load_illustrator(home, world, seed), by_shape(read_shards(home, world))["square"]
    draft = Draft(illustrator).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = _run(home, draft, seed)
    illustrator.to(run.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def loss_of(random: Random, generator: torch.Generator, _: float) -> Tensor:
        chosen = [(shard, random.randrange(len(shard.scenes))) for shard in random.choices(shards, k=batch)]
        latents = torch.stack([torch.from_numpy(shard.latents[index]).float() for shard, index in chosen])
        deviation = latents[:, :CHANNELS].std((0, 2, 3))[:, None, None]
        given, true = noisy(latents, NOISE, deviation, generator), latents.to(run.device)
        with autocast(home):
            with torch.no_grad():
                wanted = illustrator.recall(true).float()
            told_of = draft.recall(given.to(run.device, memory_format=torch.channels_last)).float()
        loss: Tensor = ((told_of - wanted).square() * (1 + TOLD_WEIGHT * told(true))).mean()
        return loss

    train(run, budget, SCHEDULE, loss_of)


def load_draft(home: Path, illustrator: Illustrator, seed: int) -> Draft:
    """The first blocks with their averaged weights."""
    draft = Draft(illustrator)
    _run(home, draft, seed).use_average()
    return draft.cpu().eval()


@torch.no_grad()
def small_autoencoder(draft: Draft, illustrator: Illustrator, latents: Tensor) -> AutoencoderTiny:
    """A gallery's decoder up to 8 pixels a latent; the encoder is empty.

    Its last layer is fitted to what the whole decoder draws of such latents, shrunk.
    """
    autoencoder = _new_autoencoder(illustrator)
    for parameter in autoencoder.encoder.parameters():
        nn.init.zeros_(parameter)
    *layers, last = autoencoder.decoder.layers
    for layer, trained in zip(layers, [*draft.layers, *_drawing(illustrator)], strict=True):
        layer.load_state_dict(trained.state_dict())
    last.load_state_dict(_fitted(nn.Sequential(*layers), illustrator, latents))
    return autoencoder.eval()


def _new_autoencoder(illustrator: Illustrator) -> AutoencoderTiny:
    stages = len(BLOCKS)
    return AutoencoderTiny(
        in_channels=3, out_channels=3, latent_channels=illustrator.decoder.layers[0].in_channels, scaling_factor=1.0,
        force_upcast=False, encoder_block_out_channels=(_ENCODER_WIDTH,) * stages, num_encoder_blocks=(0,) * stages,
        decoder_block_out_channels=(WIDTH,) * stages, num_decoder_blocks=BLOCKS,
    )  # fmt: skip


def _drawing(illustrator: Illustrator) -> list[nn.Module]:
    """What of the large decoder follows its first blocks: of each size what doubles, and the first blocks after."""
    sizes: list[list[nn.Module]] = []
    for layer in illustrator.decoder.layers:
        if isinstance(layer, nn.Upsample):
            sizes.append([])
        if sizes:
            sizes[-1].append(layer)
    return [layer for size, blocks in zip(sizes, BLOCKS[1:], strict=False) for layer in size[: 2 + blocks]]


def _fitted(layers: nn.Sequential, illustrator: Illustrator, latents: Tensor) -> dict[str, Tensor]:
    """The 3×3 convolution of the layers' features that comes nearest to the pictures, by least squares."""
    among, towards = torch.zeros((), dtype=torch.double), torch.zeros((), dtype=torch.double)
    for one in latents.split(1):
        features = layers(torch.tanh(one / 3) * 3)  # as the decoder itself does
        picture = functional.avg_pool2d(illustrator.draw(one), WHOLE // PIXELS)
        around = functional.pad(functional.unfold(features, 3, padding=1), (0, 0, 0, 1), value=1.0)[0, :, ::_EVERY]
        among = among + around.double() @ around.T.double()
        towards = towards + around.double() @ ((picture.flatten(2)[0, :, ::_EVERY] + 1) / 2).T.double()  # in 0…1
    among += _RIDGE * among.diagonal().mean() * torch.eye(len(among))
    fitted = torch.linalg.solve(among, towards).T.float()
    return {"weight": fitted[:, :-1].reshape(3, -1, 3, 3), "bias": fitted[:, -1]}


def _run(home: Path, draft: Draft, seed: int) -> Run:
    return Run(home / CHECKPOINT, draft, adamw(draft.parameters(), 1e-4), seed, ema=0.998)
