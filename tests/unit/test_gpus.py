"""LIMNER_GPUS and lists of engines: which engines there are, and one sentence for each value that names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.host.engines import addresses_of, own_engines
from bot.operator_errors import CannotStart
from bot.settings import read
from bot.ui.i18n import LOCALES, text
from engine.api.env_settings import SettingsInvalid

CARD = "NVIDIA RTX 3090, 580.65, 24576, 24000"


def driver(cards: int) -> object:
    """Stand in for nvidia-smi on a machine with so many GPUs."""
    return lambda *_: "\n".join([CARD] * cards) if cards else None


def engines(tmp_path: Path, gpus: str, cards: int = 2, visible: str | None = None) -> list[tuple[str, str, str | None]]:
    """Return name, socket and CUDA_VISIBLE_DEVICES of each engine."""
    settings = read({"LIMNER_GPUS": gpus, "LIMNER_HOME": str(tmp_path)})
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    made = own_engines(settings, tmp_path, driver(cards), environment)  # type: ignore[arg-type]
    assert all(engine.variables.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" for engine in made if engine.variables)
    assert len({engine.socket for engine in made}) == len(made)
    return [(engine.name, engine.socket.name, engine.variables.get("CUDA_VISIBLE_DEVICES")) for engine in made]


def test_each_gpu_gets_an_engine_and_one_alone_is_as_without_the_setting(tmp_path: Path) -> None:
    assert engines(tmp_path, "") == [("", "engine.sock", None)]
    both = [("gpu0", "engine-gpu0.sock", "0"), ("gpu1", "engine-gpu1.sock", "1")]
    assert engines(tmp_path, "all") == engines(tmp_path, " 0, 1 ") == engines(tmp_path, "ALL") == both
    assert engines(tmp_path, "1") == [("gpu1", "engine.sock", "1")]
    assert engines(tmp_path, "all", cards=1) == [("gpu0", "engine.sock", "0")]
    assert [name for name, _, _ in engines(tmp_path, "3,1", cards=4)] == ["gpu3", "gpu1"]


def test_where_the_environment_narrows_the_gpus_numbers_count_among_those(tmp_path: Path) -> None:
    both = [("gpu0", "engine-gpu0.sock", "2"), ("gpu1", "engine-gpu1.sock", "3")]
    assert (
        engines(tmp_path, "all", cards=4, visible="2,3") == engines(tmp_path, "0,1", cards=4, visible=" 2, 3 ") == both
    )
    assert engines(tmp_path, "1", cards=4, visible="2,3") == [("gpu1", "engine.sock", "3")]
    assert [visible for _, _, visible in engines(tmp_path, "1,0", cards=4, visible="3,0")] == ["0", "3"]
    named = "GPU-4a1c,MIG-77"
    assert [visible for _, _, visible in engines(tmp_path, "all", cards=4, visible=named)] == ["GPU-4a1c", "MIG-77"]
    assert [visible for _, _, visible in engines(tmp_path, "all", cards=4, visible="2,9,1")] == ["2"], "as CUDA does"
    for gpus in ("2", "0,3"):
        assert "CUDA_VISIBLE_DEVICES=2,3 shows, which count from 0 (only 0, 1)" in refusal(
            tmp_path, gpus, cards=4, visible="2,3"
        )
    for nothing in ("-1", "", "9,0", "-1,0"):
        assert "no NVIDIA GPU" in refusal(tmp_path, "all", cards=4, visible=nothing)


def test_an_order_of_gpus_that_the_environment_names_stays(tmp_path: Path) -> None:
    environment = {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "FASTEST_FIRST"}
    settings = read({"LIMNER_GPUS": "0", "LIMNER_HOME": str(tmp_path)})
    [engine] = own_engines(settings, tmp_path, driver(2), environment)  # type: ignore[arg-type]
    assert engine.variables == environment


def refusal(tmp_path: Path, gpus: str, cards: int, visible: str | None = None) -> str:
    with pytest.raises(CannotStart) as refused:
        engines(tmp_path, gpus, cards, visible)
    sentences = [text(locale, refused.value.key, **refused.value.facts) for locale in LOCALES]
    assert all("LIMNER_GPUS" in sentence and "\n" not in sentence for sentence in sentences)
    return text("en", refused.value.key, **refused.value.facts)


def test_a_gpu_that_is_not_there_and_a_machine_without_any(tmp_path: Path) -> None:
    assert "there is no GPU 2 here, only 0, 1" in refusal(tmp_path, "0,2", cards=2)
    for gpus in ("all", "0"):
        assert "nvidia-smi" in refusal(tmp_path, gpus, cards=0)


URL = "http://10.0.0.5:8200"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LIMNER_GPUS", "both", "LIMNER_GPUS: both is neither all nor a list of GPUs' numbers such as 0,1"),
        ("LIMNER_GPUS", "-1", "LIMNER_GPUS: -1 is neither all nor a list"),
        ("LIMNER_GPUS", "0,all", "LIMNER_GPUS: 0,all is neither all nor a list"),
        ("LIMNER_GPUS", "0,,1", "LIMNER_GPUS: 0,,1 has nothing before, after or between its commas"),
        ("LIMNER_GPUS", "0,1,", "LIMNER_GPUS: 0,1, has nothing before, after or between its commas"),
        ("LIMNER_GPUS", "0,1,0", "LIMNER_GPUS: 0 stands there twice; name each once"),
        ("LIMNER_GPUS", "1,01", "LIMNER_GPUS: 01 stands there twice; name each once"),
        ("ENGINE_URL", f"{URL},", f"ENGINE_URL: {URL}, has nothing before, after or between its commas"),
        ("ENGINE_URL", f"{URL}, ,unix:/x", f"ENGINE_URL: {URL}, ,unix:/x has nothing before, after or between"),
        ("ENGINE_URL", f"{URL},{URL}/v1/", f"ENGINE_URL: {URL}/v1/ stands there twice; name each once"),
        (
            "ENGINE_URL",
            "https://a.io,https://A.io:443",
            "ENGINE_URL: https://A.io:443 stands there twice",
        ),
        ("ENGINE_URL", "unix:/run/x,unix:///run/./x", "ENGINE_URL: unix:///run/./x stands there twice"),
        ("ENGINE_URL", f"{URL} unix:/x", "ENGINE_URL: http://10.0.0.5:8200 unix:/x is not understood"),
        ("ENGINE_URL", f"{URL},ftp://x", f"ENGINE_URL: {URL},ftp://x is not understood"),
    ],
)
def test_each_wrong_value_gets_one_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read({name: value})
    [mistake] = refused.value.mistakes
    assert text("en", mistake.key, **mistake.facts).startswith(sentence)
    assert name in text("zh-CN", mistake.key, **mistake.facts)


def test_gpus_here_and_engines_elsewhere_are_not_both_to_be_had() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read({"LIMNER_GPUS": "all", "ENGINE_URL": URL})
    [mistake] = refused.value.mistakes
    assert "ENGINE_URL names others" in text("en", mistake.key, **mistake.facts)


def test_the_engines_of_a_list_have_names_in_its_order() -> None:
    addresses = addresses_of(read({"ENGINE_URL": f"{URL}, unix:/run/b.sock"}), ())
    assert {name: address.where for name, address in addresses.items()} == {"engine1": URL, "engine2": "/run/b.sock"}
