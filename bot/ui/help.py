"""The text of /help."""

from __future__ import annotations

from bot.ui.i18n import text

PARAGRAPHS = (
    ("help-what", "help-imagine"),
    ("help-talk",),
    ("help-buttons", "help-menus"),
    ("help-lists",),
    ("help-moderators",),
)


def help_text(locale: str) -> str:
    """Return the answer to /help, at most 2,000 characters long."""
    paragraphs = ["\n".join(text(locale, key) for key in keys) for keys in PARAGRAPHS]
    return "\n\n".join([*paragraphs, f"-# {text(locale, 'help-refunds')}"])
