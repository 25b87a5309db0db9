"""The log of both processes: on stderr, as text or as one JSON object a line; dotted event names with fields.

Invariants: a log that cannot be written raises nothing, which the standard library's handlers guarantee; no line,
libraries' lines and tracebacks included, holds a token or one of Discord's ids, but a keyed hash of the id.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from hashlib import blake2b
from io import StringIO
from textwrap import indent
from typing import Literal, TextIO

from engine.api.light_structlog import structlog

_HIDDEN = re.compile(
    r"(?P<job>\b[0-9a-f]{32}\b)|(?P<path>/(?:webhooks|interactions)/)\d+/[\w.-]+"
    r"|(?P<token>\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,})|(?P<id>\d{15,20})"
)
"""The ids of jobs are our own and stay. Discord's have 17 to 20 digits."""


def _large_as_text(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Ids become texts, so that hashes can stand in their places in JSON too."""

    def text(value: object) -> object:
        if isinstance(value, dict):
            return {key: text(part) for key, part in value.items()}
        if isinstance(value, list | tuple | set):
            return [text(part) for part in value]
        return str(value) if isinstance(value, int) and value >= 10**14 else value

    return {key: text(value) if key != "exc_info" else value for key, value in event.items()}


_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | dict.fromkeys(
    (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "…"
)
"""What would begin another line, color a terminal or turn text around."""
_IN_TRACEBACK = {code: shown for code, shown in _CONTROL.items() if chr(code) not in "\n\t"}


def _on_one_line(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Nothing that a library quotes begins a line of its own or acts on a terminal; fields are quoted as they are."""
    return {**event, "event": str(event.get("event", "")).translate(_CONTROL)}


def _traceback(sio: TextIO, exc_info: structlog.typing.ExcInfo) -> None:
    """Print a traceback, indented, so that no line of an error's own text looks like one of the log's."""
    text = StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    sio.write(indent(text.getvalue().translate(_IN_TRACEBACK), "  "))


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Replaces each of Discord's ids by a keyed hash: the same id gives the same hash under the same key."""

    key = b""

    def format(self, record: logging.LogRecord) -> str:
        return _HIDDEN.sub(self._hidden, super().format(record))

    def _hidden(self, match: re.Match[str]) -> str:
        if match["job"]:
            return match["job"]
        if number := match["id"]:
            return "id-" + blake2b(number.encode(), digest_size=5, key=self.key, person=b"limner-log").hexdigest()
        return (match["path"] or "") + "…"


def configure_log(
    form: Literal["text", "json"], package: str, *, quiet: bool = False, key: bytes | None = None, name: str = ""
) -> None:
    """Send the package's events and the libraries' warnings to stderr, in one form; if quiet, its warnings alone.

    `key` is that of the hashes; without one they are comparable within this process alone. With a `name`, each line
    holds it as `engine`.
    """

    def named(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"engine": name, **event}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        *([named] if name else []),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _large_as_text, *_renderers(form)]
    formatter = RedactingFormatter(processors=last, foreign_pre_chain=shared)
    formatter.key = key or secrets.token_bytes(32)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(package).setLevel(logging.WARNING if quiet else logging.INFO)
    # discord.py warns that it cannot speak in voice channels, which is no news to anyone here.
    logging.getLogger("discord.client").setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)  # deprecations in libraries are no news for who runs them


def _renderers(form: Literal["text", "json"]) -> list[structlog.typing.Processor]:
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_traceback)
    return [_on_one_line, console]
