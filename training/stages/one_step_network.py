"""The network of `one-step`: a generator G(z; c) that makes latents of noise and a caption at once, its discriminator,
its scheduler, and the small decoder that draws what it makes.
"""

import torch
from diffusers import AutoencoderTiny, DPMSolverMultistepScheduler
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel

from training.stages.illustrator import BLOCKS as BLOCKS_OF_DRAWING
from training.stages.illustrator import PIXELS as WHOLE
from training.stages.illustrator import WIDTH as DRAWING_WIDTH
from training.stages.illustrator import Illustrator
from training.stages.painter_network import new_scheduler, new_unet
from training.stages.text_encoder import WIDTH, new_text_encoder

BLOCKS = (48, 64, 96)
NOISE_SHARE = 0.999
"""What a pipeline's only step tells the network: the first of the scheduler's sigmas."""

PIXELS = 8
"""Of a finished picture for each latent, in both directions."""

_SEEN = (96, 128, 192, 192)
_DECODER_BLOCKS, _ENCODER_WIDTH = (*BLOCKS_OF_DRAWING[:3], 0), 8
_EVERY, _RIDGE = 3, 1e-5
"""Of the pixels that a layer is fitted to, and how little its weights are held back."""


class Discriminator(nn.Module):
    """Scores latents by whether they could be a scene's, and whether it is the caption's scene.

    The caption is heard by projection: arXiv:1802.05637.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after, stride in zip((channels, *_SEEN), _SEEN, (1, 2, 2, 1), strict=False):
            layers += [nn.Conv2d(before, after, 3, stride, 1), nn.LeakyReLU(0.2)]
        self.features = nn.Sequential(*layers)
        self.real = nn.Linear(_SEEN[-1], 1)
        self.told = nn.Linear(WIDTH, _SEEN[-1])

    def forward(self, latents: Tensor, captions: Tensor) -> Tensor:
        """Latents (b, channels, h, w) and pooled captions (b, 128) → scores (b)."""
        features = self.features(latents).mean((2, 3))
        score: Tensor = self.real(features)[:, 0] + (features * self.told(captions)).sum(1) / features.shape[1] ** 0.5
        return score


class OneStep(nn.Module):
    """Generator and discriminator, and the text encoder of the painter that they learn from, which stays as it was."""

    def __init__(self, vocabulary: int, channels: int) -> None:
        super().__init__()
        self.generator = new_unet(BLOCKS, channels)
        self.discriminator = Discriminator(channels)
        self.text_encoder: CLIPTextModel = new_text_encoder(vocabulary)
        self.text_encoder.requires_grad_(False)

    def use_plain_attention(self) -> None:
        """As the painter's: a training step on a CPU is faster so."""
        self.generator.set_attn_processor(AttnProcessor())
        self.text_encoder.set_attn_implementation("eager")

    def make(self, noise: Tensor, captions: Tensor) -> Tensor:
        """G(z; c): noise (b, channels, h, w) and captions (b, 40, 128) → latents."""
        made: Tensor = self.generator(noise, NOISE_SHARE * 1000, captions, return_dict=False)[0]
        return made


def new_one_step_scheduler() -> DPMSolverMultistepScheduler:
    """The painter's, for a network that tells the latents themselves: its only step returns what the network made."""
    return DPMSolverMultistepScheduler.from_config(new_scheduler().config, prediction_type="sample")


@torch.no_grad()
def small_autoencoder(illustrator: Illustrator, latents: Tensor) -> AutoencoderTiny:
    """A gallery's decoder up to 8 pixels a latent; the encoder is empty.

    Its last layer is fitted to what the whole decoder draws of such latents, shrunk.
    """
    stages = len(_DECODER_BLOCKS)
    autoencoder = AutoencoderTiny(
        in_channels=3, out_channels=3, latent_channels=latents.shape[1], scaling_factor=1.0, force_upcast=False,
        encoder_block_out_channels=(_ENCODER_WIDTH,) * stages, num_encoder_blocks=(0,) * stages,
        decoder_block_out_channels=(DRAWING_WIDTH,) * stages, num_decoder_blocks=_DECODER_BLOCKS,
    )  # fmt: skip
    for parameter in autoencoder.encoder.parameters():
        nn.init.zeros_(parameter)
    *layers, last = autoencoder.decoder.layers
    for layer, trained in zip(layers, illustrator.decoder.layers, strict=False):
        layer.load_state_dict(trained.state_dict())
    last.load_state_dict(_fitted(nn.Sequential(*layers), illustrator, latents))
    return autoencoder.eval()


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
