"""Settings: defaults, every mistake at once, no secret shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.domain.quota import Limit
from bot.settings import Settings, SettingsInvalid, read
from bot.ui.i18n import text


def test_nothing_set_gives_the_defaults() -> None:
    assert read({}) == Settings()
    assert read({"LIMNER_LIMIT": " ", "LIMNER_HOME": ""}) == Settings()


def test_the_example_file_holds_the_defaults() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    values = {name: value or "" for name, value in dotenv_values(example).items()}
    assert read(values) == Settings()


def test_what_is_set_is_read() -> None:
    settings = read({"LIMNER_LIMIT": "5/week", "LIMNER_AT_ONCE": "1", "ENGINE_URL": "unix:/run/x.sock"})
    assert settings.limits == (Limit(5, "week"),)
    assert settings.at_once == 1
    assert settings.engine
    assert settings.engine.socket == Path("/run/x.sock")


def test_every_mistake_is_told_at_once() -> None:
    wrong = {
        "LIMNER_LIMIT": "many",
        "LIMNER_AT_ONCE": "0",
        "ENGINE_URL": "ftp://x",
        "LIMNER_SANDBOX_PORT": "70000",
        "LIMNER_LOG": "xml",
    }
    with pytest.raises(SettingsInvalid) as refused:
        read(wrong)
    lines = [text("en", mistake.key, **mistake.facts) for mistake in refused.value.mistakes]
    assert sorted(line.partition(": ")[0] for line in lines) == sorted(wrong)
    assert "LIMNER_AT_ONCE: 0 is not a whole number from 1 to 1,000" in lines


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in repr(read({"DISCORD_TOKEN": "s3cret", "ENGINE_API_KEY": "s3cret"}))
