"""What the doctor says of LIMNER_LORAS: the names, and what is left out or refused in the engine's own sentence."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import structlog

from bot.cli.doctor.accelerator import check_models
from bot.cli.doctor.inputs import Discord, Inputs
from bot.cli.doctor.probes import Probes
from bot.settings import Settings
from engine.errors import LoadFailed
from engine.loading import load
from engine.model_inventory import take_inventory
from engine.models.lora_files import Place
from engine.models.source import Source
from engine.models.tuning import Tuning
from harness import tiny_pipelines as tiny
from harness.tiny_loras import save_lora
from harness.tiny_models import Models


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a painter and a language model."""
    folder = tmp_path_factory.mktemp("doctor") / "models"
    Models(folder)
    return folder


def sentences(painter: Path, loras: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> list[tuple[str, str]]:
    """Return the doctor's verdicts and facts on LoRAs, without a GPU."""
    given = {"LIMNER_MODEL": str(painter), "LIMNER_LORAS": str(loras), "LIMNER_SAFETY": "off", **more}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    probes: Any = SimpleNamespace(has_apple_gpu=lambda: False)
    settings: Any = SimpleNamespace(engines=(), locale="en-US")
    inputs = Inputs(cast(Settings, settings), cast(Probes, probes), take_inventory(), (), Discord())
    said = [(line.verdict, line.fact(settings.locale)) for line in check_models(inputs)]
    return [(verdict, fact) for verdict, fact in said if "LIMNER_LORAS" in fact]


def test_the_doctor_names_them_and_counts_them_to_the_painter(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ink", "wax"):
        save_lora(tiny.sd15(), tmp_path / f"{name}.safetensors")
    assert sentences(models / "painter", tmp_path, monkeypatch) == [
        ("ok", "LIMNER_LORAS: 2 LoRAs are here, and may be named: ink, wax.")
    ]
    inventory = take_inventory()
    monkeypatch.delenv("LIMNER_LORAS")
    before = take_inventory()
    grown = inventory.models["LIMNER_MODEL"].parts["unet"].full - before.models["LIMNER_MODEL"].parts["unet"].full
    numbers = sum(tensor.nbytes // 4 for tensor in _tensors(tmp_path / "ink.safetensors"))
    assert grown == 2 * 2 * numbers
    assert (inventory.weights, before.weights) == ("full", "auto")


def _tensors(file: Path) -> list[Any]:
    from safetensors.torch import load_file

    return list(load_file(file).values())


@pytest.mark.parametrize("fault", ["foreign", "pickle"])
def test_the_doctor_warns_of_a_file_as_the_engine_s_log_does(
    fault: str, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_lora(tiny.sd15(), tmp_path / "wax.safetensors")
    if fault == "pickle":
        (tmp_path / "old.pt").write_bytes(b"x")
    else:
        save_lora(tiny.flux(), tmp_path / "ink.safetensors")
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]
    with structlog.testing.capture_logs() as logs:
        load(*pair, loras=(Place(str(tmp_path)),))
    [why] = [entry["why"] for entry in logs if entry["event"] == "lora.left_out"]
    assert sentences(models / "painter", tmp_path, monkeypatch) == [
        ("warning", f"Left out: {why}"),
        ("ok", "LIMNER_LORAS: one LoRA is here, and may be named: wax."),
    ]


def test_the_doctor_says_what_the_engine_says_when_it_does_not_start(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_lora(tiny.sd15(), tmp_path / "ink.safetensors")
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]
    with pytest.raises(LoadFailed) as refused:
        load(*pair, tuning=Tuning(compile="on"), loras=(Place(str(tmp_path)),))
    assert sentences(models / "painter", tmp_path, monkeypatch, LIMNER_COMPILE="on") == [("fails", str(refused.value))]


def test_what_the_setting_names_and_is_not_there_is_a_failure(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = tmp_path / "nowhere"
    [(verdict, fact)] = sentences(models / "painter", absent, monkeypatch)
    assert (verdict, str(absent) in fact) == ("fails", True)
