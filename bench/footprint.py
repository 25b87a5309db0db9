"""The bot process beside bare discord.py: seconds to import, and memory once it is on Discord."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from bench.result import Result
from harness.processes import ROOT, Bot, Discord, environment, until

IMPORT = """
import json, sys, time
started = time.perf_counter()
import {module}
print(json.dumps([time.perf_counter() - started, [name for name in ("torch", "transformers") if name in sys.modules]]))
"""

BARE = """
import sys, discord
from bot.sandbox.connect import point_discord_at
point_discord_at(sys.argv[1])
discord.Client(intents=discord.Intents(guilds=True)).run(sys.argv[2], log_handler=None)
"""


def footprint(repeats: int) -> list[Result]:
    """Measure the import time and the memory; ours and the baseline take turns."""
    modules = ("bot.cli.run", "discord")
    imports: dict[str, list[float]] = {module: [] for module in modules}
    for module in modules:
        _import_seconds(module)  # not counted: it writes the bytecode, as an installation does
    for _ in range(repeats):
        for module in modules:
            imports[module].append(_import_seconds(module))
    with tempfile.TemporaryDirectory() as directory:
        memory = [_memory(Path(directory) / str(turn)) for turn in range(min(repeats, 3))]
    ours, bare = ([pair[side] for pair in memory] for side in (0, 1))
    return [
        Result("bot: import", "s", imports["bot.cli.run"], imports["discord"], "import discord", ratio_at_most=2.0),
        Result("bot: memory on Discord after a picture", "MB", ours, bare, "bare discord.py client", ratio_at_most=1.5),
    ]


def _import_seconds(module: str) -> float:
    command = [sys.executable, "-c", IMPORT.format(module=module)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment(ROOT))
    seconds, heavy = json.loads(done.stdout)
    if heavy:
        raise SystemExit(f"{module} imports {heavy}")
    return float(seconds)


def _memory(home: Path) -> tuple[float, float]:
    """Return the resident megabytes of the bot and of a bare client, both on the same sandbox."""
    discord = Discord()
    bare = subprocess.Popen([sys.executable, "-c", BARE, discord.url, discord.token], env=environment(home), cwd=ROOT)
    try:
        until(lambda: discord.state()["online"], "the bare client")
        bare_mb = psutil.Process(bare.pid).memory_info().rss / 1e6
        bare.terminate()
        bare.wait()
        until(lambda: not discord.state()["online"], "the bare client's end")
        bot = Bot(discord, home).ready()
        discord.imagine("a boat on a lake at sunset")
        until(lambda: discord.posts() and discord.picture(discord.posts()[-1]), "the picture")
        ours_mb = psutil.Process(bot.process.pid).memory_info().rss / 1e6
        bot.stop()
    finally:
        discord.stop()
    return ours_mb, bare_mb
