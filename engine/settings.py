"""The engine's settings, read once from the environment and .env.

Invariant: settings that exist are valid; otherwise every mistake is reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from engine.api.env_settings import Mistake, Reader, SettingsInvalid, parse_whole
from engine.models.lora_files import SETTING as LORAS
from engine.models.lora_files import Place, read_places
from engine.models.safety import read_check
from engine.models.source import Source, read_named, read_source
from engine.models.tuning import CHOICES, MAX_THREADS, Tuning
from engine.models.upscaler_file import SETTING as UPSCALER
from engine.models.upscaler_file import read_upscaler_place

LogForm = Literal["text", "json"]
LOG_FORMS: Mapping[str, LogForm] = {"text": "text", "json": "json"}
GUARD, EDITOR = "LIMNER_PROMPT_GUARD", "LIMNER_EDITOR"
API_KEY = "ENGINE_API_KEY"
ON_OFF = {"on": True, "off": False}
MAX_ALIASES = 32
NAME = re.compile(r"[\w./:@+-]{1,128}", re.ASCII)
SENTENCES = {
    "settings-file": "{name} cannot be read: {why}",
    "settings-whole": "{name}: {value} is not a whole number from {low:,} to {high:,}",
    "settings-whole-or-auto": "{name}: {value} is neither auto nor a whole number from {low:,} to {high:,}",
    "settings-choice": "{name}: {value} is not one of {choices}",
    "settings-path": "{name}: {value} is no path; write the whole path, such as /var/lib/limner",
    "settings-key": "{name}: it holds a line break or another character that no key has; copy it again",
    "settings-key-needed": "{name}: an engine on a network port needs a key; set a long random one",
    "settings-names": "{name}: {value} is no list of models' names; write them with commas between, such as "
    "gpt-image-1, gpt-4o",
    "settings-model": "{name}: {value} is neither a folder here, nor a hub name such as owner/model, nor auto",
    "settings-loras": "{name}: {value} names neither a folder or files here, nor files of the hub such as "
    "owner/model/file.safetensors",
    "settings-editor": "{name}: {value} is neither a folder here nor a hub name such as owner/model",
}
"""What the engine's own command line says of each mistake; the bot has the same in its locale files."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The engine's settings, each described in .env.example. The key is kept out of every representation."""

    home: Path
    painter: Source
    planner: Source
    api_key: str | None = field(repr=False)
    log: LogForm
    provenance: bool
    grace_s: int = 20
    tuning: Tuning = Tuning()  # noqa: RUF009, it is frozen
    safety: Source | Literal["off", "unneeded"] = "off"
    guard: Source | None = None
    aliases: tuple[str, ...] = ()
    editor: Source | None = None
    """A second painter, which only edits pictures."""
    loras: tuple[Place, ...] = ()
    upscaler: Place | None = None
    """A super-resolution network, which enlarges pictures."""


def read_settings(environment: Mapping[str, str], *, on_tcp: bool) -> Settings:
    """Read the settings for an engine on a Unix socket, or on TCP, where a key is a must. Raises SettingsInvalid."""
    reader = Reader(environment)

    def source(name: str, role: str) -> Source:
        return reader.read(
            name, lambda text: read_source(name, text, role), read_source(name, "", role), "settings-model"
        )

    api_key = reader.key(API_KEY)
    if on_tcp and not reader.is_set(API_KEY):
        reader.mistakes.append(Mistake("settings-key-needed", {"name": API_KEY}))
    painter = source("LIMNER_MODEL", "painter")
    editor = reader.read(EDITOR, lambda text: read_named(EDITOR, text, "editor"), None, "settings-editor")
    checked = editor or painter
    safety = reader.read("LIMNER_SAFETY", lambda text: read_check(text, checked), None, "settings-model")
    settings = Settings(
        home=reader.path("LIMNER_HOME", Path("data")),
        painter=painter,
        planner=source("LIMNER_PLANNER", "planner"),
        api_key=api_key if on_tcp else None,
        log=reader.choice("LIMNER_LOG", "text", LOG_FORMS),
        provenance=reader.choice("LIMNER_PROVENANCE", True, ON_OFF),
        grace_s=reader.whole("LIMNER_GRACE_SECONDS", 20, 0, 3_600),
        tuning=_tuning(reader),
        safety=read_check("", checked) if safety is None else safety,
        guard=reader.read(GUARD, lambda text: read_source(GUARD, text, "prompt guard"), None, "settings-model"),
        aliases=reader.read("LIMNER_MODEL_ALIASES", _names, (), "settings-names"),
        editor=editor,
        loras=reader.read(LORAS, read_places, (), "settings-loras"),
        upscaler=reader.read(UPSCALER, read_upscaler_place, None, ""),
    )
    reader.check()
    return settings


def _names(text: str) -> tuple[str, ...]:
    """Return names of models, written with commas between them. Raises ValueError."""
    names = [name.strip() for name in text.split(",")]
    if len(names) > MAX_ALIASES or not all(NAME.fullmatch(name) for name in names):
        raise ValueError(text)
    return tuple(dict.fromkeys(names))


def sentences(error: SettingsInvalid) -> list[str]:
    """Return one English sentence for each mistake."""
    return [SENTENCES[mistake.key].format(**mistake.facts) for mistake in error.mistakes]


def _tuning(reader: Reader) -> Tuning:
    words: dict[str, str] = {
        name.removeprefix("LIMNER_").lower(): reader.choice(name, "auto", {word: word for word in choices})
        for name, choices in CHOICES.items()
    }
    return Tuning(**words, threads=_threads(reader))


def _threads(reader: Reader) -> int | None:
    def parse(text: str) -> int | None:
        return None if text.lower() == "auto" else parse_whole(text, 1, MAX_THREADS)

    return reader.read("LIMNER_THREADS", parse, None, "settings-whole-or-auto", low=1, high=MAX_THREADS)
