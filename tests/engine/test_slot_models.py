"""Which language models are decoded in slots is read off their configuration; `limner doctor` names the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.cli.doctor.accelerator import _model
from engine.chatting.slot_models import why_one_at_a_time
from engine.model_inventory import _entry
from engine.models.source import Source, read_source
from tests.engine.test_plain_planner import gpt2

QWEN: dict[str, Any] = {"architectures": ["Qwen3ForCausalLM"]}


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (QWEN, None),
        ({"architectures": ["LlamaForCausalLM"], "rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, None),
        ({"architectures": ["Gemma3ForCausalLM"], "layer_types": ["sliding_attention", "full_attention"]}, None),
        (
            {
                "architectures": ["Gemma3ForCausalLM"],
                "rope_parameters": {
                    "full_attention": {"rope_type": "linear"},
                    "sliding_attention": {"rope_type": "default"},
                },
            },
            None,
        ),
        ({"architectures": ["MambaForCausalLM"]}, "MambaForCausalLM"),
        ({}, "a model without a class"),
        ({**QWEN, "layer_types": ["full_attention", "linear_attention"]}, "Qwen3ForCausalLM with linear_attention"),
        ({**QWEN, "rope_scaling": {"type": "dynamic"}}, "Qwen3ForCausalLM with dynamic rotary embeddings"),
        ({**QWEN, "use_bidirectional_attention": True}, "Qwen3ForCausalLM with attention in both directions"),
    ],
)
def test_the_configuration_tells(config: dict[str, Any], reason: str | None) -> None:
    assert why_one_at_a_time(config) == reason


def test_the_doctor_names_a_model_that_answers_one_at_a_time(tmp_path: Path) -> None:
    entry = _entry("LIMNER_PLANNER", Source(str(gpt2(tmp_path / "gpt2")), "", local=True))
    finding = next(finding for finding in _model("LIMNER_PLANNER", entry, 4) if "one-at-a-time" in finding.key)
    assert finding.verdict == "warning"
    assert "answers one request at a time: GPT2LMHeadModel" in finding.fact("en")
    assert "Qwen" in finding.remedy("en")
    assert "GPT2LMHeadModel" in finding.fact("zh-CN")
    [starter] = _model("LIMNER_PLANNER", _entry("LIMNER_PLANNER", read_source("LIMNER_PLANNER", "", "planner")), 4)
    assert starter.verdict == "ok"
