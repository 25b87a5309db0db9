"""`limner imagine`: the whole way without Discord."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from PIL import Image, ImageChops

from tests.e2e.test_start import limner
from tests.hosted.openai_server import KEY, OpenAIServer, serving


def test_the_same_seed_gives_the_same_pixels_and_json_alone(tmp_path: Path) -> None:
    reports = []
    for name in ("a.png", "b.png"):
        result = limner(tmp_path / "home", "imagine", "夕阳下的海滩", "--out", name, "--seed", "7", "--json")
        assert result.returncode == 0, result.stderr
        reports.append(json.loads(result.stdout))
        assert (tmp_path / name).is_file()
    first, second = (Image.open(tmp_path / name) for name in ("a.png", "b.png"))
    assert ImageChops.difference(first, second).getbbox() is None
    assert min(first.size) >= 256
    fixed = ("understood", "keywords", "prompt", "negative", "seed", "size", "model")
    assert [reports[0][name] for name in fixed] == [reports[1][name] for name in fixed]
    assert set(reports[0]) == {*fixed, "seconds", "load_seconds", "files"}
    assert reports[0]["seed"] == 7
    assert reports[0]["files"] == ["a.png"]
    assert "sunset" in reports[0]["prompt"]
    assert "beach" in reports[0]["prompt"]
    assert not (tmp_path / "home" / "limner.sqlite3").exists(), "it touches neither jobs nor ledger"


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
