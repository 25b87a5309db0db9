"""What each command imports before it begins: no library of models, and on Discord no sandbox."""

from __future__ import annotations

import subprocess
import sys

import pytest

MODELS = ("torch", "transformers", "diffusers", "tokenizers", "safetensors", "numpy", "PIL", "matplotlib")
SANDBOX = ("bot.sandbox", "bot.cli.model_desk", "bot.cli.sandbox_run", "aiohttp.web")
UNUSED = ("rich", "pygments", "greenlet", "fluent.runtime", "babel", "pytz")
"""What libraries take where it is installed, and much larger twins of what is used."""
SELDOM = ("zipfile", "statistics", "difflib")
"""What an export, a report or a slip in a setting's name would need."""
COMMANDS = {
    "run": ("bot.cli.run", (*MODELS, *SANDBOX, *UNUSED, *SELDOM)),
    "version": ("bot.cli.main", (*MODELS, *SANDBOX, "discord", "aiohttp", "structlog", "bot.settings")),
    "doctor": ("bot.cli.doctor", (*MODELS, *SANDBOX)),
    "models": ("bot.cli.models", (*MODELS, *SANDBOX, "discord")),
    "init": ("bot.cli.init", (*MODELS, *SANDBOX)),
    "backup": ("bot.cli.backup", (*MODELS, *SANDBOX, "discord")),
    "imagine": ("bot.cli.imagine", (*MODELS, *SANDBOX)),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_no_more_than_it_needs(command: str) -> None:
    module, unneeded = COMMANDS[command]
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & {set(unneeded)!r}))"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert imported.stdout.split() == []
