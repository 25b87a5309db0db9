"""Changes settings in the operator's .env, in place.

Invariant: a line that is not about a changed setting stays as it is, and the file is its owner's alone.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

_SETTING = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=")
_PLAIN = re.compile(r"[\w@%+:,./-]*")


def changed(text: str, values: Mapping[str, str]) -> str:
    """Return the file's text with these settings: where they stand already, else at its end."""
    left = dict(values)
    lines = []
    for line in text.splitlines():
        setting = _SETTING.match(line)
        name = setting[1] if setting else ""
        if name not in values:
            lines.append(line)
        elif name in left:  # a second line of the same name would win over the first
            lines.append(f"{name}={_quoted(left.pop(name))}")
    lines += [f"{name}={_quoted(value)}" for name, value in left.items()]
    return "\n".join(lines) + "\n"


def write_private(path: Path, text: str) -> None:
    """Replace the file as a whole, mode 0600, one writer at a time. Raises OSError, having changed nothing.

    What is written first has the same name each time, so that the key in one whose writer died is overwritten.
    """
    path = path.resolve()
    made = path.with_name(f"{path.name}.new")
    while True:
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is(made, descriptor):  # else another writer has put it in its place meanwhile
                return _fill(file, text, made, path)


def _is(path: Path, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    return False


def _fill(file: TextIO, text: str, made: Path, path: Path) -> None:
    try:
        os.fchmod(file.fileno(), 0o600)
        file.truncate(0)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _quoted(value: str) -> str:
    """Return a value so that python-dotenv reads it as it is."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
