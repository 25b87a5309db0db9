"""Which language models can be decoded in slots, read off their configuration; free of torch.

Invariant: a model that is let in attends with a mask of our own, and its positions do not hang on its neighbours'.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CLASSES = frozenset({"Gemma3ForCausalLM", "LlamaForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM"})
"""Of transformers, each with a test that its greedy tokens are `generate`'s. SmolLM2 is a LlamaForCausalLM."""
LAYERS = frozenset({"full_attention", "sliding_attention"})
ROTARY = frozenset({"default", "linear", "llama3", "yarn"})
"""Kinds of rotary embedding whose angles hang on a token's own position alone."""


def why_one_at_a_time(config: Mapping[str, Any]) -> str | None:
    """Return why a model of this config.json answers one request at a time; None where it has slots."""
    name = next(iter(config.get("architectures") or ()), "a model without a class")
    if name not in CLASSES:
        return str(name)
    if unknown := set(config.get("layer_types") or ()) - LAYERS:
        return f"{name} with {min(unknown)}"
    if config.get("use_bidirectional_attention"):
        return f"{name} with attention in both directions"
    if unknown := _rotary_kinds(config) - ROTARY:
        return f"{name} with {min(unknown)} rotary embeddings"
    return None


def _rotary_kinds(config: Mapping[str, Any]) -> set[str]:
    """Return the kinds of rotary embedding, of which a model may have one for each type of layer."""
    given = config.get("rope_parameters") or config.get("rope_scaling") or {}
    nested = [entry for entry in given.values() if isinstance(entry, Mapping)]
    return {str(entry.get("rope_type") or entry.get("type") or "default") for entry in nested or [given]}
