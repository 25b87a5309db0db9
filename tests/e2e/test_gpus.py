"""LIMNER_GPUS with real engines: one process a GPU, of which one dies amid a picture; nvidia-smi is a script.

Both engines compute on the CPU, which takes no notice of CUDA_VISIBLE_DEVICES: what is tested is all around that.
"""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.processes import Bot, Discord, running, until
from tests.e2e.test_start import limner
from tests.e2e.test_whole_way import painted
from tests.figures import Figures

CARD = "A card, 580.65.06, 24576, 24000"
WORDS, STEPS = "a red boat on a lake", 40


def driver(folder: Path, cards: int) -> dict[str, str]:
    """Put a program in PATH that lists so many GPUs, as nvidia-smi does."""
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text("#!/bin/sh\n" + f"echo '{CARD}'\n" * cards)
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_a_gpu_that_is_not_there_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    result = limner(tmp_path / "home", "run", LIMNER_GPUS="0,5", **driver(tmp_path / "bin", 2))
    assert result.returncode == 2
    assert [line for line in result.stderr.splitlines() if "LIMNER_GPUS" in line] == [
        "LIMNER_GPUS: there is no GPU 5 here, only 0, 1; name those that nvidia-smi lists, or write all."
    ]


class Host:
    """A bot with an engine on each of two GPUs, and its log."""

    def __init__(self, bot: Bot, discord: Discord) -> None:
        self.bot, self.discord = bot, discord

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [line for line in self.bot.log.read_text().splitlines() if line.startswith("{")]
        return [event for event in map(json.loads, lines) if event["event"] == name]

    def pid(self, engine: str) -> int:
        return int([event["pid"] for event in self.events("engine.started") if event["engine"] == engine][-1])

    def scrape(self, path: str) -> Figures:
        [port] = {event["port"] for event in self.events("metrics.listening")}
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return Figures(answer.read())

    def all_up(self) -> bool:
        return self.scrape("/metrics").value("limner_bot_listed_engine_up") == 2

    def ask(self) -> Any:
        before = {post["id"] for post in self.discord.posts()}
        assert self.discord.takes(WORDS, exact=True, seed=9, steps=STEPS)
        return until(lambda: next((p for p in self.discord.posts() if p["id"] not in before), None), "the post", 10)

    def engine_of(self, post: Any) -> str:
        """Return the engine that paints for this post, once it does, as the engines' own log lines say."""
        [(job_id,)] = self.bot.rows(f"SELECT id FROM jobs WHERE message_id = {int(post['id'])}")
        started = until(
            lambda: [event for event in self.events("job.started") if event["job_id"] == job_id], "the painting", 60
        )
        return str(started[-1]["engine"])


@pytest.fixture(scope="module")
def host(discord: Discord, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("gpus")
    settings = {"LIMNER_GPUS": "all", "LIMNER_METRICS_PORT": "0", "LIMNER_LOG": "json", "OMP_NUM_THREADS": "1"}
    with running(discord, folder / "home", **settings, **driver(folder / "bin", 2)) as bot:
        made = Host(bot.online(), discord)
        until(made.all_up, "both engines")
        yield made


@pytest.mark.full  # tests/integration/test_engine_list.py and tests/engine/test_engine_pool.py run a sample of it
def test_one_of_two_engines_dies_amid_a_picture_and_comes_back(host: Host) -> None:
    devices = {name: psutil.Process(host.pid(name)).environ()["CUDA_VISIBLE_DEVICES"] for name in ("gpu0", "gpu1")}
    assert devices == {"gpu0": "0", "gpu1": "1"}
    undisturbed = painted(host.discord, host.ask())
    post = host.ask()
    dies = host.engine_of(post)
    other = {"gpu0": "gpu1", "gpu1": "gpu0"}[dies]
    dead, living = host.pid(dies), host.pid(other)
    until(lambda: "Painting" in host.discord.newest(), "the painting", 60)
    psutil.Process(dead).kill()
    assert painted(host.discord, post) == undisturbed, "the same pixels"
    assert host.engine_of(post) == other
    until(lambda: host.bot.rows("SELECT count(*) FROM jobs WHERE state <> 'done'") == [(0,)], "the end on disk", 5)
    assert len([shown for shown in host.discord.posts() if shown["attachments"]]) == 2, "one delivery each"
    assert host.bot.rows("SELECT state, sum(images) FROM reservations GROUP BY state") == [("spent", 2)]
    until(host.all_up, "the engine that died")
    assert (host.pid(dies) != dead, host.pid(other)) == (True, living), "each is restarted by itself"
    lost = {event["engine"] for event in host.events("engine.lost")}
    assert lost == {dies}


@pytest.mark.full
def test_three_requests_at_once_are_spread_and_all_is_told_of_both(host: Host) -> None:
    until(host.all_up, "both engines")
    posts = [host.ask() for _ in range(3)]
    assert {host.engine_of(post) for post in posts[:2]} == {"gpu0", "gpu1"}
    status = host.discord.act("command", name="status", options={})["message_id"]

    def answered() -> str:
        messages = host.discord.state()["messages"]
        return next((str(message["content"]) for message in messages if message["id"] == status), "")

    shown = until(lambda: answered() if "gpu0" in answered() else "", "the status")
    assert re.search(r"gpu0 works: .*\n.*gpu1 works: ", shown)
    for post in posts:
        painted(host.discord, post)
    both = host.scrape("/engine/metrics")
    for name in ("gpu0", "gpu1"):
        assert both.value("limner_engine_jobs_total", engine=name, lane="images", end="done") >= 1
    path = f"{host.bot.home.parent / 'bin'}:{os.environ['PATH']}"
    doctor = limner(host.bot.home, "doctor", "--json", LIMNER_GPUS="all", PATH=path)
    facts = [check["fact"] for check in json.loads(doctor.stdout)["checks"]]
    for name in ("gpu0", "gpu1"):
        assert any(f"engine-{name}.sock answers" in fact for fact in facts), facts
