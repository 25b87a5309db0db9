"""Changes settings in the operator's .env, in place.

Invariant: a line that is not about a changed setting stays as it is, and the file is its owner's alone.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

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
    """Replace the file as a whole, mode 0600. Raises OSError, having changed nothing."""
    path = path.resolve()
    descriptor, made = tempfile.mkstemp(prefix=".env-", dir=path.parent)  # 0600 from the start
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def _quoted(value: str) -> str:
    """Return a value so that python-dotenv reads it as it is."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
