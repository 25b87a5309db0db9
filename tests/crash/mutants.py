"""`python -m tests.crash.mutants [NAME …]`: takes a safeguard out of a copy of the bot; says what `make crash` sees.

Each mutant is a few replacements, which `test_crash.py` holds to the files, and a story that is to see it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.processes import ROOT


@dataclass(frozen=True)
class Mutant:
    """`edits` are pairs of what stands in the file, everywhere, and what is put there."""

    file: str
    edits: tuple[tuple[str, str], ...]
    story: str
    how: str
    every: int = 10_000
    """So that, by itself, the life that nothing strikes shows it."""


SETTLED = 'connection.execute("UPDATE reservations SET state'
NOTHING = '"SELECT 1"'
MUTANTS = {
    "no transactions": Mutant(
        "bot/storage/group_commit.py",
        tuple((f'"{sql}"', NOTHING) for sql in ("BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT unit", "RELEASE unit")),
        "people", "kill", 3,
    ),
    "an fsync skipped": Mutant(
        "bot/storage/database.py", (("PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF"),), "people", "power", 3
    ),
    "a refund doubled": Mutant(
        "bot/storage/ledger.py",
        ((SETTLED, f"for _ in range(2): {SETTLED}"),
         ("job_id = ? AND state = 'held'\", (kept", "job_id = ?\", (kept")),
        "cancel", "kill",
    ),
    "a deadline removed": Mutant(
        "bot/services/job_runner.py",
        (("timeout(SILENCE_S)", "timeout(None)"), ("now() + max(SILENCE_S, FORECASTS * forecast_s)", "None")),
        "silence", "kill",
    ),
    "a policy read too early": Mutant(
        "bot/services/draw.py", (("(previews and await _may_preview(screen, facts))", "previews"),), "policy", "kill"
    ),
}  # fmt: skip


def run(mutant: Mutant, folder: Path) -> str:
    """Return what playing the mutant's story prints. Raises RuntimeError where it was not played to its end."""
    for entry in ROOT.iterdir():
        if entry.name not in ("bot", "build", ".git"):
            (folder / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "bot", folder / "bot")
    file = folder / mutant.file
    source = file.read_text("utf-8")
    for before, after in mutant.edits:
        source = source.replace(before, after)
    file.write_text(source, "utf-8")
    command = [sys.executable, "-m", "tests.crash", "--story", mutant.story, "--how", mutant.how, "--at-once", "2"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    ran = subprocess.run([*command, "--every", str(mutant.every)], cwd=folder, env=environment, stdout=subprocess.PIPE)
    if b" lives: " not in ran.stdout:
        raise RuntimeError(f"tests.crash ended with {ran.returncode}")
    return "\n".join(line for line in ran.stdout.decode().splitlines() if "[info" not in line)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MUTANTS], default=[])
    unseen = []
    for name in parser.parse_args().names or MUTANTS:
        with tempfile.TemporaryDirectory(prefix="limner-mutant-") as folder:
            printed = run(MUTANTS[name], Path(folder))
        print(f"== {name}\n{printed}", flush=True)
        if ", ended " not in printed:
            unseen.append(name)
    print(f"not seen: {', '.join(unseen)}" if unseen else "each is seen")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
