"""What the doctor says of LIMNER_UPSCALER: its scales, or the sentence with which an engine goes on without."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.cli.doctor.accelerator import check_models
from bot.cli.doctor.inputs import Discord, Inputs
from bot.cli.doctor.probes import Probes
from bot.settings import Settings
from engine.model_inventory import take_inventory
from harness.tiny_upscalers import network, save_upscaler


def told(value: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the doctor's verdict and fact on the upscaler, beside the starter."""
    monkeypatch.setenv("LIMNER_UPSCALER", value)
    probes: Any = SimpleNamespace(has_apple_gpu=lambda: False)
    settings: Any = SimpleNamespace(engines=(), locale="en-US")
    inputs = Inputs(cast(Settings, settings), cast(Probes, probes), take_inventory(), (), Discord())
    lines = [(line.verdict, line.fact(settings.locale)) for line in check_models(inputs)]
    return [(verdict, fact) for verdict, fact in lines if "LIMNER_UPSCALER" in fact]


def test_the_doctor_says_how_many_times_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for scale, times in ((4, "2, 4"), (2, "2")):
        file = save_upscaler(tmp_path / "tiny.safetensors", network("rrdb", scale))
        assert told(str(file), monkeypatch) == [("ok", f"LIMNER_UPSCALER: tiny enlarges pictures {times} times.")]
    (hub,) = told("owner/model/a.safetensors", monkeypatch)
    assert hub[0] == "warning"
    assert "owner/model/a.safetensors is not here yet" in hub[1]
    (none,) = told("", monkeypatch)
    assert none[0] == "ok"
    assert "LIMNER_UPSCALER is not set" in none[1]


@pytest.mark.parametrize(
    ("value", "says"),
    [("no-such/network", "no-such/network is neither a file here"), ("x" * 300, "is neither a file here")],
)
def test_what_is_no_upscaler_fails_in_one_sentence(value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ((verdict, fact),) = told(value, monkeypatch)
    assert verdict == "fails"
    assert says in fact
