"""The phrases about a model of the table: its licence, sizes and seconds."""

from __future__ import annotations

from bot.domain.model_offers import Offer
from bot.ui.i18n import text


def described(locale: str, offer: Offer) -> str:
    """Return a row in one phrase: name, licence, what is fetched, memory, and the seconds of a picture."""
    entry = offer.entry
    facts = {
        "name": entry.name,
        "licence": entry.licence,
        "fetch": gigabytes(entry.fetch_bytes),
        "memory": gigabytes(entry.memory_bytes),
    }
    if offer.seconds is None:
        return text(locale, "models-offer", **facts)
    return text(locale, "models-offer-seconds", seconds=seconds_text(offer.seconds), **facts)


def gigabytes(count: float) -> str:
    """Return bytes as people read them."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 1e7 else f"{count / 1e6:.1f} MB"


def seconds_text(seconds: float) -> str:
    """Return seconds with as many digits as an estimate has."""
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}"
