"""What Prometheus gets of a real bot and a real engine, and one request's way through both logs."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.processes import Bot, Discord, running, until
from tests.deploy.test_alerts import ALERTS
from tests.deploy.test_monitoring import queries
from tests.engine.conftest import EngineProcess
from tests.figures import Figures

FREE = "something nice"
"""Nothing that the tables know, so that the language model itself is asked, and writes tokens."""


def events(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


@dataclass
class SplitEngine:
    """Bot and engine as two services, each with a log of its own in JSON lines."""

    discord: Discord
    bot: Bot
    engine: EngineProcess

    def scrape(self, path: str = "/metrics") -> Figures:
        [port] = [event["port"] for event in events(self.bot.log.read_text()) if event["event"] == "metrics.listening"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return Figures(answer.read())

    def draw(self, words: str = "a red boat on a calm lake") -> Any:
        """Ask for a picture, and return its post once it shows the picture."""
        before = len(self.discord.posts())
        self.discord.imagine(words)
        post = until(lambda: self.discord.posts()[before:], "the post")[0]
        until(lambda: self.discord.picture(post), "the picture")
        until(lambda: self.scrape().value("limner_bot_jobs_running") == 0, "the end")
        return post


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplitEngine]:
    folder = tmp_path_factory.mktemp("e2e")
    engine, discord = EngineProcess(folder / "engine", ["--socket", str(folder / "s")]), Discord()
    settings = {"ENGINE_URL": f"unix:{folder / 's'}", "LIMNER_METRICS_PORT": "0", "LIMNER_LOG": "json"}
    try:
        engine.wait_for("models.ready", 240)
        with running(discord, folder / "home", **settings) as bot:
            bot.online()
            yield SplitEngine(discord, bot, engine)
    finally:
        discord.stop()
        engine.stop()


def test_one_request_is_told_by_both_processes_under_one_id(pair: SplitEngine) -> None:
    pair.draw()
    [job_id] = [event["job_id"] for event in events(pair.bot.log.read_text()) if event["event"] == "job.accepted"]

    def stages(log: str) -> list[str]:
        return [event["event"] for event in events(log) if event.get("job_id") == job_id]

    assert stages(pair.bot.log.read_text()) == ["job.accepted", "job.posted", "job.understood", "job.finished"]
    assert stages(pair.engine.stderr) == ["job.queued", "job.started", "job.finished"], "words are read before it"
    lanes = [event["lane"] for event in pair.engine.events("job.queued")]
    assert lanes == ["chat", "images"]


def test_what_a_picture_leaves_in_both_processes_figures(pair: SplitEngine) -> None:
    pair.draw()
    pair.draw(FREE)
    until(lambda: pair.scrape().value("limner_bot_discord_up") == 1, "discord.py to be ready, some seconds after")
    bot, engine = pair.scrape(), pair.scrape("/engine/metrics")
    assert bot.value("limner_bot_discord_up") == bot.value("limner_bot_engine_up") == 1
    assert 0 <= bot.value("limner_bot_discord_latency_seconds") < 30
    asked = bot.value("limner_bot_interactions_total", command="imagine", outcome="ok")
    assert asked == bot.value("limner_bot_acknowledgement_seconds_count") == bot.value("limner_bot_jobs_ended_total")
    assert asked == engine.value("limner_engine_jobs_total", lane="images", end="done")
    assert bot.value("limner_bot_acknowledgement_seconds_sum") < 60 * asked, "measured from Discord's own clock"
    assert bot.value("limner_bot_discord_requests_total", method="PATCH", status="200") >= asked
    assert bot.value("limner_bot_ledger_difference") == bot.value("limner_bot_jobs_adrift") == 0
    assert bot.value("limner_bot_database_bytes") > 10_000
    assert engine.value("limner_engine_tokens_total", kind="completion") > 0
    assert engine.value("limner_engine_step_seconds_count") > 0
    for process in (bot, engine):
        assert process.value("process_resident_memory_bytes") > 10e6
        assert process.value("process_open_fds") > 3
        assert not re.search(r"boat|nice", process.text)
    assert bot.value("limner_bot_tasks") > 1


def test_every_figure_of_the_alerts_and_the_board_is_told(pair: SplitEngine) -> None:
    pair.draw()
    pair.engine.wait_for("painter.batch_size")  # measured when the engine is idle, and told with the next step
    pair.draw(FREE)
    told = {one.name for path in ("/metrics", "/engine/metrics") for one in pair.scrape(path).samples}
    wanted = [*queries().values(), *(alert["expr"] for alert in ALERTS.values())]
    named = {name for expr in wanted for name in re.findall(r"\b(?:limner|process)_\w+", expr)}
    assert len(named) > 30
    assert named - told == set()


def test_a_rate_limit_is_counted(pair: SplitEngine) -> None:
    before = pair.scrape().value("limner_bot_discord_requests_total", status="429")
    pair.discord.act("trouble", kind="429", path=r"^POST /channels/\d+/messages$", seconds=0.1)
    pair.draw()
    assert pair.scrape().value("limner_bot_discord_requests_total", method="POST", status="429") == before + 1


def test_the_listener_says_what_it_cannot_tell(pair: SplitEngine, tmp_path: Path) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        pair.scrape("/else")
    assert pair.engine.stop() == 0
    with pytest.raises(urllib.error.HTTPError, match="502"):
        pair.scrape("/engine/metrics")
    assert pair.scrape().value("limner_bot_engine_up") == 0


def test_a_taken_port(pair: SplitEngine, tmp_path: Path) -> None:
    taken = pair.discord.url.rpartition(":")[2]
    with running(pair.discord, tmp_path / "home", LIMNER_METRICS_PORT=taken, ENGINE_URL="unix:/nowhere.sock") as bot:
        assert bot.process.wait(60) == 1
    assert f"Port {taken} is taken; stop what uses it, or set LIMNER_METRICS_PORT to another." in bot.log.read_text()
