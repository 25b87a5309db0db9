"""The painter's network, its noise scheduler, and painting with both outside of a pipeline."""

import torch
from diffusers import DPMSolverMultistepScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from engine.painting.guidance import guided_steps
from training.stages.text_encoder import WIDTH, new_text_encoder, token_ids

STEPS = 16
GUIDANCE = 3.0
GUIDANCE_END = 0.5
"""The share of the steps that have guidance: those in which a layout is settled. Of 320 scenes that no training saw the
judge finds all that was asked for in 275, and in 263 where all steps have it."""
SHIFT = 3.0
"""Most steps are at high shares of noise, where a layout is settled: its parts then fit each other better."""


class Painter(nn.Module):
    """The text encoder and the denoiser, which train together."""

    def __init__(self, vocabulary: int, blocks: tuple[int, ...], channels: int) -> None:
        super().__init__()
        self.text_encoder: CLIPTextModel = new_text_encoder(vocabulary)
        self.unet: UNet2DConditionModel = new_unet(blocks, channels)

    def use_plain_attention(self) -> None:
        """Attention in separate steps: on a CPU a training step takes two thirds of the time with it."""
        self.unet.set_attn_processor(AttnProcessor())
        self.text_encoder.set_attn_implementation("eager")

    def velocity(self, noisy: Tensor, noise_share: Tensor, ids: Tensor) -> Tensor:
        """The flow from picture to noise: noisy (b, channels, h, w), noise share (b) in 0…1, ids (b, 40)
        → (b, channels, h, w)."""
        text = self.text_encoder(ids).last_hidden_state
        flow: Tensor = self.unet(noisy, noise_share * 1000, text, return_dict=False)[0]
        return flow


def new_unet(blocks: tuple[int, ...], channels: int) -> UNet2DConditionModel:
    # The pooled caption is added to the time embedding and modulates every block, the finest too, which has no
    # attention of its own. StableDiffusionPipeline needs no extra inputs for that.
    inner = len(blocks) - 1
    return UNet2DConditionModel(
        sample_size=16, in_channels=channels, out_channels=channels, block_out_channels=blocks, layers_per_block=1,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * inner,
        up_block_types=("CrossAttnUpBlock2D",) * inner + ("UpBlock2D",),
        cross_attention_dim=WIDTH, attention_head_dim=4, norm_num_groups=16, addition_embed_type="text",
        addition_embed_type_num_heads=4, resnet_time_scale_shift="scale_shift",
    )  # fmt: skip


def new_scheduler() -> DPMSolverMultistepScheduler:
    """Second-order DPM-Solver++ on the straight flow; the other common schedulers cannot predict a flow."""
    return DPMSolverMultistepScheduler(
        num_train_timesteps=1000, prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=SHIFT,
        algorithm_type="dpmsolver++", solver_order=2, final_sigmas_type="zero", steps_offset=1,
    )  # fmt: skip


@torch.no_grad()
def paint(
    painter: Painter, tokenizer: CLIPTokenizer, captions: list[str], rows: int = 16, columns: int = 16,
    steps: int = STEPS, guidance: float = GUIDANCE, seed: int = 0,
) -> Tensor:  # fmt: skip
    """Latents (captions, channels, rows, columns) for captions, as the pipeline would paint them."""
    generator, painted = torch.Generator().manual_seed(seed), []
    device, channels = next(painter.parameters()).device, painter.unet.config["in_channels"]
    for start in range(0, len(captions), 32):
        batch = captions[start : start + 32]
        ids = token_ids(tokenizer, [""] * len(batch) + batch)
        scheduler = new_scheduler()
        scheduler.set_timesteps(steps)
        latents = torch.randn(len(batch), channels, rows, columns, generator=generator) * scheduler.init_noise_sigma
        for step, timestep in enumerate(scheduler.timesteps):
            sides = 2 if step < guided_steps(GUIDANCE_END, steps) else 1
            share = (timestep / 1000).expand(len(batch) * sides).to(device)
            flow = painter.velocity(torch.cat([latents] * sides).to(device), share, ids[-len(share) :].to(device))
            plain, told = flow.float().cpu().chunk(2) if sides == 2 else (flow.float().cpu(),) * 2
            latents = scheduler.step(plain + guidance * (told - plain), timestep, latents).prev_sample
        painted.append(latents)
    return torch.cat(painted)
