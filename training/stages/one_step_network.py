"""The network of `one-step`: a generator G(z; c) that makes latents of noise and a caption at once, its discriminator
and its scheduler.
"""

from diffusers import DPMSolverMultistepScheduler
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from transformers import CLIPTextModel

from training.stages.painter_network import new_scheduler, new_unet
from training.stages.text_encoder import WIDTH, new_text_encoder

BLOCKS = (48, 64, 96)
NOISE_SHARE = 0.999
"""What a pipeline's only step tells the network: the first of the scheduler's sigmas."""

_SEEN = (96, 128, 192, 192)


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
