"""A backup amid work, the home erased, the backup restored: all that was acknowledged before it is delivered, once."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import tarfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.e2e.test_start import limner
from tests.e2e.test_whole_way import ask, painted
from tests.e2e.world import Discord, running, until

WORDS = ("夕阳下的海滩", "a red boat on a lake", "a white cat in the snow", "a castle at night", "a tree in the desert")
GENEROUS = {"LIMNER_LIMIT": "50/hour", "LIMNER_AT_ONCE": "20"}


def states(home: Path) -> dict[str, str]:
    with closing(sqlite3.connect(home / "limner.sqlite3")) as connection:
        return dict(connection.execute("SELECT words, state FROM jobs"))


def test_what_was_acknowledged_before_a_backup_under_load_outlives_the_home(discord: Discord, tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "limner.tar"
    with running(discord, home, **GENEROUS) as bot:
        bot.ready()
        first = ask(discord, WORDS[0])
        whole = painted(discord, first)
        until(lambda: states(home) == {WORDS[0]: "done"}, "the end on disk", 20)
        engine = bot.engine()
        posts = [ask(discord, words) for words in WORDS[1:]]
        engine.suspend()  # so that work is on its way, however quick the machine
        backup = limner(home, "backup", str(file))
        assert backup.returncode == 0, backup.stderr
        engine.resume()
        ask(discord, "a lighthouse by day")
        assert bot.stop(signal.SIGKILL) == -signal.SIGKILL
    shutil.rmtree(home)

    unpacked = tmp_path / "unpacked"
    with tarfile.open(file) as archive:
        archive.extract("limner.sqlite3", unpacked, filter="data")
    found = states(unpacked)
    assert set(found) == set(WORDS)
    assert Counter(state in ("queued", "painting") for state in found.values())[True] >= 1, "there was work on its way"

    restore = limner(home, "restore", str(file))
    assert restore.returncode == 0, restore.stderr
    assert states(home) == found
    with running(discord, home, **GENEROUS) as again:
        for post in posts:
            assert painted(discord, post)
        assert discord.picture(first) == whole, "what was delivered is left as it was"
        until(lambda: set(states(home).values()) == {"done"}, "every end on disk", 20)
        assert again.rows("SELECT state, sum(images) FROM reservations GROUP BY state") == [("spent", len(WORDS))]
        shown = [found["id"] for found in discord.posts()]
        assert all(shown.count(post["id"]) == 1 for post in (first, *posts))
        assert painted(discord, ask(discord, "a house in a forest")), "it goes on"
