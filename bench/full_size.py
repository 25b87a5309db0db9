"""Pipelines of known models, built from their configurations with random weights: how fast they are needs no others."""

from __future__ import annotations

from typing import Any, Literal

import torch

from harness import tiny_pipelines as tiny

Size = Literal["full", "tiny"]
Config = dict[str, Any]

CLIP_L: Config = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
CLIP_G: Config = {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 20}
CLIP_TINY: Config = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4}
QWEN3_4B: Config = {
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151_936,
    "tie_word_embeddings": True,
}
QWEN3_TINY: Config = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 28,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "vocab_size": 300,
    "tie_word_embeddings": True,
}
VAE: Config = {"block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "norm_num_groups": 32}
VAE_TINY: Config = {"block_out_channels": (8, 8, 8, 8), "layers_per_block": 1, "norm_num_groups": 4}

SDXL_UNET: Config = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "layers_per_block": 2,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "use_linear_projection": True,
    "cross_attention_dim": 2048,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
SDXL_UNET_TINY: Config = {
    **SDXL_UNET,
    "block_out_channels": (16, 32, 32),
    "layers_per_block": 1,
    "transformer_layers_per_block": (1, 1, 1),
    "attention_head_dim": (2, 2, 2),
    "cross_attention_dim": 64,
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 80,
    "norm_num_groups": 8,
}
KLEIN_4B: Config = {
    "num_layers": 5,
    "num_single_layers": 20,
    "num_attention_heads": 24,
    "joint_attention_dim": 7680,
    "guidance_embeds": False,
}
KLEIN_TINY: Config = {
    "num_layers": 1,
    "num_single_layers": 1,
    "num_attention_heads": 2,
    "attention_head_dim": 16,
    "joint_attention_dim": 48,
    "axes_dims_rope": (4, 4, 4, 4),
    "guidance_embeds": False,
}
Z_IMAGE: Config = {"dim": 3840, "n_layers": 30, "n_heads": 30, "n_kv_heads": 30, "cap_feat_dim": 2560}
Z_IMAGE_TINY: Config = {
    "dim": 32,
    "n_layers": 2,
    "n_refiner_layers": 1,
    "n_heads": 2,
    "n_kv_heads": 2,
    "cap_feat_dim": 16,
    "axes_dims": [8, 4, 4],
    "axes_lens": [1024, 512, 512],
}


def build(name: str, size: Size, device: str, dtype: torch.dtype) -> Any:
    """Return a pipeline on a device; with `tiny`, of the same classes and a few layers."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            pipeline = PIPELINES[name](size)
    finally:
        torch.set_default_dtype(before)
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval().requires_grad_(False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def sdxl(size: Size) -> Any:
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    full = size == "full"
    schedule: Config = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    return StableDiffusionXLPipeline(
        unet=UNet2DConditionModel(**(SDXL_UNET if full else SDXL_UNET_TINY)),
        vae=_vae(full, latent_channels=4, scaling_factor=0.13025),
        text_encoder=CLIPTextModel(_clip(CLIP_L if full else CLIP_TINY, 768 if full else 32)),
        text_encoder_2=CLIPTextModelWithProjection(_clip(CLIP_G if full else CLIP_TINY, 1280 if full else 32)),
        tokenizer=tiny.clip_tokenizer(),
        tokenizer_2=tiny.clip_tokenizer(),
        scheduler=_scheduler(EulerDiscreteScheduler, **schedule, timestep_spacing="leading", steps_offset=1),
    )


def klein(size: Size) -> Any:
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import Qwen3Config, Qwen3ForCausalLM

    full = size == "full"
    return Flux2KleinPipeline(
        transformer=Flux2Transformer2DModel(**(KLEIN_4B if full else KLEIN_TINY)),
        vae=AutoencoderKLFlux2(**(VAE if full else VAE_TINY)),
        text_encoder=Qwen3ForCausalLM(Qwen3Config(**(QWEN3_4B if full else QWEN3_TINY))),
        tokenizer=tiny.qwen_tokenizer(),
        scheduler=_scheduler(FlowMatchEulerDiscreteScheduler, shift=3.0),
        is_distilled=True,
    )


def z_image(size: Size) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    full = size == "full"
    transformer = ZImageTransformer2DModel(**(Z_IMAGE if full else Z_IMAGE_TINY))
    with torch.no_grad():
        for token in (transformer.x_pad_token, transformer.cap_pad_token):
            token.fill_(1.0)  # the class leaves them as the memory was
    return ZImagePipeline(
        transformer=transformer,
        vae=_vae(full, latent_channels=16, scaling_factor=0.3611, shift_factor=0.1159),
        text_encoder=Qwen3Model(Qwen3Config(**(QWEN3_4B if full else QWEN3_TINY))),
        tokenizer=tiny.qwen_tokenizer(),
        scheduler=_scheduler(FlowMatchEulerDiscreteScheduler, shift=3.0),
    )


PIPELINES = {"sdxl": sdxl, "klein": klein, "z-image": z_image}


def _scheduler(kind: Any, **options: Any) -> Any:
    """Noise schedulers keep their tables on the CPU."""
    with torch.device("cpu"):
        return kind(**options)


def _vae(full: bool, **options: Any) -> Any:
    from diffusers import AutoencoderKL

    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
    return AutoencoderKL(**(VAE if full else VAE_TINY), **blocks, **options)


def _clip(config: Config, projected: int) -> Any:
    from transformers import CLIPTextConfig

    ends = {"bos_token_id": 512, "eos_token_id": 513, "pad_token_id": 513}
    return CLIPTextConfig(vocab_size=49_408, projection_dim=projected, **config, **ends)
