"""How long a member waits, from Enter to the picture, and where that time goes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.result import Result
from harness.processes import Bot, Discord, environment, until

WORDS = "夕阳下的海滩"


def request(repeats: int) -> list[Result]:
    """Measure on Discord with the starter pair, beside the same request on the command line."""
    waits, alone, loads = [], [], []
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        discord = Discord()
        bot = Bot(discord, folder / "home", LIMNER_LIMIT="1000/hour").ready()
        try:
            for turn in range(repeats):
                waits.append(_wait(discord))
                report = _report(folder, turn)
                alone.append(report["seconds"])
                loads.append(report["load_seconds"])
        finally:
            bot.stop()
            discord.stop()
    return [
        Result("request: Enter to picture in the channel", "s", waits, alone, "limner imagine", 15.0),
        Result("engine: ready after start (limner imagine)", "s", loads),
    ]


def _wait(discord: Discord) -> float:
    seen, started = len(discord.posts()), time.monotonic()
    discord.imagine(WORDS)
    until(lambda: len(discord.posts()) > seen and discord.picture(discord.posts()[-1]), "the picture")
    return time.monotonic() - started


def _report(folder: Path, turn: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bot.cli.main", "imagine", WORDS, "--out", f"{turn}.png", "--json"]
    ran = subprocess.run(command, env=environment(folder / "other"), cwd=folder, capture_output=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout)
    return found
