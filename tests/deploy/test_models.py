"""`limner models` as a process: the list, fetching with a bar, what is refused, removing and switching."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.models import models as list_models
from bot.host.model_store import settings_for
from bot.ui.i18n import LOCALES
from engine.api.model_catalog import CATALOG
from engine.api.model_store import Kind
from harness.processes import STEADY, environment
from harness.small_hub import SmallHub
from tests.engine.test_hub import CHECK, MODELS, PAINTER, READER, UNET

COMMAND = [sys.executable, "-m", "bot.cli.main", "models"]
HUGE = "artist/huge"


@pytest.fixture
def small() -> Iterator[SmallHub]:
    started = SmallHub({**MODELS, HUGE: MODELS[READER]}, sizes={f"{HUGE}/model.safetensors": 10**16})
    yield started
    started.stop()


def variables(folder: Path, small: SmallHub, **changes: str) -> dict[str, str]:
    settings = environment(folder / "home", LANG="C", **small.environment(folder / "hf"), **changes)
    return {name: value for name, value in settings.items() if name not in STEADY}  # it writes no .env over a shell's


def models(folder: Path, small: SmallHub, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *arguments], env=variables(folder, small, **changes), cwd=folder, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("locale", LOCALES)
def test_the_list_has_every_model_of_the_table(tmp_path: Path, small: SmallHub, locale: str) -> None:
    done = models(tmp_path, small, "list", LIMNER_LOCALE=locale)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    for known in CATALOG:
        [row] = [line for line in lines if f" {known.name} " in line]
        for told in (known.licence, f"{known.fetch_bytes / 1e9:.1f} GB", f"{known.memory_bytes / 1e9:.1f} GB"):
            assert told in row
    assert any(" starter " in line for line in lines)
    assert small.asked == [], "it needs no network"


@pytest.mark.parametrize("locale", LOCALES)
def test_beside_an_engine_elsewhere_it_says_where_the_models_are(
    tmp_path: Path, locale: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.cli.models.has_engine", lambda: False)
    monkeypatch.setenv("ENGINE_URL", "unix:/run/limner/engine.sock")
    monkeypatch.setenv("LIMNER_LOCALE", locale)
    assert list_models(Namespace(verb="list")) == 1
    told = capsys.readouterr().err
    assert "/run/limner/engine.sock" in told
    assert "pip" not in told


def test_fetch_says_how_large_and_when_it_is_done_and_the_list_then_has_it(tmp_path: Path, small: SmallHub) -> None:
    done = models(tmp_path, small, "fetch", PAINTER)
    assert (done.returncode, done.stderr) == (0, "")
    first, *_, last = done.stdout.splitlines()
    assert first.startswith(f"{PAINTER}: 0.7 MB in 5 files, 0.7 MB still to fetch, ")
    assert f"{PAINTER} is here" in done.stdout
    assert f"{CHECK} is here" in done.stdout
    assert last == f"limner models use {PAINTER} switches to it."
    listed = models(tmp_path, small).stdout
    [row] = [line for line in listed.splitlines() if PAINTER in line]
    assert row.endswith("is here")


def test_ctrl_c_keeps_what_came_and_a_second_start_goes_on(tmp_path: Path, small: SmallHub) -> None:
    small.cuts[UNET] = [150_000] + [0] * 500
    running = subprocess.Popen(
        ["env", "--default-signal=INT", *COMMAND, "fetch", PAINTER],  # in the background, shells have SIGINT ignored
        env=variables(tmp_path, small), cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while len(small.cuts[UNET]) > 499:  # asked a second time: all that the first answer brought is on the disk
        assert time.monotonic() < end
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "What came so far is kept" in err
    assert "Traceback" not in err
    small.cuts.clear()
    small.asked.clear()
    assert models(tmp_path, small, "fetch", PAINTER).returncode == 0
    assert any(UNET.rpartition("/")[2] in asked and "bytes=131072-" in asked for asked in small.asked)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bad/pickles", "holds weights as pickles (pytorch_model.bin)"),
        (HUGE, "make room first"),
    ],
)
def test_what_cannot_be_fetched_is_one_sentence(tmp_path: Path, small: SmallHub, name: str, words: str) -> None:
    done = models(tmp_path, small, "fetch", name)
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list((tmp_path / "hf").rglob("*.part"))
    assert not any(asked.startswith("GET /artist/huge") for asked in small.asked), "refused before it begins"


def test_a_hub_that_is_away_is_one_sentence(tmp_path: Path, small: SmallHub) -> None:
    small.stop()
    done = models(tmp_path, small, "fetch", READER)
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert small.url in done.stderr


def test_what_the_settings_name_is_removed_only_with_yes(tmp_path: Path, small: SmallHub) -> None:
    assert models(tmp_path, small, "fetch", READER).returncode == 0
    for setting in ("LIMNER_PLANNER", "LIMNER_EDITOR"):
        (tmp_path / ".env").write_text(f"{setting}={READER}\n")
        kept = models(tmp_path, small, "remove", READER)
        assert (kept.returncode, f"{setting} names" in kept.stderr) == (1, True)
    (tmp_path / ".env").unlink()
    kept = models(tmp_path, small, "remove", READER, LIMNER_SAFETY=READER)
    assert (kept.returncode, "LIMNER_SAFETY names" in kept.stderr) == (1, True)
    kept = models(tmp_path, small, "remove", READER, LIMNER_UPSCALER=f"{READER}/x4.safetensors")
    assert (kept.returncode, "LIMNER_UPSCALER names" in kept.stderr) == (1, True)
    (tmp_path / ".env").write_text(f"LIMNER_PLANNER={READER}\n")
    gone = models(tmp_path, small, "remove", READER, "--yes")
    assert (gone.returncode, "is gone" in gone.stdout) == (0, True)
    assert not list((tmp_path / "hf").rglob("*.safetensors"))
    assert models(tmp_path, small, "remove", READER, "--yes").returncode == 1


def test_use_writes_the_settings_and_leaves_the_rest(tmp_path: Path, small: SmallHub) -> None:
    (tmp_path / ".env").write_text("# mine\nLIMNER_LIMIT=5/day\n")
    done = models(tmp_path, small, "use", PAINTER)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        tmp_path / ".env"
    ).read_text() == f"# mine\nLIMNER_LIMIT=5/day\nLIMNER_MODEL={PAINTER}\nLIMNER_PLANNER=auto\n"


@pytest.mark.parametrize(
    ("before", "name", "kind", "painter", "planner"),
    [
        ({}, PAINTER, "painter", PAINTER, "auto"),
        ({"LIMNER_PLANNER": READER}, PAINTER, "painter", PAINTER, READER),
        ({"LIMNER_MODEL": PAINTER}, READER, "model", PAINTER, READER),
        ({"LIMNER_PLANNER": READER}, "black-forest-labs/FLUX.2-klein-4B", "painter", None, "auto"),
        ({"LIMNER_MODEL": PAINTER}, "auto", "painter", "auto", "auto"),
        ({"LIMNER_MODEL": PAINTER}, "starter", "painter", "", ""),
        ({"LIMNER_PLANNER": READER}, "starter-one-step", "painter", None, ""),
    ],
)
def test_a_switch_sets_what_belongs_together(
    before: dict[str, str], name: str, kind: Kind, painter: str | None, planner: str
) -> None:
    after = {**before, **settings_for(name, kind, before)}
    assert after["LIMNER_MODEL"] == (name if painter is None else painter)
    assert after["LIMNER_PLANNER"] == planner


def test_use_refuses_what_would_change_nothing_or_is_no_model(tmp_path: Path, small: SmallHub) -> None:
    elsewhere = models(tmp_path, small, "use", "auto", LIMNER_MODEL=PAINTER)
    assert (elsewhere.returncode, "LIMNER_MODEL" in elsewhere.stderr) == (1, True)
    assert models(tmp_path, small, "use", "nobody/nothing").returncode == 1
    assert not (tmp_path / ".env").exists()


def test_on_a_terminal_there_is_a_bar(tmp_path: Path, small: SmallHub) -> None:
    small.cuts[UNET] = [300_000, 0, 0]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execve(sys.executable, [*COMMAND, "fetch", PAINTER], variables(tmp_path, small))
    seen = b""
    while True:
        try:
            seen += os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    shown = seen.decode()
    assert "█" in shown
    assert "MB/s" in shown, shown
    assert " % " in shown
