"""Over a wire that is slow, limited, broken or loses answers, the picture comes once, in one message."""

from __future__ import annotations

from typing import Any

import pytest

from harness.processes import Bot, Discord, until
from tests.e2e.test_whole_way import ask, painted

EDITS = r"^PATCH /channels/\d+/messages/"
POSTS = r"^POST /channels/\d+/messages$"
TROUBLES = [
    pytest.param({"kind": "429", "path": EDITS, "times": 2, "seconds": 0.5}, id="edits are limited"),
    pytest.param({"kind": "slow", "path": EDITS, "times": 1, "seconds": 1.0}, id="edits are slow"),
    pytest.param({"kind": "500", "path": EDITS, "times": 2}, id="edits fail"),
    pytest.param({"kind": "cut", "path": EDITS, "times": 2}, id="edits are cut"),
    pytest.param({"kind": "lost", "path": EDITS, "times": 2}, id="answers to edits are lost"),
    pytest.param({"kind": "lost", "path": POSTS, "times": 1}, id="the answer to the post is lost"),
    pytest.param({"kind": "429", "path": POSTS, "times": 1, "seconds": 0.5}, id="the post is limited"),
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_picture_comes_once(bot: Bot, discord: Discord, trouble: dict[str, Any]) -> None:
    before = {post["id"] for post in discord.posts()}
    discord.act("trouble", **trouble)
    post = ask(discord, "a red boat on a lake", seed=9)
    picture = painted(discord, post)
    assert picture.startswith(b"\x89PNG")
    assert [found["id"] for found in discord.posts() if found["id"] not in before] == [post["id"]]
    until(lambda: bot.rows("SELECT count(*) FROM jobs WHERE state <> 'done'") == [(0,)], "the end on disk", 5)
    shown = next(found for found in discord.posts() if found["id"] == post["id"])
    assert "Understood as" in shown["content"]
    assert discord.calm() == 0, "all of the trouble was met"
