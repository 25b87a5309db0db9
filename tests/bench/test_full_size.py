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
    for built, name in (("sdxl", "stable-diffusion-xl-base-1.0"), ("klein", "FLUX.2-klein-4B")):
        parts = build(built, "full", "meta", torch.bfloat16).components
        for part, size in known[name].sizes.items():
            output = getattr(parts[part], "get_output_embeddings", lambda: None)()
            layers = [one for one in parts[part].modules() if type(one) is torch.nn.Linear and one is not output]
            shrinks = 0 if part == "vae" else sum(layer.weight.numel() for layer in layers)
            assert size.shrinks / 1e9 == pytest.approx(shrinks / 1e9, abs=0.008), f"{built}, {part}"
    assert PLANNERS[0].size == known["FLUX.2-klein-4B"].sizes["text_encoder"]
