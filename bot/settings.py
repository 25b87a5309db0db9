"""What the operator sets, read once from the environment and .env; every mistake is told at once."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from dotenv import dotenv_values

from bot.domain.quota import Limit, parse_limits
from bot.domain.visible import one_line
from bot.operator_errors import OperatorError
from engine.api.address import Address, parse_engine_url

T = TypeVar("T")
MAX_DIGITS, SHOWN_CHARS = 9, 200
LogForm = Literal["text", "json"]


class SettingsInvalid(Exception):
    """`mistakes` holds one text for each wrong setting; `settings` has the defaults in their place."""

    def __init__(self, mistakes: list[OperatorError], settings: Settings) -> None:
        super().__init__(", ".join(str(mistake.facts["name"]) for mistake in mistakes))
        self.mistakes, self.settings = mistakes, settings


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
    """Read .env of the current directory and the environment, which wins. Raises SettingsInvalid."""
    try:
        from_file = {name: value or "" for name, value in dotenv_values(".env").items()}
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise SettingsInvalid(
            [OperatorError("settings-file", name=".env", why=why or str(error))], Settings()
        ) from error
    return read({**from_file, **os.environ})


def read(environment: Mapping[str, str]) -> Settings:
    """Read settings from names and values; a blank value takes the default. Raises SettingsInvalid."""
    mistakes: list[OperatorError] = []

    def value(name: str, parse: Callable[[str], T], default: T, wrong: str = "", **facts: str | int) -> T:
        text = environment.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError:
            mistakes.append(OperatorError(wrong, name=name, value=_shown(text), **facts))
            return default

    defaults = Settings()
    settings = Settings(
        discord_token=value("DISCORD_TOKEN", _key, "", "settings-key"),
        home=value("LIMNER_HOME", _path, defaults.home, "settings-path"),
        engine=value("ENGINE_URL", parse_engine_url, None, "settings-url"),
        engine_api_key=value("ENGINE_API_KEY", _key, "", "settings-key"),
        planner=value("PLANNER_URL", parse_engine_url, None, "settings-url"),
        planner_api_key=value("PLANNER_API_KEY", _key, "", "settings-key"),
        painter_model=value("LIMNER_MODEL", str, ""),
        planner_model=value("LIMNER_PLANNER", str, ""),
        limits=value("LIMNER_LIMIT", parse_limits, defaults.limits, "settings-limit"),
        at_once=value("LIMNER_AT_ONCE", _whole(1, 1_000), defaults.at_once, "settings-whole", low=1, high=1_000),
        engine_wait_s=value(
            "LIMNER_ENGINE_WAIT", _whole(0, 86_400), defaults.engine_wait_s, "settings-whole", low=0, high=86_400
        ),
        grace_s=value("LIMNER_GRACE_SECONDS", _whole(0, 3_600), defaults.grace_s, "settings-whole", low=0, high=3_600),
        locale=value("LIMNER_LOCALE", str, defaults.locale),
        styles=value("LIMNER_STYLES", _path, None, "settings-path"),
        retention_days=value(
            "LIMNER_RETENTION_DAYS", _whole(0, 36_500), defaults.retention_days, "settings-whole", low=0, high=36_500
        ),
        data_key=value("LIMNER_DATA_KEY", _data_key, b"", "settings-data-key"),
        sandbox_port=value(
            "LIMNER_SANDBOX_PORT", _whole(0, 65_535), defaults.sandbox_port, "settings-whole", low=0, high=65_535
        ),
        log=value("LIMNER_LOG", _log_form, defaults.log, "settings-choice", choices="text, json"),
        metrics_host=value("LIMNER_METRICS_HOST", str, defaults.metrics_host),
        metrics_port=value("LIMNER_METRICS_PORT", _whole(0, 65_535), None, "settings-whole", low=0, high=65_535),
    )
    if mistakes:
        raise SettingsInvalid(mistakes, settings)
    return settings


def _shown(text: str) -> str:
    """Return a mistaken value on a short line, without what may be a key in an address: before an @, from a ? on."""
    return one_line(re.sub(r"(?<=//)[^/]*@|[?#].*", "…", text, flags=re.DOTALL), SHOWN_CHARS)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and low <= int(text) <= high):
            raise ValueError(text)
        return int(text)

    return parse


def _path(text: str) -> Path:
    if not text.isprintable():
        raise ValueError
    try:
        return Path(text).expanduser()
    except RuntimeError as error:  # ~someone who is unknown here
        raise ValueError from error


def _key(text: str) -> str:
    """Return what is sent in a header, where a line break would begin another."""
    if not text.isprintable():
        raise ValueError
    return text


def _data_key(text: str) -> bytes:
    """Return the 32 bytes that a key in base64 stands for."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if len(key) != 32:
        raise ValueError
    return key


def _log_form(text: str) -> LogForm:
    if text not in ("text", "json"):
        raise ValueError(text)
    return "json" if text == "json" else "text"
