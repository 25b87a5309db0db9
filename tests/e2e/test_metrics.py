"""What Prometheus gets of a real bot and its real engine."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.world import Bot, Discord, running


class Figures:
    """A scrape, asked for single figures."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of the figure's samples with at least these labels."""
        found = [one.value for one in self.samples if one.name == name and labels.items() <= one.labels.items()]
        assert found, f"{name} {labels} is not there"
        return sum(found)


def scrape(bot: Bot, path: str = "/metrics") -> Figures:
    [port] = set(re.findall(r"metrics\.listening.*port=(\d+)", re.sub(r"\x1b\[[\d;]*m", "", bot.log.read_text())))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return Figures(answer.read().decode())


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    discord = Discord()
    try:
        with running(discord, tmp_path_factory.mktemp("e2e") / "home", LIMNER_METRICS_PORT="0") as bot:
            yield bot.ready()
    finally:
        discord.stop()


def test_the_process_is_measured(bot: Bot) -> None:
    found = scrape(bot)
    assert found.value("process_resident_memory_bytes") > 10e6
    assert found.value("process_open_fds") > 3
    assert found.value("limner_bot_tasks") > 1
