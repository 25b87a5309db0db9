"""One of two real engines stops answering amid a picture: it is noticed, and the other paints.

Half a minute of silence is some seconds here.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from harness.processes import Discord, until
from tests.e2e.test_gpus import Host, driver
from tests.e2e.test_hanging import HastyBot
from tests.e2e.test_whole_way import painted

pytestmark = pytest.mark.full


def test_one_of_two_engines_hangs_amid_a_picture_and_its_jobs_go_to_the_other(discord: Discord, tmp_path: Path) -> None:
    settings = {"LIMNER_GPUS": "all", "LIMNER_METRICS_PORT": "0", "LIMNER_LOG": "json", "OMP_NUM_THREADS": "1"}
    bot = HastyBot(discord, tmp_path / "home", **settings, **driver(tmp_path / "bin", 2))
    hung: psutil.Process | None = None
    try:
        host = Host(bot.online(), discord)
        until(host.all_up, "both engines")
        undisturbed = painted(discord, host.ask())
        posts = [host.ask(), host.ask()]
        hangs = host.engine_of(posts[0])
        other = {"gpu0": "gpu1", "gpu1": "gpu0"}[hangs]
        hung = psutil.Process(host.pid(hangs))
        began = time.monotonic()
        hung.suspend()
        for post in posts:
            assert painted(discord, post) == undisturbed, "the same pixels"
        assert time.monotonic() - began > 2, "it was given time"
        assert host.engine_of(posts[0]) == other
        until(lambda: bot.rows("SELECT count(*) FROM jobs WHERE state <> 'done'") == [(0,)], "the end on disk", 5)
        assert bot.rows("SELECT state, sum(images) FROM reservations GROUP BY state") == [("spent", 3)]
        assert len([shown for shown in discord.posts() if shown["attachments"]]) == 3, "one delivery each"
        until(host.all_up, "the engine that hung")
        assert host.pid(hangs) != hung.pid
        assert [event["engine"] for event in host.events("engine.hung")] == [hangs]
    finally:
        if hung is not None:
            with suppress(psutil.NoSuchProcess):
                hung.resume()
        bot.stop()
