"""Real pipeline classes with a few random weights, built from configurations: they load and run in milliseconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

CHAT_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def byte_alphabet() -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


def clip_tokenizer() -> Any:
    from transformers import CLIPTokenizer

    letters = byte_alphabet()
    words = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: i for i, word in enumerate(words)}, merges=[], model_max_length=77)


def with_words(pipeline: Any, text: str) -> Any:
    """Give a pipeline CLIP tokenizers to which each word of this text is one token, as to real ones; return it."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=4000, end_of_word_suffix="</w>", show_progress=False)
    learner.train_from_iterator([text.lower()] * 2, trainer)
    merges = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]
    known = clip_tokenizer().get_vocab()
    words = [*sorted(known, key=known.__getitem__), *map("".join, merges)]
    for suffix in ("", "_2"):
        if encoder := getattr(pipeline, f"text_encoder{suffix}", None):
            vocabulary = {word: i for i, word in enumerate(dict.fromkeys(words))}
            setattr(pipeline, f"tokenizer{suffix}", CLIPTokenizer(vocabulary, merges, model_max_length=77))
            encoder.resize_token_embeddings(len(vocabulary))
    return pipeline


def clip_config() -> Any:
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
        hidden_size=32,
        intermediate_size=64,
        num_attention_heads=4,
        num_hidden_layers=3,
        vocab_size=600,
        projection_dim=32,
    )


def t5_encoder() -> Any:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(T5Config(vocab_size=128, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4)).eval()


def t5_tokenizer() -> Any:
    from transformers import T5Tokenizer

    letters = [(chr(code), -3.0) for code in range(33, 127)]
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *letters]
    return T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=512)


def qwen_tokenizer() -> Any:
    from transformers import Qwen2Tokenizer

    words = [*byte_alphabet(), "<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Qwen2Tokenizer(vocab={word: i for i, word in enumerate(words)}, merges=[], model_max_length=512)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def qwen_config(layers: int = 2) -> Any:
    from transformers import Qwen3Config

    return Qwen3Config(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        vocab_size=300,
        max_position_embeddings=4096,
        head_dim=8,
        eos_token_id=258,
        bos_token_id=None,
        pad_token_id=256,
    )


def vae(latents: int = 4, channels: tuple[int, ...] = (32, 64), **options: Any) -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=channels,
        latent_channels=latents,
        norm_num_groups=min(8, channels[0] // 4),
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        **options,
    ).eval()


def tiny_vae() -> Any:
    from diffusers import AutoencoderTiny

    return AutoencoderTiny(
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
    ).eval()


def unet(**options: Any) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=32,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        norm_num_groups=8,
        **options,
    ).eval()


def euler() -> Any:
    from diffusers import EulerDiscreteScheduler

    return EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="leading", steps_offset=1
    )


def sd15(autoencoder: Callable[[], Any] = vae, scheduler: Callable[[], Any] = euler) -> Any:
    from diffusers import StableDiffusionPipeline
    from transformers import CLIPTextModel

    return StableDiffusionPipeline(
        vae=autoencoder(),
        text_encoder=CLIPTextModel(clip_config()).eval(),
        tokenizer=clip_tokenizer(),
        unet=unet(cross_attention_dim=32, attention_head_dim=8),
        scheduler=scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def starter_like() -> Any:
    """The starter painter's parts: AutoencoderTiny, and DPM-Solver in the flow's coordinates."""
    from diffusers import DPMSolverMultistepScheduler

    return sd15(tiny_vae, lambda: DPMSolverMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True))


def one_step() -> Any:
    """The parts of a painter that makes a whole picture in one forward, which is what its network returns."""
    from diffusers import DPMSolverMultistepScheduler

    return sd15(tiny_vae, lambda: DPMSolverMultistepScheduler(prediction_type="sample", use_flow_sigmas=True))


def sdxl() -> Any:
    from diffusers import StableDiffusionXLPipeline
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    denoiser = unet(
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=80,
        cross_attention_dim=64,
    )
    return StableDiffusionXLPipeline(
        vae=vae(),
        text_encoder=CLIPTextModel(clip_config()).eval(),
        text_encoder_2=CLIPTextModelWithProjection(clip_config()).eval(),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=denoiser,
        scheduler=euler(),
    )


