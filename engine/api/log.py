"""Where the logs of both processes go: stderr, as text or as one JSON object a line; dotted event names with fields.

Invariant: a log that cannot be written stops nothing, which is why it goes through the standard library.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog


def configure_log(form: Literal["text", "json"], package: str, *, quiet: bool = False) -> None:
    """Send the package's events and the libraries' warnings to stderr, in one form; if quiet, its warnings alone."""
    shared: list[structlog.typing.Processor] = [
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
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(form)]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(package).setLevel(logging.WARNING if quiet else logging.INFO)
    # discord.py warns that it cannot speak in voice channels, which is no news to anyone here.
    logging.getLogger("discord.client").setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)  # deprecations in libraries are no news for who runs them


def _renderers(form: Literal["text", "json"]) -> list[structlog.typing.Processor]:
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    traceback = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=traceback)]
