"""`python -m engine.picture_speed`: seconds of a picture by the painter for machines without a GPU, measured here.

One forward of its UNet's shape is timed, with weights that mean nothing: how long it takes does not hang on them. The
answer is a line of JSON. Nothing is fetched; the memory of the weights, 3.4 GB, is taken for that long.
"""

from __future__ import annotations

import json
import time
from typing import Any

from engine.api.recipes import LCM_DREAMSHAPER

UNET: dict[str, Any] = {
    "sample_size": LCM_DREAMSHAPER.side // 8,
    "block_out_channels": (320, 640, 1280, 1280),
    "layers_per_block": 2,
    "attention_head_dim": 8,
    "cross_attention_dim": 768,
    "time_cond_proj_dim": 256,
}
"""Stable Diffusion 1.5's, with the guidance as a further input."""
TOKENS = 77


def seconds_a_picture(config: dict[str, Any], steps: int) -> float:
    """Return the seconds of so many forwards, by the second of two: the first one loads kernels."""
    import torch
    from diffusers import UNet2DConditionModel

    from engine.models.device import choose_device
    from engine.models.threads import set_threads

    device = choose_device()
    if device.name == "cpu":
        set_threads(None, small=False)
    with torch.device("meta"):
        unet = UNet2DConditionModel(**config)
    unet = unet.to(device.dtype).to_empty(device=device.name).eval()
    with torch.no_grad():
        for weights in unet.parameters():
            weights.fill_(0.001)  # memory that was never written would be read far too fast
        side, channels = config["sample_size"], unet.config.in_channels
        inputs = {
            "sample": torch.zeros(1, channels, side, side),
            "encoder_hidden_states": torch.zeros(1, TOKENS, config["cross_attention_dim"]),
            "timestep_cond": torch.zeros(1, config["time_cond_proj_dim"]),
        }
        inputs = {name: tensor.to(device.name, device.dtype) for name, tensor in inputs.items()}
        taken = 0.0
        for _ in range(2):
            began = time.perf_counter()
            unet(timestep=torch.tensor(500, device=device.name), **inputs).sample.sum().item()
            taken = time.perf_counter() - began
    return steps * taken


def main() -> None:
    print(json.dumps({"seconds": round(seconds_a_picture(UNET, LCM_DREAMSHAPER.steps), 2)}))


if __name__ == "__main__":
    main()
