"""The bot's settings, read once from the environment and .env; every mistake is reported at once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.domain.quota import Limit, parse_limits
from engine.api.address import Address, parse_engine_url
from engine.api.env_settings import Mistake, Reader, SettingsInvalid, parse_path, parse_whole, read_environment

MAX_PORT = 65_535
LogForm = Literal["text", "json"]
LOG_FORMS: Mapping[str, LogForm] = {"text": "text", "json": "json"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every field is described in .env.example. Secrets stay out of `repr`."""

    discord_token: str = field(default="", repr=False)
    home: Path = Path("data")
    engine: Address | None = None
    engine_api_key: str = field(default="", repr=False)
    planner: Address | None = None
    planner_api_key: str = field(default="", repr=False)
    painter_model: str = ""
    planner_model: str = ""
    limits: tuple[Limit, ...] = (Limit(20, "hour"), Limit(100, "day"))
    at_once: int = 3
    engine_wait_s: int = 90
    grace_s: int = 20
    locale: str = "en-US"
    styles: Path | None = None
    retention_days: int = 0
    data_key: bytes = field(default=b"", repr=False)
    sandbox_port: int = 8300
    log: LogForm = "text"
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None


def load() -> Settings:
    """Read the settings from the environment and .env. Raises SettingsInvalid."""
    return read(read_environment())


def read(environment: Mapping[str, str]) -> Settings:
    """Read settings from names and values; a blank value takes the default. Raises SettingsInvalid."""
    settings, mistakes = _read(environment)
    if mistakes:
        raise SettingsInvalid(mistakes)
    return settings


def load_with_mistakes() -> tuple[Settings, list[Mistake]]:
    """Return the settings with a default in each wrong one's place, and what is wrong."""
    try:
        return _read(read_environment())
    except SettingsInvalid as error:
        return Settings(), error.mistakes


def _read(environment: Mapping[str, str]) -> tuple[Settings, list[Mistake]]:
    reader, defaults = Reader(environment), Settings()
    settings = Settings(
        discord_token=reader.key("DISCORD_TOKEN"),
        home=reader.path("LIMNER_HOME", defaults.home),
        engine=reader.read("ENGINE_URL", parse_engine_url, None, "settings-url"),
        engine_api_key=reader.key("ENGINE_API_KEY"),
        planner=reader.read("PLANNER_URL", parse_engine_url, None, "settings-url"),
        planner_api_key=reader.key("PLANNER_API_KEY"),
        painter_model=reader.text("LIMNER_MODEL"),
        planner_model=reader.text("LIMNER_PLANNER"),
        limits=reader.read("LIMNER_LIMIT", parse_limits, defaults.limits, "settings-limit"),
        at_once=reader.whole("LIMNER_AT_ONCE", defaults.at_once, 1, 1_000),
        engine_wait_s=reader.whole("LIMNER_ENGINE_WAIT", defaults.engine_wait_s, 0, 86_400),
        grace_s=reader.whole("LIMNER_GRACE_SECONDS", defaults.grace_s, 0, 3_600),
        locale=reader.text("LIMNER_LOCALE", defaults.locale),
        styles=reader.read("LIMNER_STYLES", parse_path, None, "settings-path"),
        retention_days=reader.whole("LIMNER_RETENTION_DAYS", defaults.retention_days, 0, 36_500),
        data_key=reader.read("LIMNER_DATA_KEY", _data_key, b"", "settings-data-key", secret=True),
        sandbox_port=reader.whole("LIMNER_SANDBOX_PORT", defaults.sandbox_port, 0, MAX_PORT),
        log=reader.choice("LIMNER_LOG", defaults.log, LOG_FORMS),
        metrics_host=reader.text("LIMNER_METRICS_HOST", defaults.metrics_host),
        metrics_port=reader.read("LIMNER_METRICS_PORT", _port, None, "settings-whole", low=0, high=MAX_PORT),
    )
    return settings, reader.mistakes


def _port(text: str) -> int:
    return parse_whole(text, 0, MAX_PORT)


def _data_key(text: str) -> bytes:
    """Return the 32 bytes that a key in base64 stands for."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if len(key) != 32:
        raise ValueError
    return key
