"""Loads the bundled styles and the operator's own, which take precedence."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from bot.domain.style_parser import MAX_FILE_CHARS, StylesInvalid, parse_styles
from bot.domain.styles import Style, Styles
from bot.operator_errors import SettingsRefused

BYTES_PER_CHAR = 4


def load_styles(extra: Path | None = None) -> Styles:
    """Return the bundled styles and those of the file `extra`. Raises SettingsRefused where that file is damaged."""
    styles = parse_styles(files("bot").joinpath("styles.toml").read_text("utf-8"))
    if extra is not None:
        styles += _own(extra)
    return Styles(styles)


def _own(path: Path) -> list[Style]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE_CHARS * BYTES_PER_CHAR + 1).decode("utf-8-sig")
        return parse_styles(text)
    except OSError as error:
        raise SettingsRefused("styles-unreadable", file=str(path), why=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise SettingsRefused("styles-not-text", file=str(path)) from error
    except StylesInvalid as error:
        raise SettingsRefused(error.key, file=str(path), **error.facts) from error
