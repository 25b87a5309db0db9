"""Weights in int8 and in 4 bits by the packages of limner[small]: what they do to the pictures, and what they take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.api.placement import Format
from engine.loading import load
from engine.models.pipeline_class import load_pipeline
from engine.models.tuning import Tuning
from engine.models.weight_formats import pipeline_options, planner_options
from engine.models.weights import part_sizes
from harness import tiny_pipelines as tiny
from harness.small_weights import shrink
from tests.engine.test_loading import given, paint, starter_planner, talk


@pytest.fixture(scope="module")
def klein(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_painter(tmp_path_factory.mktemp("klein") / "klein", "klein")


def quantised(part: torch.nn.Module) -> dict[str, torch.nn.Linear]:
    return {
        name: module
        for name, module in part.named_modules()
        if isinstance(module, torch.nn.Linear) and type(module.weight).__name__ == "Int8Tensor"
    }


def test_int8_is_loaded_by_the_libraries_and_paints_nearly_the_same(klein: Path) -> None:
    full = load(given(klein), starter_planner())
    small = load(given(klein), starter_planner(), tuning=Tuning(weights="int8"))
    sizes = part_sizes(klein, 4)
    for name in ("transformer", "text_encoder"):
        layers = quantised(getattr(small.painter.pipeline, name))
        numbers = sum(layer.weight.numel() for layer in layers.values())
        assert numbers >= sizes[name].shrinks > 0.7 * numbers, "the estimate errs to the safe side, and not by much"
    assert not quantised(small.painter.pipeline.vae)
    assert small.planner.model is small.painter.pipeline.text_encoder
    assert talk(small)
    first, second = paint(full), paint(small)
    assert first != second
    assert paint(small) == second
    assert "in int8" in small.fitted.placement.why
    assert small.painter.gate is not None, "requests still share forwards"
    assert small.painter.gate.batch_sizes is not None


Quantise = Callable[[torch.nn.Module], None]


def by_torchao(config: Any) -> Quantise:
    def quantise(part: torch.nn.Module) -> None:
        from torchao.quantization import quantize_

        for module in part.modules():  # as diffusers does it: each linear layer by itself
            if isinstance(module, torch.nn.Linear):
                quantize_(module, config)

    return quantise


def as_the_engine_does(part: torch.nn.Module) -> None:
    shrink(part, Format.INT8, denoises=True, dtype=torch.float32)


def in_four_bits(part: torch.nn.Module) -> None:
    """Put bitsandbytes' layers in directly, since diffusers' loader wants a GPU."""
    shrink(part, Format.FOUR_BIT, denoises=True, dtype=torch.float32)


def per_tensor(part: torch.nn.Module) -> None:
    from torchao.quantization import Int8DynamicActivationInt8WeightConfig, PerRow, PerTensor

    by_torchao(Int8DynamicActivationInt8WeightConfig(granularity=[PerTensor(), PerRow()], set_inductor_config=False))(
        part
    )


def beside_a_loud_neighbour(quantise: Quantise) -> tuple[float, float]:
    """Return how far a row's output moves beside a row forty times as loud, and how far the format itself is off."""
    torch.manual_seed(3)
    pipeline = tiny.klein()
    transformer = pipeline.transformer
    quiet = torch.randn(1, 16, 4)
    texts = torch.randn(1, 8, 48)

    def run(rows: torch.Tensor) -> torch.Tensor:
        many = len(rows)
        output: torch.Tensor = transformer(
            hidden_states=rows,
            encoder_hidden_states=texts.expand(many, -1, -1),
            timestep=torch.full((many,), 0.5),
            img_ids=torch.zeros(16, 4),
            txt_ids=torch.zeros(8, 4),
            return_dict=False,
        )[0]
        return output[0]

    with torch.no_grad():
        exact = run(quiet)
        quantise(transformer)
        alone = run(quiet)
        together = run(torch.cat([quiet, 40 * quiet]))
    return float((together - alone).abs().max()), float((alone - exact).abs().max())


@pytest.mark.parametrize("quantise", [as_the_engine_does, in_four_bits])
def test_a_row_is_the_same_beside_a_loud_neighbour(quantise: Quantise) -> None:
    moved, error = beside_a_loud_neighbour(quantise)
    assert error > 0, "the format was not used"
    assert moved <= error / 2


def test_one_scale_for_a_whole_batch_would_be_seen() -> None:
    moved, error = beside_a_loud_neighbour(per_tensor)
    assert moved > error / 2


def test_layers_that_see_one_vector_a_picture_keep_what_they_multiply() -> None:
    transformer = tiny.klein().transformer
    as_the_engine_does(transformer)
    for name, layer in quantised(transformer).items():
        weight: Any = layer.weight
        whole = weight.act_quant_kwargs is not None
        assert whole == (not any(word in name for word in ("time", "guidance", "mod", "norm"))), name


def test_four_bits_take_the_bytes_that_placement_counts() -> None:
    import bitsandbytes

    layer = bitsandbytes.nn.Linear4bit(1024, 1024, False, torch.float32, True, "nf4").to("cpu")
    state = layer.weight.quant_state
    scales = [state.absmax, state.state2.absmax, state.code, state.state2.code]
    tables = state.code.nbytes + state.state2.code.nbytes  # the same for a layer of any size
    stored = layer.weight.nbytes + sum(scale.nbytes for scale in scales) - tables
    assert stored == pytest.approx(1024 * 1024 * Format.FOUR_BIT.number_bytes, rel=0.02)


def test_four_bits_are_asked_for_part_by_part(klein: Path) -> None:
    """diffusers loads them with a GPU alone; what it is told is seen here."""
    index = json.loads((klein / "model_index.json").read_text())
    mapping = pipeline_options(index, Format.FOUR_BIT, torch.bfloat16)["quantization_config"].quant_mapping
    assert set(mapping) == {"transformer", "text_encoder"}
    for name, library in (("transformer", "diffusers"), ("text_encoder", "transformers")):
        config = mapping[name]
        assert type(config).__module__.startswith(library)
        assert (config.load_in_4bit, config.bnb_4bit_quant_type, config.bnb_4bit_use_double_quant) == (
            True,
            "nf4",
            True,
        )
        assert config.bnb_4bit_compute_dtype is torch.bfloat16
    planner = planner_options(Format.FOUR_BIT, torch.bfloat16)["quantization_config"]
    assert type(planner).__module__.startswith("transformers")
    assert pipeline_options(index, Format.FULL, torch.bfloat16) == planner_options(Format.FULL, torch.bfloat16) == {}
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="No GPU found"):
            load_pipeline(given(klein), torch.bfloat16, weights=Format.FOUR_BIT)
