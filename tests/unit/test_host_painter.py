"""The offer of a painter to a machine without a GPU: bytes and measured seconds first, and nothing before a yes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.cli import host_painter, init, model_desk
from bot.cli.host_painter import offered, this_machine
from bot.cli.model_desk import Desk
from bot.cli.terminal_prompts import Asker
from bot.domain.model_offers import Machine, offers
from bot.host import picture_speed
from bot.host.engine_settings import NAMES
from bot.host.model_store import settings_for
from bot.host.picture_speed import FILE, known_seconds, seconds_in
from bot.ui.i18n import LOCALES
from bot.ui.model_offers import how_it_fits
from engine.api.model_catalog import entry_of

LCM = "SimianLuo/LCM_Dreamshaper_v7"


def keep(home: Path, seconds: float, machine: str | None = None) -> None:
    (home / FILE).parent.mkdir(parents=True, exist_ok=True)
    (home / FILE).write_text(json.dumps({"seconds": seconds, "machine": machine or picture_speed._machine()}))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Let a measurement take no time and say 23.4 s; return where it was made."""
    made: list[Path] = []

    async def measure(home: Path) -> float | None:
        made.append(home)
        keep(home, 23.4)
        return 23.4

    for module in (host_painter, model_desk):
        monkeypatch.setattr(module, "measure_seconds", measure)
    return made


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_offer_says_bytes_and_measured_seconds(locale: str, tmp_path: Path, measured: list[Path]) -> None:
    entry = entry_of(LCM)
    assert entry
    for _ in range(2):
        told = await offered(locale, entry, tmp_path)
        assert all(part in told for part in (LCM, "3.9 GB", "23", "512"))
    assert measured == [tmp_path], "it is measured once"
    assert this_machine(tmp_path).seconds == 23.4


def test_the_answer_stands_after_lines_of_a_log() -> None:
    assert seconds_in(b'threads.chosen threads=2\n{"seconds": 23.4}\n') == 23.4


async def test_what_another_machine_measured_is_not_told(tmp_path: Path) -> None:
    assert known_seconds(tmp_path) is None
    keep(tmp_path, 5, "64 cores, torch 1.0")
    assert known_seconds(tmp_path) is None
    (tmp_path / FILE).write_text("{}")
    assert known_seconds(tmp_path) is None


@pytest.mark.parametrize(
    ("machine", "fits"),
    [
        (Machine(2, 8_000_000_000, 20.0), True),
        (Machine(1, 8_000_000_000, 20.0), False),
        (Machine(2, 5_000_000_000, 20.0), False),
        (None, False),
    ],
)
def test_it_is_offered_where_cores_and_memory_suffice(machine: Machine | None, fits: bool) -> None:
    [offer] = [offer for offer in offers(None, machine=machine) if offer.entry.name == LCM]
    assert (offer.fits is not None, offer.seconds) == (fits, 20.0 if fits else None)
    assert how_it_fits("en-US", offer, has_gpu=False) == ("runs here without a GPU" if fits else "needs a GPU")
    others = [offer for offer in offers(None, machine=machine) if offer.entry.name != LCM]
    assert not any(offer.fits for offer in others)


def test_its_language_model_comes_with_it() -> None:
    assert settings_for(LCM, "painter", {}) == {"LIMNER_MODEL": LCM, "LIMNER_PLANNER": "Qwen/Qwen3-0.6B"}
    named = {"LIMNER_PLANNER": "someone/model"}
    assert settings_for(LCM, "painter", named)["LIMNER_PLANNER"] == "someone/model"


@pytest.mark.parametrize(("yes", "expected"), [("y", (LCM, "Qwen/Qwen3-0.6B")), ("", ("", "")), ("n", ("", ""))])
def test_init_takes_it_after_a_yes(
    yes: str, expected: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: list[Path],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMNER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(init, "this_gpu", lambda: None)
    questions: list[str] = []
    answers = iter([LCM, yes])

    def answer(question: str) -> str:
        questions.append(question)
        return next(answers)

    monkeypatch.setattr("builtins.input", answer)
    assert init._ask_models(Asker("en-US"), "", "", hosted=False) == expected
    assert "3.9 GB to fetch, about 23 s a picture" in questions[-1]
    assert measured == [tmp_path / "home"]


async def test_on_the_page_the_first_press_measures_and_the_second_fetches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: list[Path]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(model_desk, "this_gpu", lambda: None)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    fetched: list[str] = []

    async def fetch(self: Desk, name: str) -> None:
        fetched.append(name)

    monkeypatch.setattr(Desk, "_fetch", fetch)
    desk = Desk(tmp_path / "home")
    await desk.listed("en-US")
    await desk.act("fetch", LCM, "en-US")
    await asyncio.sleep(0.01)
    [row] = [row for row in (await desk.listed("en-US"))["models"] if row["name"] == LCM]
    assert "about 23 s a picture" in row["about"]
    assert (measured, fetched) == ([tmp_path / "home"], [])
    await desk.act("fetch", LCM, "en-US")
    await asyncio.sleep(0.01)
    assert fetched == [LCM]
    await desk.close()
