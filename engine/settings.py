"""What the environment and .env say, read once.

Invariant: settings that exist are valid; otherwise every mistake is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

from engine.models.safety import read_check
from engine.models.source import Source, read_path, read_source
from engine.models.tuning import Tuning, read_tuning


class SettingsError(Exception):
    """One sentence for each mistake in the settings."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True, slots=True)
class Settings:
    """The engine's settings. The key is kept out of every representation."""

    home: Path
    painter: Source
    planner: Source
    api_key: str | None = field(repr=False)
    log: Literal["text", "json"]
    provenance: bool
    grace_s: int = 20
    tuning: Tuning = Tuning()  # noqa: RUF009, it is frozen
    safety: Source | Literal["off", "unneeded"] = "off"
    guard: Source | None = None


def read_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment over the .env file of the current directory; what is empty counts as not set.

    Raises SettingsError where that file cannot be read.
    """
    try:
        merged = {**dotenv_values(".env"), **environment}
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise SettingsError([f".env cannot be read: {why}."]) from error
    return {name: value.strip() for name, value in merged.items() if value and value.strip()}


def read_settings(environment: Mapping[str, str], *, on_tcp: bool) -> Settings:
    """Read the settings for an engine on a Unix socket, or on TCP, where a key is a must. Raises SettingsError."""
    mistakes: list[str] = []

    def source(variable: str, role: str) -> Source:
        try:
            return read_source(variable, environment.get(variable, ""), role)
        except ValueError as mistake:
            mistakes.append(str(mistake))
            return read_source(variable, "", role)

    log = environment.get("LIMNER_LOG", "text")
    if log not in ("text", "json"):
        mistakes.append(f"LIMNER_LOG: {log!r} is neither text nor json.")
    provenance = environment.get("LIMNER_PROVENANCE", "on").lower()
    if provenance not in ("on", "off"):
        mistakes.append(f"LIMNER_PROVENANCE: {provenance!r} is neither on nor off.")
    api_key = _api_key(environment, mistakes, on_tcp=on_tcp)
    painter, check, guard = source("LIMNER_MODEL", "painter"), environment.get("LIMNER_SAFETY", ""), None
    safety: Source | Literal["off", "unneeded"] = "off"
    try:
        safety = read_check(check, painter)
    except ValueError as mistake:
        mistakes.append(str(mistake))
    if environment.get("LIMNER_PROMPT_GUARD"):
        guard = source("LIMNER_PROMPT_GUARD", "prompt guard")
    grace = environment.get("LIMNER_GRACE_SECONDS", "20")
    if not (grace.isascii() and grace.isdigit() and len(grace) < 5 and int(grace) <= 3_600):
        mistakes.append(f"LIMNER_GRACE_SECONDS: {grace!r} is not a whole number from 0 to 3600.")
        grace = "20"
    settings = Settings(
        home=_home(environment, mistakes),
        painter=painter,
        planner=source("LIMNER_PLANNER", "planner"),
        api_key=api_key if on_tcp else None,
        log="json" if log == "json" else "text",
        provenance=provenance == "on",
        grace_s=int(grace),
        tuning=read_tuning(environment, mistakes),
        safety=safety,
        guard=guard,
    )
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def _home(environment: Mapping[str, str], mistakes: list[str]) -> Path:
    try:
        return read_path(environment.get("LIMNER_HOME", "data"))
    except ValueError:
        mistakes.append("LIMNER_HOME: this is no path; write the folder's whole path.")
        return Path("data")


def _api_key(environment: Mapping[str, str], mistakes: list[str], *, on_tcp: bool) -> str | None:
    key = environment.get("ENGINE_API_KEY")
    if on_tcp and key is None:
        mistakes.append("ENGINE_API_KEY: an engine on a network port needs a key; set a long random one.")
    if key and not key.isprintable():
        mistakes.append("ENGINE_API_KEY: it holds a line break or another character that no key has; copy it again.")
    return key
