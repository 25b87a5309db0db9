"""The picture check from end to end, as processes: the starter, and a small check on disk that finds night pictures."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.processes import Bot, Discord, running, until
from tests.engine.classifiers import save_dark_check

NIGHT, DAY = "a snowy forest at night", "a beach by day"


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_dark_check(tmp_path_factory.mktemp("check")))


@pytest.fixture
def bot(discord: Discord, check: str, tmp_path: Path) -> Iterator[Bot]:
    with running(discord, tmp_path / "home", LIMNER_SAFETY=check, LIMNER_LIMIT="50/hour") as started:
        yield started.ready()


def newest(discord: Discord, channel: str = "drawing", member: str = "Ben") -> Any:
    """Return the newest message there that the member sees."""
    state = discord.state(member)
    here = next(found["id"] for found in state["channels"] if found["name"] == channel)
    return next((found for found in reversed(state["messages"]) if found["channel_id"] == here), {"content": ""})


def says(discord: Discord, words: str, channel: str = "drawing") -> Any:
    until(lambda: words in newest(discord, channel)["content"], f"{words!r}")
    return newest(discord, channel)


def moderate(discord: Discord, verb: str, **options: object) -> Any:
    """Let Mo give an order; return the answer."""
    told = discord.act("command", "Mo", name=f"moderation {verb}", options=options)
    return until(lambda: finished(discord, told["message_id"]), "the answer", 10)


def finished(discord: Discord, message_id: str) -> Any:
    found = next((each for each in discord.state("Mo")["messages"] if each["id"] == message_id), None)
    return found if found and not found["flags"] & 128 else None


def press(discord: Discord, message: Any, action: str, channel: str = "drawing") -> None:
    buttons = [item for row in message["components"] for item in row["components"]]
    custom_id = next(item["custom_id"] for item in buttons if f":{action}:" in item["custom_id"])
    discord.act("click", "Mo", channel, message_id=message["id"], custom_id=custom_id)


def picture(discord: Discord, channel: str = "drawing") -> None:
    """Wait for a finished picture as the newest message."""

    def there() -> bool:
        post = newest(discord, channel)
        return bool(post.get("attachments")) and "Refine" in str(post["components"])

    until(there, "the picture")


def test_blocked_held_released_removed_and_elsewhere(discord: Discord, bot: Bot) -> None:
    discord.imagine(NIGHT)
    says(discord, "not safe to post here")
    discord.imagine(DAY)
    picture(discord)
    assert "wait for a moderator" in moderate(discord, "nsfw", policy="hold")["content"]
    review = next(found["id"] for found in discord.state("Mo")["channels"] if found["name"] == "review")
    assert "Held pictures are shown" in moderate(discord, "review", channel=review)["content"]

    discord.imagine(NIGHT)
    assert says(discord, "a moderator looks at it first")["attachments"] == []
    until(lambda: newest(discord, "review", "Mo").get("attachments"), "the picture for the moderators", 10)
    shown = newest(discord, "review", "Mo")
    assert shown["attachments"][0]["filename"].startswith("SPOILER_")
    assert all(channel["name"] != "review" for channel in discord.state("Ada")["channels"])

    press(discord, shown, "release", "review")
    picture(discord)
    assert bot.rows("SELECT count(*) FROM jobs WHERE state = 'done'") == [(2,)]

    discord.imagine(NIGHT)
    says(discord, "a moderator looks at it first")
    press(discord, moderate(discord, "review"), "remove")
    says(discord, "A moderator looked at this picture and removed it")
    assert bot.rows("SELECT count(*) FROM held_pictures") == [(0,)]

    moderate(discord, "nsfw", policy="age-restricted")
    discord.imagine(NIGHT)
    says(discord, "age-restricted channels alone")
    discord.imagine(NIGHT, channel="adults")
    picture(discord, "adults")
    sql = "SELECT coalesce(sum(images), 0) FROM reservations WHERE state = 'held'"
    until(lambda: bot.rows(sql) == [(0,)], "the end on disk", 5)
    assert "Traceback" not in bot.log.read_text()


@pytest.mark.full  # integration/test_review restarts the bot; above, real processes without a kill
def test_a_held_picture_is_there_after_a_kill(discord: Discord, bot: Bot, check: str) -> None:
    moderate(discord, "nsfw", policy="hold")
    review = next(found["id"] for found in discord.state("Mo")["channels"] if found["name"] == "review")
    moderate(discord, "review", channel=review)
    before = newest(discord, "review", "Mo")
    discord.imagine(NIGHT)
    says(discord, "a moderator looks at it first")
    until(lambda: newest(discord, "review", "Mo") != before, "the picture for the moderators", 10)
    shown = newest(discord, "review", "Mo")
    assert bot.stop(signal.SIGKILL) < 0
    with running(discord, bot.home, LIMNER_SAFETY=check, LIMNER_LIMIT="50/hour") as again:
        again.ready()
        press(discord, shown, "release", "review")
        picture(discord)
        assert again.rows("SELECT count(*) FROM jobs WHERE state = 'done'") == [(1,)]


def test_a_check_that_cannot_be_loaded_posts_nothing_and_says_so(discord: Discord, tmp_path: Path) -> None:
    with running(discord, tmp_path / "home", LIMNER_SAFETY=str(tmp_path / "none")) as bot:
        bot.ready()
        assert "safety.failed" in bot.log.read_text()
        discord.imagine(DAY)
        says(discord, "picture check does not work")
        assert bot.rows("SELECT state FROM reservations") == [("released",)]
