"""The phrases about a model of the table: its licence, sizes and seconds."""

from __future__ import annotations

from bot.domain.model_offers import Offer
from bot.ui.i18n import text
from engine.api.placement import Format, Placement


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


def how_it_fits(locale: str, offer: Offer, *, has_gpu: bool) -> str:
    """Return the phrase of whether and how a row fits this machine's GPU."""
    if not has_gpu:
        return text(locale, "models-fits-host" if offer.fits else "models-fits-gpu")
    fits = text(locale, fits_key(offer.fits)) if offer.fits else text(locale, "models-fits-no")
    if offer.would_fit is None:
        return fits
    package = text(locale, "models-fits-package", weights=offer.would_fit.value, package=offer.would_fit.package)
    return f"{fits}; {package}" if offer.fits else package


def fits_key(placement: Placement) -> str:
    """Return the key of the phrase of a placement."""
    weights = "" if placement.weights is Format.FULL else f"-{placement.weights.value}"
    return f"models-fits-{placement.where.value}{weights}"


def gigabytes(count: float) -> str:
    """Return bytes as people read them."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 1e7 else f"{count / 1e6:.1f} MB"


def seconds_text(seconds: float) -> str:
    """Return seconds with as many digits as an estimate has."""
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}"
