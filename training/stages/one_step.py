"""Trains G(z; c), which makes a gallery's latents at once, against a discriminator and with the painter's help.

First it learns what scenes with a caption have in common, by plain regression. Then the painter shows it the way, as in
adversarial diffusion distillation (arXiv:2311.17042): what G made goes back under noise, the painter says what it takes
that for, and G is to make this at once. The noise is G's own z (arXiv:2405.15891: with fresh noise the aims of many
layouts mix), and its share falls as the training goes on, as it does where the painter paints. The discriminator knows
real scenes (relativistic, with both penalties: arXiv:2501.05441, these without second derivatives: arXiv:2501.08316),
and a real scene with another's caption is wrong to it as well (arXiv:1605.05396).
"""

from pathlib import Path
from random import Random
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional
from transformers import CLIPTokenizer

from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import autocast
from training.runtime.loop import Schedule, train
from training.runtime.progress import Progress
from training.runtime.sheets import tile
from training.stages.dataset import read_shards
from training.stages.latent_space import CHANNELS, PatchBasis, to_pixels
from training.stages.one_step_network import OneStep
from training.stages.painter import batch_of, by_shape, load_painter
from training.stages.painter_network import GUIDANCE, SHIFT, Painter
from training.stages.text_encoder import token_ids, write_tokenizer
from training.stages.worlds import GalleryWorld

CHECKPOINT: Final = "one-step.safetensors"
SCHEDULE: Final = Schedule(1e-3, warm_up=100, decay=0.4)
PLAIN: Final = 0.2
"""The share of the budget in which G learns by regression alone."""

THING_WEIGHT = 2.0
"""How much more a cell of a thing counts than one of the backdrop."""

PULL = 0.5
"""How strongly the discriminator pulls at what G made, at the end, as a share of the painter's pull."""

MISTOLD_WEIGHT = 0.5
SMOOTHNESS, NUDGE = 50.0, 0.1
"""How much it counts that a score changes where its latents change by so much noise: half of R1's and R2's weight."""

SHOWN = 48


def train_one_step(home: Path, world: GalleryWorld, budget: Budget, seed: int, batch: int) -> None:
    """Train until the budget is spent; a killed run goes on from its last checkpoint."""
    torch.manual_seed(seed)
    tokenizer, painter = load_painter(home, seed)
    one = OneStep(len(tokenizer), world.channels)
    one.text_encoder.load_state_dict(painter.text_encoder.state_dict())
    one.generator.to(memory_format=torch.channels_last)
    one.use_plain_attention()
    run = _run(home, one, seed)
    guide = Guide(home, painter, tokenizer, run.device)
    shards, basis = by_shape(read_shards(home, world)), PatchBasis.load(home / "basis.npz")

    def loss_of(random: Random, generator: torch.Generator, spent: float) -> Tensor:
        latents, weights, ids = batch_of(shards, tokenizer, world, random, batch)
        noise, chosen = torch.randn(latents.shape, generator=generator), torch.rand(batch, generator=generator)
        real, z, ids = latents.to(run.device), noise.to(run.device), ids.to(run.device)
        captions = one.text_encoder(ids)
        with autocast(home):
            made = one.make(z.contiguous(memory_format=torch.channels_last), captions.last_hidden_state).float()
        if spent < PLAIN:
            plain: Tensor = ((made - real).square().mean(1) * weights.to(run.device)).mean()
            return plain
        guided = (spent - PLAIN) / (1 - PLAIN)
        aim = guide(made.detach(), z, ids, noise_shares(chosen, guided).to(run.device))
        distance = _distance(made, aim)
        pull, lesson = _judged(one, made.detach(), real, captions.pooler_output)
        strength = PULL * guided * torch.autograd.grad(distance, made, retain_graph=True)[0].norm() / pull.norm()
        pulled = ((made - made.detach()) * pull * strength.nan_to_num(0, 0, 0)).sum()  # 0, but for its gradient
        loss: Tensor = distance + pulled + lesson
        return loss

    scenes = [world.sample(Random(f"{seed} shown {number}"), held_out=True) for number in range(SHOWN)]

    def samples(progress: Progress) -> None:
        made = generate(one, tokenizer, [world.detailed(scene) for scene in scenes])
        progress.sheet("made", tile(to_pixels(basis.decode(made[:, :CHANNELS])), 8), run.step)
        wanted = [{world.gallery.by_word[group.thing] for group in scene.groups} for scene in scenes]
        seen = world.layout.seen(made[:, CHANNELS:].numpy())
        right = sum(asked == shown for asked, shown in zip(wanted, seen, strict=True))
        progress.curve("things as asked for", right / len(scenes), run.step)

    train(run, budget, SCHEDULE, loss_of, samples)


