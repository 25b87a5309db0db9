"""Language models of the families that are decoded in slots, with a few random weights, built from configurations."""

from __future__ import annotations

from typing import Any

import torch

VOCABULARY = 300
"""As harness.tiny_pipelines.qwen_tokenizer has it, and some more."""
WINDOW = 16
"""Of Gemma's sliding layers: shorter than the tests' prompts."""
COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "max_position_embeddings": 4096,
    "initializer_range": 0.4,
    "bos_token_id": None,
    "eos_token_id": 258,
    "pad_token_id": 256,
}


def llama() -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(LlamaConfig(**COMMON, num_attention_heads=4, num_key_value_heads=2))


def smollm2() -> Any:
    """SmolLM2 is Llama's class with tied embeddings, nine heads to three of keys, and rotary angles of its own."""
    from transformers import LlamaConfig, LlamaForCausalLM

    rotary = {"rope_type": "default", "rope_theta": 100_000.0}
    sizes = {**COMMON, "hidden_size": 36, "num_attention_heads": 9, "num_key_value_heads": 3}
    return LlamaForCausalLM(LlamaConfig(**sizes, tie_word_embeddings=True, rope_parameters=rotary))


def qwen2() -> Any:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return Qwen2ForCausalLM(Qwen2Config(**COMMON, num_attention_heads=4, num_key_value_heads=2))


def qwen3() -> Any:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16}
    return Qwen3ForCausalLM(Qwen3Config(**COMMON, **heads))


def gemma3() -> Any:
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    heads = {"num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 8, "query_pre_attn_scalar": 8}
    layers = ["sliding_attention", "full_attention", "sliding_attention"]
    options = {"layer_types": layers, "sliding_window": WINDOW, "tie_word_embeddings": False}
    return Gemma3ForCausalLM(Gemma3TextConfig(**COMMON, **heads, **options))


FAMILIES = {"llama": llama, "smollm2": smollm2, "qwen2": qwen2, "qwen3": qwen3, "gemma3": gemma3}


def build(family: str, seed: int = 0) -> Any:
    """Return a model of a family; the same seed gives the same weights."""
    torch.manual_seed(seed)
    return FAMILIES[family]().eval()