def flux(kind: str = "FluxPipeline") -> Any:
    import diffusers
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxTransformer2DModel
    from transformers import CLIPTextModel

    transformer = FluxTransformer2DModel(
        patch_size=1,
        in_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8],
        guidance_embeds=True,
    )
    return getattr(diffusers, kind)(
        transformer=transformer.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae(1, (4, 4), use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.06, scaling_factor=1.5),
        text_encoder=CLIPTextModel(clip_config()).eval(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=t5_encoder(),
        tokenizer_2=t5_tokenizer(),
    )


def kontext() -> Any:
    """Flux's parts in the class that edits a picture by instruction."""
    return flux("FluxKontextPipeline")


def klein(levels: int = 1) -> Any:
    """FLUX.2-klein's parts; each of the autoencoder's `levels` but one halves a picture's sides, as three do in it."""
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import Qwen3ForCausalLM

    transformer = Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=48,
        timestep_guidance_channels=256,
        axes_dims_rope=[4, 4, 4, 4],
        guidance_embeds=False,
    )
    autoencoder = AutoencoderKLFlux2(
        sample_size=32,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=(4,) * levels,
        latent_channels=1,
        norm_num_groups=1,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    return Flux2KleinPipeline(
        transformer=transformer.eval(),
        vae=autoencoder.eval(),
        text_encoder=Qwen3ForCausalLM(qwen_config(layers=28)).eval(),  # the pipeline reads its layers 9, 18 and 27
        tokenizer=qwen_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        is_distilled=True,
    )


def ddim() -> Any:
    from diffusers import DDIMScheduler

    return sd15(
        scheduler=lambda: DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False
        )
    )


def sd3() -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline
    from transformers import CLIPTextModelWithProjection

    transformer = SD3Transformer2DModel(
        sample_size=32,
        patch_size=1,
        in_channels=16,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        caption_projection_dim=32,
        joint_attention_dim=32,
        pooled_projection_dim=64,
        out_channels=16,
    )
    return StableDiffusion3Pipeline(
        transformer=transformer.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae(16, (4, 4), use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.06, scaling_factor=1.5),
        text_encoder=CLIPTextModelWithProjection(clip_config()).eval(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=CLIPTextModelWithProjection(clip_config()).eval(),
        tokenizer_2=clip_tokenizer(),
        text_encoder_3=t5_encoder(),
        tokenizer_3=t5_tokenizer(),
    )


def zimage() -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel
    from transformers import Qwen3Model

    transformer = ZImageTransformer2DModel(
        all_patch_size=(2,),
        all_f_patch_size=(1,),
        in_channels=16,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[8, 4, 4],
        axes_lens=[256, 32, 32],
    )
    for token in (transformer.x_pad_token, transformer.cap_pad_token):
        torch.nn.init.ones_(token)  # left uninitialised by the class
    return ZImagePipeline(
        transformer=transformer.eval(),
        vae=vae(16, scaling_factor=0.36, shift_factor=0.12),
        text_encoder=Qwen3Model(qwen_config()).eval(),
        tokenizer=qwen_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )


def sana() -> Any:
    from diffusers import AutoencoderDC, FlowMatchEulerDiscreteScheduler, SanaPipeline, SanaTransformer2DModel
    from transformers import Gemma2Config, Gemma2Model, GemmaTokenizer

    transformer = SanaTransformer2DModel(
        patch_size=1,
        in_channels=4,
        out_channels=4,
        num_layers=2,
        num_attention_heads=2,
        attention_head_dim=4,
        num_cross_attention_heads=2,
        cross_attention_head_dim=4,
        cross_attention_dim=8,
        caption_channels=8,
        sample_size=32,
    )
    autoencoder = AutoencoderDC(
        in_channels=3,
        latent_channels=4,
        attention_head_dim=2,
        encoder_block_types=("ResBlock", "EfficientViTBlock"),
        decoder_block_types=("ResBlock", "EfficientViTBlock"),
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        encoder_qkv_multiscales=((), (5,)),
        decoder_qkv_multiscales=((), (5,)),
        encoder_layers_per_block=(1, 1),
        decoder_layers_per_block=[1, 1],
        downsample_block_type="conv",
        upsample_block_type="interpolate",
        decoder_norm_types="rms_norm",
        decoder_act_fns="silu",
        scaling_factor=0.41,
    )
    language = Gemma2Config(
        head_dim=16,
        hidden_size=8,
        intermediate_size=64,
        num_attention_heads=2,
        num_hidden_layers=1,
        num_key_value_heads=2,
        vocab_size=300,
        attn_implementation="eager",
    )
    letters = ["<pad>", "<eos>", "<bos>", "<unk>", "▁", *map(chr, range(33, 127))]
    return SanaPipeline(
        transformer=transformer.eval(),
        vae=autoencoder.eval(),
        text_encoder=Gemma2Model(language).eval(),
        tokenizer=GemmaTokenizer(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
    )


def qwen_image() -> Any:
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImagePipeline,
        QwenImageTransformer2DModel,
    )
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    transformer = QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=3,
        joint_attention_dim=16,
        axes_dims_rope=(8, 4, 4),
    )
    autoencoder = AutoencoderKLQwenImage(
        base_dim=24,
        z_dim=4,
        dim_mult=[1, 2, 4],
        num_res_blocks=1,
        temperal_downsample=[False, True],
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )
    rope = {"mrope_section": [1, 1, 2], "rope_type": "default", "rope_theta": 1e6}
    text = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "vocab_size": 400,
        "rope_parameters": rope,
    }
    sight = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    config = Qwen2_5_VLConfig(
        text_config=text,
        vision_config=sight,
        vision_end_token_id=301,
        vision_start_token_id=302,
        vision_token_id=303,
        image_token_id=304,
        video_token_id=305,
    )
    return QwenImagePipeline(
        transformer=transformer.eval(),
        vae=autoencoder.eval(),
        text_encoder=Qwen2_5_VLForConditionalGeneration(config).eval(),
        tokenizer=qwen_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )


