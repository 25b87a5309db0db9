"""The text of `/my settings`."""

from __future__ import annotations

from bot.domain.preferences import Preferences
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain

CONSENTS = {True: "yes", False: "no", None: "none"}


def preferences_text(locale: str, preferences: Preferences, style: str, *, saved: bool) -> str:
    """Return the answer to /my settings; `style` is the style's name, empty where there is none."""
    none = text(locale, "setting-none")
    shape = text(locale, f"shape-{preferences.shape}") if preferences.shape else none
    return "\n".join(
        (
            f"**{text(locale, 'settings-saved' if saved else 'settings-title')}**",
            text(locale, "settings-style", style=plain(style) or none),
            text(locale, "settings-shape", shape=shape),
            text(locale, "settings-private" if preferences.private else "settings-public"),
            text(locale, f"settings-photos-{CONSENTS[preferences.photos]}"),
            f"-# {text(locale, 'settings-how')}",
        )
    )
