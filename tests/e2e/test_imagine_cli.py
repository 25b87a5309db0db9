"""`limner imagine`: the whole way without Discord."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image, ImageChops

from tests.e2e.test_start import limner
from tests.hosted.openai_server import KEY, OpenAIServer, serving

FIXED = ("understood", "keywords", "prompt", "negative", "seed", "size", "model")
"""What the report of the same words and seed says each time."""


def imagine(folder: Path, name: str) -> dict[str, Any]:
    """Paint into a file of this name; return the report."""
    result = limner(folder / "home", "imagine", "夕阳下的海滩", "--out", name, "--seed", "7", "--json")
    assert result.returncode == 0, result.stderr
    return cast(dict[str, Any], json.loads(result.stdout))


def test_a_picture_and_json_alone(tmp_path: Path) -> None:
    report = imagine(tmp_path, "a.png")
    assert Image.open(tmp_path / "a.png").size == (512, 512)
    assert set(report) == {*FIXED, "seconds", "load_seconds", "files"}
    assert report["seed"] == 7
    assert report["files"] == ["a.png"]
    assert "sunset" in report["prompt"]
    assert "beach" in report["prompt"]
    assert not (tmp_path / "home" / "limner.sqlite3").exists(), "it touches neither jobs nor ledger"


@pytest.mark.full  # test_whole_way asks twice with one seed, and lets the engine die in between
def test_the_same_seed_gives_the_same_pixels(tmp_path: Path) -> None:
    reports = [imagine(tmp_path, name) for name in ("a.png", "b.png")]
    first, second = (Image.open(tmp_path / name) for name in ("a.png", "b.png"))
    assert ImageChops.difference(first, second).getbbox() is None
    assert [reports[0][name] for name in FIXED] == [reports[1][name] for name in FIXED]


async def test_words_can_be_read_elsewhere_and_painted_here(tmp_path: Path) -> None:
    environment = {"PLANNER_API_KEY": KEY, "LIMNER_PLANNER": "gpt-4.1-mini"}
    async with serving(OpenAIServer()) as server:
        result = await asyncio.to_thread(
            limner, tmp_path / "home", "imagine", "ein Boot", "--json", PLANNER_URL=server.url, **environment
        )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["prompt"] == "a red boat on a calm lake"
    assert report["model"] == "limner-starter"
    assert "Your words are sent to 0.0.0.0" in result.stderr
    assert [sent.path for sent in server.requests] == ["/v1/chat/completions"]
