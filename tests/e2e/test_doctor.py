"""The doctor and backups beside a whole Limner that runs."""

from __future__ import annotations

import json
from pathlib import Path

from harness.processes import Bot
from tests.e2e.test_start import limner, only_sentence


def test_the_doctor_finds_the_engine_and_the_database_of_a_bot_that_runs(bot: Bot) -> None:
    found = json.loads(limner(bot.home, "doctor", "--json").stdout)
    facts = {line["check"]: line for line in found["checks"]}
    assert facts["sockets"]["fact"] == f"The engine at {bot.home / 'engine.sock'} answers."
    for name in ("database", "files", "disk", "models", "packages"):
        assert facts[name]["verdict"] == "ok", facts[name]
    assert "limner-starter" in str(found)


def test_a_backup_while_it_runs_and_no_restore(bot: Bot, tmp_path: Path) -> None:
    file = tmp_path / "limner.tar"
    assert limner(bot.home, "backup", str(file)).returncode == 0
    refused = limner(bot.home, "restore", str(file))
    assert refused.returncode == 1
    assert only_sentence(refused).startswith("Another limner run uses LIMNER_HOME")
