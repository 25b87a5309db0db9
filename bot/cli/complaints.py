"""What a command prints on stderr before it ends: one sentence for each thing that is wrong."""

from __future__ import annotations

import sys

from bot.operator_errors import OperatorError, SettingsRefused
from bot.ui.i18n import SOURCE, text
from engine.api.env_settings import SettingsInvalid

USAGE = 2
"""The exit code for settings or options that a command cannot take."""


def complain(code: int, *sentences: str) -> int:
    """Print the sentences. Returns the exit code."""
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return code


def complain_of_settings(error: SettingsInvalid) -> int:
    """Print a sentence for each mistake in the settings. Returns the exit code.

    Which locale was meant is unknown then, so the sentences are in SOURCE.
    """
    return complain(USAGE, *(text(SOURCE, mistake.key, **mistake.facts) for mistake in error.mistakes))


def complain_of(error: OperatorError, locale: str, code: int = 1) -> int:
    """Print the error's sentence. Returns the exit code: USAGE for a setting that cannot be used."""
    return complain(USAGE if isinstance(error, SettingsRefused) else code, text(locale, error.key, **error.facts))
