"""The catalogue's sizes beside pipelines that are built from the models' own configurations."""

from __future__ import annotations

import pytest
import torch

from bench.full_size import build
from engine.api.model_catalog import PAINTERS, PLANNERS


def test_the_parameters_are_those_of_the_configurations() -> None:
    known = {known.name.rpartition("/")[2]: known for known in PAINTERS}
    for built, name in (("sdxl", "stable-diffusion-xl-base-1.0"), ("klein", "FLUX.2-klein-4B")):
        parts = build(built, "full", "meta", torch.bfloat16).components
        for part, billions in known[name].parts.items():
            assert sum(weights.numel() for weights in parts[part].parameters()) / 1e9 == pytest.approx(
                billions, abs=0.006
            )
    parts = build("z-image", "full", "meta", torch.bfloat16).components
    assert sum(weights.numel() for weights in parts["transformer"].parameters()) / 1e9 == pytest.approx(6.15, abs=0.006)
    assert sum(PLANNERS[0].sizes.values()) == known["FLUX.2-klein-4B"].sizes["text_encoder"]
