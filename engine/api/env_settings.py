"""Settings as both processes read them: the environment over .env, one parser a setting, every mistake at once.

Invariant: no mistake holds what may be a key; an empty value counts as not set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from operator import eq
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values
from msgspec import Struct

T = TypeVar("T")
ENV_FILE = ".env"
MAX_DIGITS, SHOWN_CHARS = 9, 200
SECRETS = ("DISCORD_TOKEN", "LIMNER_DATA_KEY", "PLANNER_API_KEY", "ENGINE_API_KEY")
"""Settings that may stand in a file of their own, which NAME_FILE names."""
MAX_SECRET_BYTES = 1 << 16


class Mistake(Struct, frozen=True):
    """One wrong setting. `key` names its sentence, in the locale files and in the table of engine/settings.py."""

    key: str
    facts: dict[str, str | int]
    """What the sentence quotes: `name` always, `value` where it can hold no key."""


class EmptyItem(ValueError):
    """Nothing stands between two commas of a list."""


class RepeatedItem(ValueError):
    """An item of a list stands there twice; the message is that item."""


class SettingsInvalid(Exception):
    """Some settings are wrong; `mistakes` has one entry for each."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(", ".join(str(mistake.facts["name"]) for mistake in mistakes))
        self.mistakes = mistakes


def read_environment(environment: Mapping[str, str] = os.environ, secrets: Iterable[str] = SECRETS) -> dict[str, str]:
    """Return the environment over .env of the current directory, without empty values.

    Each of `secrets` that is not set itself is read from the file that NAME_FILE names; an empty file counts as not
    set. Raises SettingsInvalid where .env or such a file cannot be read.
    """
    try:
        from_file = dotenv_values(ENV_FILE)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise SettingsInvalid([Mistake("settings-file", {"name": ENV_FILE, "why": why or str(error)})]) from error
    merged = {**from_file, **environment}
    values = {name: value.strip() for name, value in merged.items() if value and value.strip()}
    mistakes: list[Mistake] = []
    for name in secrets:
        if name not in values and (path := values.get(f"{name}_FILE")):
            try:
                values[name] = _secret(path)
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or "it is no line of text"
                mistakes.append(Mistake("settings-file", {"name": f"{name}_FILE: {_shown(path)}", "why": why}))
    if mistakes:
        raise SettingsInvalid(mistakes)
    return {name: value for name, value in values.items() if value}


def _secret(path: str) -> str:
    """Return what a secret's file holds, without the line's end. Raises OSError, or ValueError for what is no text."""
    with parse_path(path).open("rb") as file:
        data = file.read(MAX_SECRET_BYTES + 1)
    if len(data) > MAX_SECRET_BYTES:
        raise ValueError(path)
    return data.decode("utf-8").strip()


class Reader:
    """Reads settings one by one; a wrong one takes its default and adds to `mistakes`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.mistakes: list[Mistake] = []
        self._environment = environment

    def read(
        self, name: str, parse: Callable[[str], T], default: T, wrong: str, *, secret: bool = False, **facts: str | int
    ) -> T:
        """Return the setting parsed, or the default where it is not set or `parse` raises ValueError.

        `wrong` and `facts` are the mistake's key and what its sentence quotes beside the name and, unless it is
        secret, the value. A list with an empty or a repeated item has sentences of its own.
        """
        text = self._environment.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except EmptyItem:
            self.mistakes.append(Mistake("settings-list-empty", {"name": name, "value": _shown(text)}))
            return default
        except RepeatedItem as error:
            self.mistakes.append(Mistake("settings-list-twice", {"name": name, "value": _shown(str(error))}))
            return default
        except ValueError:
            quoted = {} if secret else {"value": _shown(text)}
            self.mistakes.append(Mistake(wrong, {"name": name, **quoted, **facts}))
            return default

    def is_set(self, name: str) -> bool:
        return bool(self._environment.get(name, "").strip())

    def text(self, name: str, default: str = "") -> str:
        """Return the setting as it is."""
        return self.read(name, str, default, "")

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """Read a whole number from `low` to `high`."""
        return self.read(name, lambda text: parse_whole(text, low, high), default, "settings-whole", low=low, high=high)

    def choice(self, name: str, default: T, choices: Mapping[str, T]) -> T:
        """Read one of the words in `choices`, in any case, and return what it stands for."""

        def parse(text: str) -> T:
            if text.lower() not in choices:
                raise ValueError
            return choices[text.lower()]

        return self.read(name, parse, default, "settings-choice", choices=", ".join(choices))

    def path(self, name: str, default: Path) -> Path:
        """Read a path, a leading ~ as the user's home."""
        return self.read(name, parse_path, default, "settings-path")

    def key(self, name: str) -> str:
        """Read a key that is sent in a header, where a line break would begin another; empty where it is not set."""

        def parse(text: str) -> str:
            if not text.isprintable():
                raise ValueError
            return text

        return self.read(name, parse, "", "settings-key", secret=True)

    def check(self) -> None:
        """Raise SettingsInvalid where any setting was wrong."""
        if self.mistakes:
            raise SettingsInvalid(self.mistakes)


def parse_whole(text: str, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`. Raises ValueError for any other text."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and low <= int(text) <= high):
        raise ValueError(text)
    return int(text)


def parse_list(text: str, parse: Callable[[str], T], same: Callable[[T, T], bool] = eq) -> tuple[T, ...]:
    """Read items with commas between them. Raises EmptyItem, RepeatedItem, or what `parse` raises."""
    items: list[T] = []
    for part in map(str.strip, text.split(",")):
        if not part:
            raise EmptyItem(text)
        item = parse(part)
        if any(same(item, other) for other in items):
            raise RepeatedItem(part)
        items.append(item)
    return tuple(items)


def parse_path(text: str) -> Path:
    """Return a path, a leading ~ read as the user's home. Raises ValueError for a text that is none."""
    if not text.isprintable():
        raise ValueError(text)
    try:
        return Path(text).expanduser()
    except RuntimeError as error:  # ~someone who is unknown here
        raise ValueError(text) from error


def _shown(text: str) -> str:
    """Return a mistaken value on a short line, without what may be a key in an address: before an @, from a ? on."""
    text = re.sub(r"(?<=//)[^/]*@|[?#].*", "…", text, flags=re.DOTALL)
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= SHOWN_CHARS else f"{line[: SHOWN_CHARS - 1]}…"