def qwen_edit(kind: str = "QwenImageEditPipeline") -> Any:
    """Qwen-Image's parts in the class that edits a picture by instruction, which its text encoder looks at as well."""
    import diffusers
    import transformers
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    from engine.models.pipeline_class import of_pictures

    parts = qwen_image().components
    marks = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    parts["tokenizer"].add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>", *marks]})
    encoder = parts["text_encoder"]
    ids = {mark: parts["tokenizer"].convert_tokens_to_ids(mark) for mark in marks}
    for config in (encoder.config, encoder.model.config):
        config.vision_start_token_id, config.vision_end_token_id = ids["<|vision_start|>"], ids["<|vision_end|>"]
        config.image_token_id, config.video_token_id = ids["<|image_pad|>"], ids["<|video_pad|>"]
    images = Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=56 * 56)
    processor = of_pictures(transformers.Qwen2VLProcessor)(images, parts["tokenizer"])
    return getattr(diffusers, kind)(**parts, processor=processor)


def qwen_edit_plus() -> Any:
    """The same for several pictures."""
    return qwen_edit("QwenImageEditPlusPipeline")


FAMILIES: dict[str, Callable[[], Any]] = {
    "sd15": sd15,
    "starter-like": starter_like,
    "sdxl": sdxl,
    "flux": flux,
    "klein": klein,
}

MORE: dict[str, Callable[[], Any]] = {
    "ddim": ddim,
    "kontext": kontext,
    "sd3": sd3,
    "zimage": zimage,
    "sana": sana,
    "qwen-image": qwen_image,
}
"""Further families, whose forwards are shared as well."""

EDITORS: dict[str, Callable[[], Any]] = {"qwen-edit": qwen_edit, "qwen-edit-plus": qwen_edit_plus}
"""Families that paint nothing from words alone."""


def save_painter(folder: Path, family: str = "sd15") -> Path:
    """Save a tiny pipeline in the standard layout."""
    torch.manual_seed(0)
    (FAMILIES | MORE | EDITORS)[family]().save_pretrained(folder, safe_serialization=True)
    return folder


def save_planner(folder: Path) -> Path:
    """Save a tiny language model, which writes noise, in the standard layout."""
    from transformers import Qwen3ForCausalLM

    torch.manual_seed(0)
    Qwen3ForCausalLM(qwen_config()).save_pretrained(folder)
    qwen_tokenizer().save_pretrained(folder)
    return folder
