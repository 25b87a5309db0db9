"""The measured seconds of a picture on a machine without a GPU: a forward of the shape that is offered."""

from __future__ import annotations

import pytest
import torch

from engine.api.model_catalog import entry_of
from engine.picture_speed import UNET, seconds_a_picture

TINY = {
    **UNET,
    "sample_size": 16,
    "block_out_channels": (32, 64),
    "layers_per_block": 1,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "norm_num_groups": 8,
}


def test_the_shape_is_that_of_the_painter_in_the_table() -> None:
    from diffusers import UNet2DConditionModel

    entry = entry_of("SimianLuo/LCM_Dreamshaper_v7")
    assert entry
    with torch.device("meta"):
        unet = UNet2DConditionModel(**UNET)
    assert sum(weights.numel() for weights in unet.parameters()) / 1e9 == pytest.approx(entry.parts["unet"], abs=0.006)
    layers = [part for part in unet.modules() if type(part) is torch.nn.Linear]
    shrinks = sum(layer.weight.numel() for layer in layers) / 1e9
    assert entry.sizes["unet"].shrinks / 1e9 == pytest.approx(shrinks, abs=0.006)


def test_larger_pictures_take_longer_and_steps_count() -> None:
    small = min(seconds_a_picture(TINY, 1) for _ in range(3))
    large = min(seconds_a_picture({**TINY, "sample_size": 64}, 1) for _ in range(3))
    assert 0 < small < large
    assert min(seconds_a_picture({**TINY, "sample_size": 64}, 8) for _ in range(3)) > 3 * large