class Guide:
    """The painter, as what says where noisy latents lead."""

    def __init__(self, home: Path, painter: Painter, tokenizer: CLIPTokenizer, device: torch.device) -> None:
        self._painter, self._home, self._empty = painter.to(device), home, token_ids(tokenizer, [""]).to(device)
        painter.requires_grad_(False)
        painter.unet.to(memory_format=torch.channels_last)
        painter.use_plain_attention()

    @torch.no_grad()
    def __call__(self, made: Tensor, z: Tensor, ids: Tensor, shares: Tensor) -> Tensor:
        """What the painter takes `made` for where the shares (b) of noise z hide it; marks are never beyond ±1."""
        wide = shares[:, None, None, None]
        noisy = torch.lerp(made, z, wide)
        both = torch.cat([noisy, noisy]).contiguous(memory_format=torch.channels_last)
        with autocast(self._home):
            flow = self._painter.velocity(both, shares.repeat(2), torch.cat([ids, self._empty.expand_as(ids)]))
        told, plain = flow.float().chunk(2)
        aim = noisy - wide * (plain + GUIDANCE * (told - plain))
        aim[:, CHANNELS:].clamp_(-1, 1)
        return aim


def noise_shares(chosen: Tensor, guided: float) -> Tensor:
    """Shares of noise at a moment (0 to 1) of the guided part, by chance values in 0…1.

    Things find their places while most is noise; so shares lean there (arXiv:2403.03206, equation 23).
    """
    low, high = 0.8 - 0.7 * guided, 0.95 - 0.45 * guided
    even = low + (high - low) * chosen
    return SHIFT * even / (1 + (SHIFT - 1) * even)


def _distance(made: Tensor, aim: Tensor) -> Tensor:
    weights = 1 + THING_WEIGHT * (aim[:, CHANNELS] > 0.25)
    return ((made - aim).square().mean(1) * weights).sum() / weights.sum()


def _judged(one: OneStep, made: Tensor, real: Tensor, captions: Tensor) -> tuple[Tensor, Tensor]:
    """Where made latents would have to go to look real, and the discriminator's own loss."""
    judge, made = one.discriminator, made.requires_grad_()
    of_real, of_made = judge(real, captions), judge(made, captions)
    pull = torch.autograd.grad(functional.softplus(of_real.detach() - of_made).mean(), made, retain_graph=True)[0]
    mistold = judge(real, captions.roll(1, 0))
    rough = sum(
        (judge(latents.detach() + NUDGE * torch.randn_like(latents), captions) - score).square().mean()
        for latents, score in ((real, of_real), (made, of_made))
    )
    told_apart = functional.softplus(of_made - of_real) + MISTOLD_WEIGHT * functional.softplus(mistold - of_real)
    return pull, told_apart.mean() + SMOOTHNESS * rough


@torch.no_grad()
def generate(one: OneStep, tokenizer: CLIPTokenizer, captions: list[str], seed: int = 0) -> Tensor:
    """Latents (captions, channels, 16, 16), on the CPU."""
    generator, device = torch.Generator().manual_seed(seed), next(one.parameters()).device
    channels = one.generator.config["in_channels"]
    z = torch.randn(len(captions), channels, 16, 16, generator=generator).to(device)
    return one.make(z, one.text_encoder(token_ids(tokenizer, captions).to(device)).last_hidden_state).float().cpu()


def load_one_step(home: Path, world: GalleryWorld, seed: int) -> tuple[CLIPTokenizer, OneStep]:
    """The tokenizer, and the network with its averaged weights."""
    tokenizer = write_tokenizer(home, seed)
    one = OneStep(len(tokenizer), world.channels)
    _run(home, one, seed).use_average()
    return tokenizer, one.cpu().eval()


def _run(home: Path, one: OneStep, seed: int) -> Run:
    return Run(home / CHECKPOINT, one, adamw(one.parameters(), 0.01, betas=(0.5, 0.99)), seed, ema=0.998)
