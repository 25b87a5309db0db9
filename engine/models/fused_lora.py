"""Adds a LoRA to the weights of a pipeline's denoiser for good, as a recipe for few steps does.

Invariant: every layer of the file is added, or nothing is: then ValueError says why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

FUSED = "fused_lora.safetensors"
"""The file in a pipeline's folder that is added to its weights when these are loaded."""
DOWN, UP = ".lora_A.weight", ".lora_B.weight"


def add_lora(pipeline: Any, file: Path) -> None:
    """Add the product of each layer's two matrices to its weight, in float32. Weights must be in full.

    diffusers turns the names of other programs into its own, and multiplies their scales in.
    """
    read: Any = type(pipeline).lora_state_dict(str(file), use_safetensors=True, local_files_only=True)
    tensors = read[0] if isinstance(read, tuple) else read
    layers = sorted({name.removesuffix(DOWN).removesuffix(UP) for name in tensors})
    if not layers or {layer + side for layer in layers for side in (DOWN, UP)} != set(tensors):
        raise ValueError(f"{file.name} is no LoRA that can be added to weights: it holds more than pairs of matrices")
    try:
        weights = [_part(pipeline, layer).weight for layer in layers]
    except AttributeError as error:
        raise ValueError(f"{file.name} is a LoRA for another model: {error}") from error
    pairs = [(tensors[layer + UP].float(), tensors[layer + DOWN].float()) for layer in layers]
    for layer, weight, (up, down) in zip(layers, weights, pairs, strict=True):
        if weight.shape != (len(up), down.shape[-1]):
            raise ValueError(f"{file.name} is a LoRA for another model: {layer} has another size")
    for weight, (up, down) in zip(weights, pairs, strict=True):
        weight.data.copy_(weight.data.float() + up.to(weight.device) @ down.to(weight.device))


def _part(pipeline: Any, layer: str) -> Any:
    """Return a layer by its name, which begins with its part of the pipeline. Raises AttributeError."""
    part, _, name = layer.partition(".")
    return getattr(pipeline, part).get_submodule(name)
