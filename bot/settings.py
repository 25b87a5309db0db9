"""The bot's settings, read once from the environment and .env; every mistake is reported at once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.domain.account import CeilingPer, Host, usual_ceiling
from bot.domain.quota import Limit, parse_limits
from engine.api.address import Address, parse_engine_url
from engine.api.env_settings import (
    Mistake,
    Reader,
    SettingsInvalid,
    parse_list,
    parse_path,
    parse_whole,
    read_environment,
)

MAX_PORT, MAX_ID = 65_535, 2**63 - 1
USUAL_LIMITS, USUAL_AT_ONCE = (Limit(20, "hour"), Limit(100, "day")), 3
MAX_AT_ONCE = 1_000
GPUS, MAX_GPU = "LIMNER_GPUS", 63
SANDBOX_AT_ONCE = 50
"""Requests at once of whoever sits before the sandbox's page: more than a person sends, less than would fill a disk."""
LogForm = Literal["text", "json"]
LOG_FORMS: Mapping[str, LogForm] = {"text": "text", "json": "json"}
CEILING_PERS: Mapping[str, CeilingPer] = {"user": "user", "server": "server"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every field is described in .env.example. Secrets stay out of `repr`.

    `limits`, `ceiling` and `at_once` are None where they are not set: `host` says what counts then. `engines` are those
    elsewhere, and `gpus` the numbers of those that get an engine of our own each; None is one engine for the machine.
    """

    discord_token: str = field(default="", repr=False)
    home: Path = Path("data")
    engines: tuple[Address, ...] = ()
    gpus: tuple[int, ...] | Literal["all"] | None = None
    engine_api_key: str = field(default="", repr=False)
    planner: Address | None = None
    planner_api_key: str = field(default="", repr=False)
    painter_model: str = ""
    planner_model: str = ""
    limits: tuple[Limit, ...] | None = None
    ceiling: tuple[Limit, ...] | None = None
    ceiling_per: CeilingPer = "user"
    at_once: int | None = None
    blocked_users: frozenset[int] = frozenset()
    servers: frozenset[int] = frozenset()
    engine_wait_s: int = 90
    grace_s: int = 20
    locale: str = "en-US"
    styles: Path | None = None
    retention_days: int = 0
    data_key: bytes = field(default=b"", repr=False)
    sandbox_host: str = "127.0.0.1"
    sandbox_port: int = 8300
    log: LogForm = "text"
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None

    @property
    def in_sandbox(self) -> bool:
        """Whether Limner runs on its own page, not on Discord."""
        return not self.discord_token

    @property
    def host(self) -> Host:
        """What each person may have. The sandbox is of whoever runs it, and has no limit unless one is set."""
        usual = ((), SANDBOX_AT_ONCE) if self.in_sandbox else (USUAL_LIMITS, USUAL_AT_ONCE)
        limits = usual[0] if self.limits is None else self.limits
        ceiling = usual_ceiling(limits) if self.ceiling is None else self.ceiling
        return Host(limits, usual[1] if self.at_once is None else self.at_once, ceiling, self.ceiling_per)


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
        engines=reader.read("ENGINE_URL", _engines, (), "settings-url"),
        gpus=reader.read(GPUS, _gpus, None, "settings-gpus"),
        engine_api_key=reader.key("ENGINE_API_KEY"),
        planner=reader.read("PLANNER_URL", parse_engine_url, None, "settings-url"),
        planner_api_key=reader.key("PLANNER_API_KEY"),
        painter_model=reader.text("LIMNER_MODEL"),
        planner_model=reader.text("LIMNER_PLANNER"),
        limits=reader.read("LIMNER_LIMIT", parse_limits, None, "settings-limit"),
        ceiling=reader.read("LIMNER_CEILING", parse_limits, None, "settings-limit"),
        ceiling_per=reader.choice("LIMNER_CEILING_PER", defaults.ceiling_per, CEILING_PERS),
        at_once=reader.read("LIMNER_AT_ONCE", _at_once, None, "settings-whole", low=1, high=MAX_AT_ONCE),
        blocked_users=reader.read("LIMNER_BLOCKED_USERS", _ids, defaults.blocked_users, "settings-ids"),
        servers=reader.read("LIMNER_SERVERS", _ids, defaults.servers, "settings-ids"),
        engine_wait_s=reader.whole("LIMNER_ENGINE_WAIT", defaults.engine_wait_s, 0, 86_400),
        grace_s=reader.whole("LIMNER_GRACE_SECONDS", defaults.grace_s, 0, 3_600),
        locale=reader.text("LIMNER_LOCALE", defaults.locale),
        styles=reader.read("LIMNER_STYLES", parse_path, None, "settings-path"),
        retention_days=reader.whole("LIMNER_RETENTION_DAYS", defaults.retention_days, 0, 36_500),
        data_key=reader.read("LIMNER_DATA_KEY", _data_key, b"", "settings-data-key", secret=True),
        sandbox_host=reader.text("LIMNER_SANDBOX_HOST", defaults.sandbox_host),
        sandbox_port=reader.whole("LIMNER_SANDBOX_PORT", defaults.sandbox_port, 0, MAX_PORT),
        log=reader.choice("LIMNER_LOG", defaults.log, LOG_FORMS),
        metrics_host=reader.text("LIMNER_METRICS_HOST", defaults.metrics_host),
        metrics_port=reader.read("LIMNER_METRICS_PORT", _port, None, "settings-whole", low=0, high=MAX_PORT),
    )
    if settings.gpus and settings.engines:
        reader.mistakes.append(Mistake("settings-gpus-elsewhere", {"name": GPUS, "value": reader.text(GPUS)}))
    return settings, reader.mistakes


def _engines(text: str) -> tuple[Address, ...]:
    return parse_list(text, parse_engine_url, Address.is_server_of)


def _gpus(text: str) -> tuple[int, ...] | Literal["all"]:
    return "all" if text.lower() == "all" else parse_list(text, lambda part: parse_whole(part, 0, MAX_GPU))


def _port(text: str) -> int:
    return parse_whole(text, 0, MAX_PORT)


def _at_once(text: str) -> int:
    return parse_whole(text, 1, MAX_AT_ONCE)


def _ids(text: str) -> frozenset[int]:
    """Return ids of Discord's, written with commas or spaces between them."""
    parts = text.replace(",", " ").split()
    if not parts or not all(part.isascii() and part.isdigit() and 0 < int(part) <= MAX_ID for part in parts):
        raise ValueError(text)
    return frozenset(map(int, parts))


def _data_key(text: str) -> bytes:
    """Return the 32 bytes that a key in base64 stands for."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if len(key) != 32:
        raise ValueError
    return key
