"""Offers the painter for machines without a GPU: its bytes, and the seconds of a picture as measured here."""

from __future__ import annotations

from pathlib import Path

from bot.domain.model_offers import Gpu, Machine
from bot.host.picture_speed import known_seconds, measure_seconds
from bot.ui.i18n import text
from bot.ui.model_offers import gigabytes, seconds_text
from engine.api.host_memory import cores, total_bytes
from engine.api.model_catalog import HOSTS, CatalogEntry


def this_machine(home: Path) -> Machine:
    """Return what this machine has, with the seconds that were measured before."""
    return Machine(cores(), total_bytes(), known_seconds(home))


def is_for_hosts(entry: CatalogEntry | None, gpu: Gpu | None) -> bool:
    """Tell whether a row is a painter that is offered because there is no GPU."""
    return entry is not None and gpu is None and entry.paints and bool(entry.devices & HOSTS)


async def offered(locale: str, entry: CatalogEntry, home: Path) -> str:
    """Return the sentence of the offer; what was not measured yet is measured, which takes a minute or two."""
    seconds = known_seconds(home) or await measure_seconds(home)
    facts: dict[str, str | int] = {"name": entry.name, "fetch": gigabytes(entry.fetch_bytes)}
    if seconds is None:
        return text(locale, "models-host-unmeasured", **facts)
    side = entry.recipe.side if entry.recipe else 0
    return text(locale, "models-host-offer", seconds=seconds_text(seconds), side=side, **facts)
