"""Logs: whoever writes the line, no id of Discord's and no token is in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from engine.api.log import configure_log
from tests.logs import log_as_it_was

USER, CHANNEL = 1456074443980800016, 81384788765712384
TOKEN = "MTEwMDAwMDAwMDAwMDAwMDAwMA.GabcdE.0123456789abcdefghijklmnopqrstuvwxyz_-"
JOB = "1c0bf62279cacaff46bfd75a2aaaa839"


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    with log_as_it_was():
        yield


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_id_and_no_token_gets_through(form: str, capfd: pytest.CaptureFixture[str]) -> None:
    configure_log("json" if form == "json" else "text", "bot", key=b"k")
    structlog.get_logger("bot.x").info("job.x", user_id=USER, at=f"/channels/{CHANNEL}/messages", job_id=JOB)
    url = f"https://discord.com/api/v10/webhooks/{CHANNEL}/aW50ZXJhY3Rpb246-secret_token/messages/{USER}"
    logging.getLogger("discord.http").warning("We are being rate limited. %s %s responded with 429.", "POST", url)
    try:
        raise ValueError(f"nobody like {USER} with {TOKEN}")
    except ValueError:
        structlog.get_logger("bot.x").exception("job.broke", who={"nested": [USER]})
        logging.getLogger("asyncio").exception("Task %s", USER)
    logged = capfd.readouterr().err
    assert len(logged.splitlines()) >= 4
    for secret in (str(USER), str(CHANNEL), TOKEN, "secret_token"):
        assert secret not in logged
    assert JOB in logged, "the ids of jobs are our own"
    assert logged.count("id-") >= 4
    if form == "json":
        assert all(json.loads(line) for line in logged.splitlines())


def test_the_same_id_gives_the_same_hash_under_the_same_key(capfd: pytest.CaptureFixture[str]) -> None:
    lines = []
    for key in (b"k", b"k", b"other", None, None):
        configure_log("text", "bot", key=key)
        structlog.get_logger("bot.x").info("x.y", user_id=USER)
        lines.append(capfd.readouterr().err.rpartition("user_id=")[2])
    assert lines[0] == lines[1]
    assert len(set(lines)) == 4
