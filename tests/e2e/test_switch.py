"""Another model in .env: the engine fetches it and starts with it, whoever waits reads how far it is, the bot stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import tiny_pipelines as tiny
from harness.processes import Discord, running, until
from harness.small_hub import SmallHub
from tests.e2e.test_whole_way import painted

NAME = "artist/tiny"


@pytest.fixture
def hub(tmp_path: Path) -> SmallHub:
    tiny.sd15().save_pretrained(tmp_path / "tiny")
    files = {
        str(path.relative_to(tmp_path / "tiny")): path.read_bytes()
        for path in (tmp_path / "tiny").rglob("*")
        if path.is_file()
    }
    largest = max(files, key=lambda path: len(files[path]))
    return SmallHub({NAME: files}, cuts={f"{NAME}/{largest}": [140_000, 0, 0, 0]})


@pytest.mark.full  # two starts of the engine; tests/unit/test_engine_settings.py has the decision
def test_a_switch_needs_no_restart_of_the_bot(discord: Discord, tmp_path: Path, hub: SmallHub) -> None:
    home, env = tmp_path / "home", tmp_path / ".env"
    with running(discord, home, **hub.environment(tmp_path / "hf"), LIMNER_SAFETY="off") as bot:
        bot.ready()
        before = bot.engine().pid
        env.write_text(f"LIMNER_MODEL={NAME}\n")
        until(lambda: "engine.replaced" in bot.log.read_text(), "the change", 30)
        known = {post["id"] for post in discord.posts()}
        discord.imagine("a red boat", exact=True, steps=2)
        post = until(lambda: next((p for p in discord.posts() if p["id"] not in known), None), "the message")
        seen: list[str] = []

        def done() -> bool:
            seen.append(next(str(found["content"]) for found in discord.posts() if found["id"] == post["id"]))
            return discord.picture(post) is not None

        until(done, "the picture")
        assert any(f"The model {NAME} is being fetched" in content for content in seen), set(seen)
        assert painted(discord, post)
        assert bot.process.poll() is None
        assert bot.engine().pid != before
        until(lambda: bot.rows("SELECT model FROM jobs") == [(NAME,)], "the job's model", 30)
        asked = [line for line in hub.asked if line.startswith("GET") and "safetensors" in line]
        assert asked, "it came from the hub"
    hub.stop()
