"""A replica is killed amid a picture of the real bot: it comes once, and is the one that comes without a kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import ImageChops

from harness.processes import Bot, Discord, running, until
from tests.cluster.world import KEY, UP_S, Cluster
from tests.pictures import decoded

WORDS = "a red boat on a lake"
"""Painted as they are: on a busy machine the language model may be too late for one request, and not for the other."""
STEPS = 60
"""Enough for a middle to be killed in."""


@pytest.fixture
def discord() -> Iterator[Discord]:
    started = Discord()
    yield started
    started.stop()


@pytest.fixture
def bot(discord: Discord, cluster: Cluster, tmp_path: Path) -> Iterator[Bot]:
    """The bot as it is, with the two settings that send it to the cluster."""
    with running(discord, tmp_path / "home", ENGINE_URL=cluster.url, ENGINE_API_KEY=KEY) as started:
        yield started.online(UP_S)


def ask(bot: Bot, discord: Discord) -> tuple[Any, str]:
    """Ask for the picture; return its post and its job, whose id is the Idempotency-Key."""
    before = {post["id"] for post in discord.posts()}
    assert discord.takes(WORDS, seed=9, steps=STEPS, exact=True)
    post = until(lambda: next((post for post in discord.posts() if post["id"] not in before), None), "the post", 60)
    return post, str(bot.rows("SELECT id FROM jobs ORDER BY created_at DESC LIMIT 1")[0][0])


def painted(discord: Discord, post: Any) -> bytes:
    return until(lambda: discord.picture(post), "the picture", UP_S)


def furthest(one: bytes, other: bytes) -> int:
    """Return by how many levels the pixels differ at most."""
    return max(ImageChops.difference(decoded(one).convert("RGB"), decoded(other).convert("RGB")).tobytes())


@pytest.mark.full  # test_replicas has the same cluster without a kill, e2e/test_whole_way an engine that dies
def test_the_same_picture_comes_once_when_its_replica_is_killed(cluster: Cluster, bot: Bot, discord: Discord) -> None:
    post, _ = ask(bot, discord)
    whole = painted(discord, post)

    killed, job = ask(bot, discord)
    until(lambda: "▰" in discord.newest(), "a step of the picture", UP_S)
    [work] = cluster.events("job.queued", job_id=job)
    replica = psutil.Process(work["pid"])
    replica.suspend()
    assert discord.picture(killed) is None
    assert not cluster.events("job.finished", job_id=job)
    replica.kill()

    again = painted(discord, killed)
    assert furthest(again, whole) <= 1
    pictures = [found["id"] for found in discord.posts() if found["attachments"]]  # who waited long is pinged beside
    assert pictures == [post["id"], killed["id"]]
    first, repeated = cluster.events("job.queued", job_id=job)
    assert first["pid"] == replica.pid != repeated["pid"]
    assert [end["pid"] for end in cluster.events("job.finished", job_id=job)] == [repeated["pid"]]
    assert "retry.waits" in bot.log.read_text()
    until(lambda: bot.rows("SELECT state FROM jobs") == [("done",), ("done",)], "the ends on disk", 60)
    assert bot.rows("SELECT state, images FROM reservations") == [("spent", 1), ("spent", 1)]

    cluster.up(2)
    assert replica.pid not in cluster.loaded()
