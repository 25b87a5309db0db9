"""The table's models as this machine has them: whether each fits, about how long a picture takes, and what is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.api.installation import installed_formats
from engine.api.model_catalog import CATALOG, CatalogEntry, has_host_for, seconds_on, suits
from engine.api.model_store import StoredModel
from engine.api.placement import Format, Placement, Room, Where

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
class Machine:
    """What a machine without an NVIDIA GPU has; `seconds` is what a picture takes on it, None where not measured."""

    cores: int
    memory: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A row of the table, on this machine.

    `fits` says how it fits the GPU, None where it does not, is no good choice, or there is none. `would_fit` is how all
    of it would stay on the GPU with one more package. `seconds` is about how long a picture takes on this GPU, None
    where that is not known.
    """

    entry: CatalogEntry
    fits: Placement | None
    seconds: float | None
    here: Here = "no"
    would_fit: Format | None = None


def offers(
    gpu: Gpu | None,
    stored: Iterable[StoredModel] = (),
    formats: frozenset[Format] | None = None,
    machine: Machine | None = None,
) -> list[Offer]:
    """Return all rows for a GPU that nothing else uses: what Limner itself holds of it now would make room.

    `formats` are those of weights that this machine can load; None asks which are installed. Without a GPU, rows that
    need none fit a `machine` with the cores and the memory.
    """
    whole = {model.name: model.whole for model in stored}
    installed = installed_formats() if formats is None else formats
    return [
        Offer(
            entry,
            _fits(entry, gpu, installed) if gpu else _fits_machine(entry, machine),
            seconds_on(entry, gpu.name) if gpu else _seconds_here(entry, machine),
            "no" if entry.name not in whole else "whole" if whole[entry.name] else "partly",
            _would_fit(entry, gpu, installed),
        )
        for entry in CATALOG
    ]


def fitting(gpu: Gpu | None, formats: frozenset[Format] | None = None) -> list[Offer]:
    """Return the painters that fit and that anyone may run, the one that `auto` would take first."""
    return [offer for offer in offers(gpu, (), formats) if offer.entry.paints and offer.entry.is_free and offer.fits]


def usual_room(gpu: Gpu, formats: frozenset[Format], host: int | None = None, asked: Format | None = None) -> Room:
    """Return what models may take of a GPU that nothing but its driver and a desktop uses."""
    return Room(gpu.total - RESERVED, host, formats, asked)


def _fits(entry: CatalogEntry, gpu: Gpu | None, formats: frozenset[Format]) -> Placement | None:
    return suits(entry, usual_room(gpu, formats), gpu.total) if gpu else None


def _fits_machine(entry: CatalogEntry, machine: Machine | None) -> Placement | None:
    fits = machine is not None and entry.paints and has_host_for(entry, machine.memory, machine.cores)
    return Placement() if fits else None


def _seconds_here(entry: CatalogEntry, machine: Machine | None) -> float | None:
    return machine.seconds if machine is not None and entry.paints and _fits_machine(entry, machine) else None


def _would_fit(entry: CatalogEntry, gpu: Gpu | None, installed: frozenset[Format]) -> Format | None:
    now, then = _fits(entry, gpu, installed), _fits(entry, gpu, frozenset(Format))
    is_better = then is not None and then.where is Where.TOGETHER and (now is None or now.where is not Where.TOGETHER)
    return then.weights if then is not None and is_better else None
