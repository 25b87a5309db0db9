"""Logs: dotted event names with fields, as text or JSON lines on stderr."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor


def configure(style: str, *, quiet: bool = False) -> None:
    """Send structlog and the libraries' logging to stderr in the style `text` or `json`; if quiet, errors alone."""
    level = logging.ERROR if quiet else logging.INFO
    renderer = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.processors.format_exc_info],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    # discord.py warns that it cannot speak in voice channels, which is no news to anyone here.
    logging.getLogger("discord.client").setLevel(logging.ERROR)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
