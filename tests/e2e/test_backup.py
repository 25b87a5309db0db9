"""A backup amid work, the home erased, the backup restored: all that was acknowledged before it is delivered, once."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

from harness.processes import Discord, running, until
from tests.e2e.test_start import limner
from tests.e2e.test_stops import Engine

WORDS, STEPS = "slow 0.1", 10
"""A second a picture, by the scripted models of `tests.engine.fake_process`."""
BEFORE, AMID = 1, (2, 3, 4, 5)
"""The seeds of a request that ended before the backup, and of those that were on their way."""
PATIENCE_S = 300.0


def ask(discord: Discord, seed: int) -> Any:
    before = {post["id"] for post in discord.posts()}
    assert discord.takes(WORDS, exact=True, steps=STEPS, seed=seed)
    return until(lambda: next((post for post in discord.posts() if post["id"] not in before), None), "the post", 60)


def painted(discord: Discord, post: Any) -> bytes:
    return until(lambda: discord.picture(post), "the picture", PATIENCE_S)


def states(home: Path) -> dict[int, str]:
    """Return each job's state by its seed."""
    with closing(sqlite3.connect(home / "limner.sqlite3")) as connection:
        return dict(connection.execute("SELECT seed, state FROM jobs"))


def test_what_was_acknowledged_before_a_backup_under_load_outlives_the_home(discord: Discord, tmp_path: Path) -> None:
    home, file, engine = tmp_path / "home", tmp_path / "limner.tar", Engine(tmp_path)
    settings = {"ENGINE_URL": f"unix:{engine.socket}", "LIMNER_LIMIT": "50/hour", "LIMNER_AT_ONCE": "20"}
    try:
        with running(discord, home, **settings) as bot:
            bot.online()
            first = ask(discord, BEFORE)
            whole = painted(discord, first)
            until(lambda: states(home) == {BEFORE: "done"}, "the end on disk", 60)
            posts = [ask(discord, seed) for seed in AMID[:-1]]
            engine.process.send_signal(signal.SIGSTOP)  # so that work is on its way, however slow the backup's start
            posts.append(ask(discord, AMID[-1]))
            backup = limner(home, "backup", str(file))
            engine.process.send_signal(signal.SIGCONT)
            assert backup.returncode == 0, backup.stderr
            ask(discord, 6)
            assert bot.stop(signal.SIGKILL) == -signal.SIGKILL
        shutil.rmtree(home)

        with tarfile.open(file) as archive:
            archive.extract("limner.sqlite3", tmp_path / "unpacked", filter="data")
        found = states(tmp_path / "unpacked")
        assert set(found) == {BEFORE, *AMID}
        assert found[AMID[-1]] in ("queued", "painting")

        restore = limner(home, "restore", str(file))
        assert restore.returncode == 0, restore.stderr
        assert states(home) == found
        with running(discord, home, **settings) as again:
            for seed, post in zip(AMID, posts, strict=True):
                assert painted(discord, post).endswith(f" {seed}".encode())
            assert discord.picture(first) == whole, "what was delivered is left as it was"
            until(lambda: set(states(home).values()) == {"done"}, "every end on disk", 60)
            assert again.rows("SELECT state, sum(images) FROM reservations GROUP BY state") == [
                ("spent", 1 + len(AMID))
            ]
            shown = [post["id"] for post in discord.posts()]
            assert all(shown.count(post["id"]) == 1 for post in (first, *posts))
            assert painted(discord, ask(discord, 7)), "it goes on"
    finally:
        engine.process.send_signal(signal.SIGCONT)
        engine.stop()
