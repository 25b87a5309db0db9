"""The table's models as this machine has them: whether each fits, about how long a picture takes, and what is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.api.model_catalog import CATALOG, CatalogEntry, Where, seconds_on, suits
from engine.api.model_store import StoredModel

Here = Literal["whole", "partly", "no"]
RESERVED = 500_000_000
"""Bytes of a GPU that its driver and a desktop keep."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU; memory in bytes."""

    name: str
    driver: str
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A row of the table, on this machine.

    `fits` says how it fits the GPU, None where it does not, is no good choice, or there is none. `seconds` is about how
    long a picture takes on this GPU, None where that is not known.
    """

    entry: CatalogEntry
    fits: Where | None
    seconds: float | None
    here: Here = "no"


def offers(gpu: Gpu | None, stored: Iterable[StoredModel] = ()) -> list[Offer]:
    """Return all rows for a GPU that nothing else uses: what Limner itself holds of it now would make room."""
    whole = {model.name: model.whole for model in stored}
    return [
        Offer(
            entry,
            suits(entry, gpu.total - RESERVED, gpu.total) if gpu else None,
            seconds_on(entry, gpu.name) if gpu else None,
            "no" if entry.name not in whole else "whole" if whole[entry.name] else "partly",
        )
        for entry in CATALOG
    ]


def fitting(gpu: Gpu | None) -> list[Offer]:
    """Return the painters that fit and that anyone may run, the one that `auto` would take first."""
    return [offer for offer in offers(gpu) if offer.entry.paints and offer.entry.is_free and offer.fits]
