"""Super-resolution networks with random weights, in every layout of names that files have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from engine.models.upscaler_file import UpscalerFile

Layout = Literal["new", "former", "old"]


def network(kind: Literal["rrdb", "compact"], scale: int = 4, *, blocks: int = 1, unshuffle: int = 1) -> UpscalerFile:
    """Return what the file of a tiny network says."""
    doublings = (scale * unshuffle).bit_length() - 1 if kind == "rrdb" else 0
    return UpscalerFile(Path(), kind, scale, 8, blocks, 4 if kind == "rrdb" else 0, unshuffle, doublings)


def save_upscaler(file: Path, facts: UpscalerFile, *, layout: Layout = "new", wrapper: str = "", seed: int = 0) -> Path:
    """Write a network's weights, their names in one of the layouts; return the file."""
    import torch
    from safetensors.torch import save_file

    from engine.painting.upscaler_network import Compact, Rrdb

    torch.manual_seed(seed)
    weights: dict[str, Any] = (Rrdb(facts) if facts.kind == "rrdb" else Compact(facts)).state_dict()
    if facts.kind == "rrdb":  # grey, and as lively as a picture, where the first random weights are nearly black
        weights["conv_last.weight"] *= 30
        weights["conv_last.bias"].fill_(0.5)
    named = {wrapper + _named(name, facts, layout): tensor.contiguous() for name, tensor in weights.items()}
    save_file(named, file)
    return file


def _named(name: str, facts: UpscalerFile, layout: Layout) -> str:
    if facts.kind == "compact" or layout == "new":
        return name
    if layout == "former":
        for new, former in (("conv_body", "trunk_conv"), ("conv_up", "upconv"), ("conv_hr", "HRconv")):
            name = name.replace(new, former)
        return re.sub(r"^body\.(\d+)\.rdb", r"RRDB_trunk.\1.RDB", name)
    ups = {f"conv_up{index + 1}": 3 * (index + 1) for index in range(facts.doublings)}
    last = max(ups.values(), default=0) + 2
    numbers = {
        "conv_first": "0",
        "conv_body": f"1.sub.{facts.blocks}",
        "conv_hr": f"{last}",
        "conv_last": f"{last + 2}",
    }
    numbers |= {up: str(number) for up, number in ups.items()}
    if match := re.fullmatch(r"body\.(\d+)\.rdb(\d)\.conv(\d)\.(\w+)", name):
        return f"model.1.sub.{match[1]}.RDB{match[2]}.conv{match[3]}.0.{match[4]}"
    layer, _, part = name.rpartition(".")
    return f"model.{numbers.get(layer, f'1.sub.{facts.blocks}')}.{part}"
