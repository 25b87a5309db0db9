"""Models from a small hub on 127.0.0.1: what is chosen, how it goes on after a cut, and what is refused before."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from huggingface_hub import constants

from engine.api.model_store import Cut, Done, Event, Failed, Plan, Progress, Removed, Stored
from engine.models import hub
from engine.models.hub import fetch
from engine.models.hub_cache import in_cache, remove, stored
from engine.models.hub_errors import SENTENCES, HubError, HubUnreachable
from engine.models.hub_plan import plan
from harness.processes import environment
from harness.small_hub import COMMIT, SmallHub

PAINTER, READER, CHECK = "artist/painter", "writer/reader", "Falconsai/nsfw_image_detection"
INDEX = json.dumps({"_class_name": "P", "unet": ["diffusers", "U"], "vae": ["diffusers", "V"], "extra": [None, None]})
WEIGHTS = os.urandom(700_000)
MODELS = {
    PAINTER: {
        "model_index.json": INDEX.encode(),
        "unet/config.json": b"{}",
        "unet/diffusion_pytorch_model.safetensors": WEIGHTS,
        "unet/diffusion_pytorch_model.fp16.safetensors": b"f" * 20_000,
        "unet/diffusion_pytorch_model.bin": b"p" * 20_000,
        "unet/code.py": b"raise SystemExit",
        "vae/config.json": b"{}",
        "vae/diffusion_pytorch_model.safetensors": b"v" * 30_000,
        "other/model.safetensors": b"o" * 20_000,
        "whole.safetensors": b"w" * 20_000,
    },
    READER: {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": b"r" * 20_000, "README.md": b"#"},
    CHECK: {"config.json": b"{}", "model.safetensors": b"c" * 11_000, "model.bin": b"c"},
    "bad/pickles": {"config.json": b"{}", "pytorch_model.bin": b"p" * 20_000},
    "bad/nothing": {"README.md": b"#"},
    "shut/painter": {"model_index.json": INDEX.encode(), "unet/model.safetensors": WEIGHTS},
}
WHOLE = {
    "model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
}  # fmt: skip
UNET = f"{PAINTER}/unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHub]:
    started = SmallHub(MODELS, gated=frozenset({"shut/painter"}))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "ENDPOINT", started.url)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", started.url + "/{repo_id}/resolve/{revision}/{filename}"
    )
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.01)))
    yield started
    started.stop()


def fetched(name: str, patience_s: float = 60.0) -> tuple[Path, list[Progress | Cut]]:
    events: list[Progress | Cut] = []
    return fetch(plan(name), events.append, patience_s=patience_s), events


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_painter_comes_whole_without_variants_pickles_or_code(small: SmallHub) -> None:
    wanted = plan(PAINTER)
    assert (wanted.kind, wanted.have) == ("painter", 0)
    folder, events = fetched(PAINTER)
    assert files_in(folder) == WHOLE
    assert (folder / "unet/diffusion_pytorch_model.safetensors").read_bytes() == WEIGHTS
    last = events[-1]
    assert isinstance(last, Progress)
    assert (last.done, last.total) == (wanted.total, wanted.total)
    assert plan(PAINTER).have == wanted.total
    assert (folder.parents[1] / "refs" / "main").read_text() == COMMIT


def test_what_is_here_is_not_fetched_again(small: SmallHub) -> None:
    fetched(READER)
    small.asked.clear()
    fetched(READER)
    assert [asked for asked in small.asked if asked.startswith("GET /writer")] == []


def test_it_is_a_model_only_once_it_is_whole(small: SmallHub) -> None:
    small.cuts[UNET] = [150_000] + [0] * 50
    with pytest.raises(HubUnreachable):
        fetched(PAINTER, patience_s=0.0)
    assert not in_cache(PAINTER)
    small.cuts.clear()
    fetched(PAINTER)
    assert in_cache(PAINTER)


def test_after_a_cut_it_goes_on_where_it_was(small: SmallHub) -> None:
    small.cuts[UNET] = [150_000, 200_000]
    folder, _ = fetched(PAINTER)
    assert (folder / "unet/diffusion_pytorch_model.safetensors").read_bytes() == WEIGHTS
    ranges = [
        asked.rpartition("bytes=")[2] for asked in small.asked if UNET.rpartition("/")[2] in asked and "bytes" in asked
    ]
    starts = [int(asked.partition("-")[0]) for asked in ranges if asked]
    assert starts == [hub.CHUNK_BYTES, 2 * hub.CHUNK_BYTES]


def test_a_second_process_goes_on_where_a_killed_one_was(small: SmallHub, tmp_path: Path) -> None:
    small.cuts[UNET] = [150_000, 0] + [0] * 200
    where = {"HF_ENDPOINT": small.url, "HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_TOKEN": ""}
    command = [sys.executable, "-m", "engine.model_store", "fetch", PAINTER]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(tmp_path / "home", **where))
    part = tmp_path / "hub" / "models--artist--painter" / "blobs" / f"{hashlib.sha256(WEIGHTS).hexdigest()}.part"
    end = time.monotonic() + 60
    while not part.exists() or part.stat().st_size < hub.CHUNK_BYTES:
        assert time.monotonic() < end
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    kept = part.stat().st_size
    small.cuts.clear()
    small.asked.clear()
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(tmp_path / "home", **where), timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    events = [msgspec.json.decode(line, type=Event) for line in done.stdout.splitlines()]
    assert isinstance(events[0], Plan)
    assert events[0].have >= kept
    assert any(f"bytes={kept}-" in asked for asked in small.asked)
    assert [event.name for event in events if isinstance(event, Done)] == [PAINTER, CHECK], (
        "its picture check comes too"
    )


def test_a_part_that_is_longer_than_the_file_is_begun_anew(small: SmallHub) -> None:
    wanted = plan(READER)
    part = wanted.part(next(file for file in wanted.files if file.sha256))
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 90_000)  # longer than the file: of another time
    folder, _ = fetched(READER)
    assert (folder / "model.safetensors").read_bytes() == MODELS[READER]["model.safetensors"]


def test_what_came_damaged_is_deleted(small: SmallHub) -> None:
    small.damaged = frozenset({UNET})
    with pytest.raises(HubError, match="came damaged"):
        fetched(PAINTER)
    small.damaged = frozenset()
    fetched(PAINTER)


def test_a_disk_that_is_too_small_is_refused_before_anything_is_fetched(
    small: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 0, hub.SPARE_BYTES + 400_000))
    wanted = plan(PAINTER)
    small.asked.clear()
    with pytest.raises(HubError, match="make room first") as refused:
        fetch(wanted, lambda _: None)
    assert refused.value.key == "models-disk"
    assert small.asked == []
    fetched(READER)  # which has room


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("nobody/nothing", "models-unknown"),
        ("bad/pickles", "models-pickled"),
        ("bad/nothing", "models-kind"),
        ("shut/painter", "models-gated"),
        ("../../etc", "models-name"),
        ("a/../b", "models-name"),
        ("/etc/passwd", "models-name"),
        ("word", "models-name"),
    ],
)
def test_what_is_no_model_is_refused(small: SmallHub, name: str, key: str) -> None:
    with pytest.raises(HubError) as refused:
        plan(name)
    assert refused.value.key == key


def test_a_hub_that_is_away(small: SmallHub) -> None:
    small.stop()
    with pytest.raises(HubUnreachable) as refused:
        plan(READER)
    assert refused.value.key == "models-unreachable"


def test_models_are_listed_and_removed(small: SmallHub, tmp_path: Path) -> None:
    fetched(READER)
    [model] = stored().models
    assert (model.name, model.whole, model.bytes >= 20_000) == (READER, True, True)
    assert remove(READER) == model.bytes
    assert stored().models == []
    with pytest.raises(HubError, match="is not here"):
        remove(READER)
    with pytest.raises(HubError, match="no name"):
        remove("../hub")


def test_the_process_speaks_to_people_where_the_bot_is_not_installed(small: SmallHub, tmp_path: Path) -> None:
    def say(*arguments: str) -> list[str]:
        where = {"HF_ENDPOINT": small.url, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_TOKEN": ""}
        done = subprocess.run(
            [sys.executable, "-m", "engine.model_store", "--plain", *arguments],
            capture_output=True, text=True, env=environment(tmp_path / "home", **where), timeout=60,
        )  # fmt: skip
        assert done.stderr == ""
        return done.stdout.splitlines()

    pickled = SENTENCES["models-pickled"].format(name="bad/pickles", what="pytorch_model.bin")
    assert say("fetch", "bad/pickles") == [pickled]
    begins, *between, ends = say("fetch", READER)
    assert re.fullmatch(rf"{READER}: 0 MB, 0 MB still to fetch, [\d.]+ [GM]B free\.", begins)
    assert all(re.fullmatch(r"  \d+ %, 0 MB of 0 MB  .*", line) for line in between)
    assert ends == f"{READER} is here, 0 MB."
    _, listed, starter = say("list")
    assert (listed, starter) == (f"  {READER}  0 MB", "  starter  comes along")
    assert say("remove", READER) == [f"{READER} is gone; 0 MB are free again."]


def test_the_process_says_all_in_lines(small: SmallHub, tmp_path: Path) -> None:
    def say(*arguments: str) -> tuple[int, list[Event]]:
        where = {"HF_ENDPOINT": small.url, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_TOKEN": ""}
        done = subprocess.run(
            [sys.executable, "-m", "engine.model_store", *arguments],
            capture_output=True, text=True, env=environment(tmp_path / "home", **where), timeout=60,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done.returncode, [msgspec.json.decode(line, type=Event) for line in done.stdout.splitlines()]

    code, [failed] = say("look", "bad/pickles")
    assert code == 1
    assert isinstance(failed, Failed)
    assert failed.key == "models-pickled"
    assert say("fetch", READER)[0] == 0
    code, [listed] = say("list")
    assert isinstance(listed, Stored)
    assert [model.name for model in listed.models] == [READER]
    code, [removed] = say("remove", READER)
    assert isinstance(removed, Removed)
    assert removed.bytes >= 20_000
    assert say("dance")[0] == 2
