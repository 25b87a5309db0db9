"""A pipeline's part in a smaller format, as loading makes it, where the weights are random and no files."""

from __future__ import annotations

from typing import Any

import torch

from engine.api.placement import Format
from engine.models.weight_formats import int8_of_tokens, int8_of_weights


def shrink(part: torch.nn.Module, weights: Format, *, denoises: bool, dtype: torch.dtype) -> None:
    """Bring the linear layers of a part into a format, as loading does it, where the weights are no files.

    A language model's output keeps its format.
    """
    output = getattr(part, "get_output_embeddings", lambda: None)()
    for parent_name, parent in list(part.named_modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, torch.nn.Linear) and layer is not output:
                full_name = f"{parent_name}.{name}".lstrip(".")
                if weights is Format.INT8:
                    _in_int8(layer, full_name, denoises=denoises)
                else:
                    setattr(parent, name, _in_four_bits(layer, dtype))


def _in_int8(layer: torch.nn.Linear, name: str, *, denoises: bool) -> None:
    from diffusers.quantizers.torchao.torchao_quantizer import _resolve_fqn_to_config
    from torchao.quantization import quantize_

    of = _resolve_fqn_to_config(int8_of_tokens(), name, f"{name}.weight") if denoises else int8_of_weights()
    quantize_(layer, of)


def _in_four_bits(layer: torch.nn.Linear, dtype: torch.dtype) -> Any:
    from bitsandbytes.nn import Linear4bit

    device = layer.weight.device
    small = Linear4bit(layer.in_features, layer.out_features, layer.bias is not None, dtype, True, "nf4", device="cpu")
    small.load_state_dict({name: numbers.to("cpu") for name, numbers in layer.state_dict().items()})
    return small.to(device)
