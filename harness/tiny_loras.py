"""LoRA files with random weights for the tiny pipelines, named as diffusers, peft or kohya's trainers name tensors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch

Naming = Literal["peft", "kohya"]
RANK = 2
ATTENTION = re.compile(r"(?:to_(?:q|k|v)|to_out\.0)$")
TEXT = re.compile(r"(?:q|k|v|out)_proj$")


def save_lora(
    pipeline: Any,
    file: Path,
    *,
    naming: Naming = "peft",
    seed: int = 0,
    text: bool = True,
    denoiser: bool = True,
    strength: float = 0.05,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Write a LoRA for a pipeline's attention and, with `text`, for its first text encoder's; return the file."""
    from safetensors.torch import save_file

    numbers, tensors = torch.Generator().manual_seed(seed), dict[str, torch.Tensor]()
    part = "unet" if getattr(pipeline, "unet", None) is not None else "transformer"
    targets = [(part, ATTENTION, "lora_unet_")] if denoiser else []
    targets += [("text_encoder", TEXT, "lora_te1_" if hasattr(pipeline, "text_encoder_2") else "lora_te_")] * text
    for name, pattern, prefix in targets:
        for path, layer in getattr(pipeline, name).named_modules():
            if not isinstance(layer, torch.nn.Linear) or not pattern.search(path):
                continue
            down = torch.randn(RANK, layer.in_features, generator=numbers)
            up = torch.randn(layer.out_features, RANK, generator=numbers) * strength
            if naming == "peft":
                tensors |= {f"{name}.{path}.lora_A.weight": down, f"{name}.{path}.lora_B.weight": up}
            else:
                inner = f"text_model.{path}" if name == "text_encoder" else path
                key = prefix + inner.replace(".", "_")
                tensors |= {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up}
                tensors[f"{key}.alpha"] = torch.tensor(float(RANK))
    save_file(tensors, file, metadata=dict(metadata or {}))
    return file


def kohya_tags(**tags: int) -> dict[str, str]:
    """Return the metadata of kohya's trainers for a folder of pictures with these tags."""
    return {"ss_tag_frequency": json.dumps({"10_pictures": tags})}
