"""Parses a file of styles (TOML): valid styles, or StylesInvalid, which names the style and the field."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import msgspec

from bot.domain.folding import fold
from bot.domain.jobs import SHAPES
from bot.domain.styles import PLACE, Style
from bot.operator_errors import OperatorError

MAX_FILE_CHARS = 200_000
MAX_PROMPT_CHARS = 600
MAX_LINE_CHARS = 200
MAX_NAME_CHARS = 60
MAX_WORDS = 60
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

Texts = str | dict[str, str]


class StylesInvalid(OperatorError):
    """The file is damaged; the text names the style and the field where there are any."""


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """A style as the file has it. A text without a locale serves every locale."""

    name: Texts
    prompt: str
    description: Texts = ""
    aliases: list[str] = []
    things: list[str] = []
    negative: str = ""
    shape: str = ""
    note: Texts = ""


def parse_styles(text: str) -> list[Style]:
    """Return the styles of a TOML text, in its order. Raises StylesInvalid."""
    if len(text) > MAX_FILE_CHARS:
        raise StylesInvalid("styles-long", most=MAX_FILE_CHARS)
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise StylesInvalid("styles-toml", why=str(error).splitlines()[0][:MAX_LINE_CHARS]) from error
    styles = [_style(key, table) for key, table in tables.items()]
    _check_distinct(styles)
    return styles


def _style(key: str, table: Any) -> Style:
    if not _KEY.fullmatch(key) or len(key) > MAX_NAME_CHARS:
        raise StylesInvalid("styles-key", style=_short(key))
    if not isinstance(table, dict):
        raise StylesInvalid("styles-outside", field=key)
    try:
        entry = msgspec.convert(table, _Entry)
    except msgspec.ValidationError as error:
        raise StylesInvalid("styles-field", style=key, why=str(error)[:MAX_LINE_CHARS]) from error
    if entry.prompt.count(PLACE) != 1:
        raise StylesInvalid("styles-place", style=key, place=PLACE, found=entry.prompt.count(PLACE))
    if entry.shape and entry.shape not in SHAPES:
        raise StylesInvalid("styles-shape", style=key, value=_short(entry.shape), choices=", ".join(SHAPES))
    return Style(
        key,
        names=_texts(key, "name", entry.name, MAX_NAME_CHARS, required=True),
        descriptions=_texts(key, "description", entry.description, MAX_LINE_CHARS),
        aliases=_words(key, "aliases", entry.aliases),
        prompt=_line(key, "prompt", entry.prompt, MAX_PROMPT_CHARS),
        negative=_line(key, "negative", entry.negative, MAX_PROMPT_CHARS),
        shape=entry.shape,
        notes=_texts(key, "note", entry.note, MAX_LINE_CHARS),
        things=_words(key, "things", entry.things),
    )


def _texts(key: str, field: str, texts: Texts, most: int, required: bool = False) -> dict[str, str]:
    by_locale = {"": texts} if isinstance(texts, str) else texts
    lines = {locale: _line(key, field, text, most) for locale, text in by_locale.items()}
    filled = {locale: line for locale, line in lines.items() if line}
    if required and not filled.keys() & {"", "en"}:
        raise StylesInvalid("styles-name", style=key)
    return filled


def _words(key: str, field: str, words: list[str]) -> tuple[str, ...]:
    if len(words) > MAX_WORDS:
        raise StylesInvalid("styles-words", style=key, field=field, most=MAX_WORDS)
    lines = tuple(_line(key, field, word, MAX_NAME_CHARS) for word in words)
    if not all(map(fold, lines)):
        raise StylesInvalid("styles-blank", style=key, field=field)
    return lines


def _line(key: str, field: str, text: str, most: int) -> str:
    """Return the text in one line, so that a long template may be broken in the file."""
    line = " ".join(text.split())
    if len(line) > most:
        raise StylesInvalid("styles-text-long", style=key, field=field, most=most)
    if not line.isprintable():
        raise StylesInvalid("styles-unprintable", style=key, field=field)
    return line


def _check_distinct(styles: list[Style]) -> None:
    """No word may mean two styles of one file."""
    owners: dict[str, str] = {}
    for style in styles:
        for word in style.words:
            if owners.setdefault(word, style.key) != style.key:
                raise StylesInvalid("styles-twice", style=style.key, other=owners[word], word=word)


def _short(text: str) -> str:
    return text if len(text) <= MAX_NAME_CHARS else f"{text[:MAX_NAME_CHARS]}…"
