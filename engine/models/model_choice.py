"""The choice among the table's models by the device's memory and by licence.

Invariant: a choice comes with its reason; without a GPU it is the starter; nothing is fetched that was not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from engine.api.host_memory import cores, total_bytes
from engine.api.light_structlog import structlog
from engine.api.model_catalog import HOSTS, PAINTERS, PLANNERS, CatalogEntry, has_host_for
from engine.api.placement import NOTHING, Room, Size, gigabytes, place, shortfall
from engine.models.device import Device
from engine.models.hub_cache import in_cache
from engine.models.source import Open, Source

IsCached = Callable[[str], bool]
"""Tells whether a model of this name is in the hub's cache here."""

log = structlog.get_logger()


def choose_painter(given: Source, device: Device, room: Room, is_cached: IsCached | None = None) -> Source:
    """Return the source that a setting gives, or the best for this device where the setting leaves it open."""
    for entry in _allowed(given, PAINTERS, device, is_cached):
        own = entry.room(room)
        if own is None:
            _pass_over(entry, "its weights stay in full, and LIMNER_WEIGHTS asks for smaller ones")
            continue
        placement = place(entry.sizes, NOTHING, own)
        if placement is None:
            _pass_over(entry, f"needs {shortfall(entry.sizes, NOTHING, own)}; {_chip(device)}")
        else:
            return Source(entry.name, f"{entry.licence}; {_chip(device)}: {placement.why}", local=False)
    return given


def choose_planner(
    given: Source, painter: Mapping[str, Size], device: Device, room: Room, is_cached: IsCached | None = None
) -> Source:
    """Return the same for the language model, beside a painter whose parts have these sizes.

    It is the largest that costs the painter nothing, else the smallest that fits at all.
    """
    alone, best = place(painter, NOTHING, room), given
    for entry in _allowed(given, PLANNERS, device, is_cached):
        placement = place(painter, entry.size, room)
        if placement is None or alone is None:
            free = gigabytes(room.free or 0)
            _pass_over(entry, f"does not fit beside the painter; {free} are free on {_chip(device)}")
            continue
        best = Source(entry.name, f"{entry.licence}; with the painter, {placement.why}", local=False)
        if (placement.where, placement.weights) == (alone.where, alone.weights):
            break
    return best


def _allowed(
    given: Source, entries: Iterable[CatalogEntry], device: Device, is_cached: IsCached | None
) -> Iterator[CatalogEntry]:
    """Yield what may be chosen in place of what a setting gives: by licence, by device, and by what is here."""
    if given.open is Open.NO:
        return
    for entry in entries:
        if device.name not in entry.devices:
            continue
        if not entry.is_free:
            _pass_over(entry, f"its licence ({entry.licence}) is not for everyone: set its name to use it")
        elif device.total is not None and device.total < entry.from_gb * 1e9:
            _pass_over(entry, f"a good choice from {entry.from_gb:g} GB; {_chip(device)} has {gigabytes(device.total)}")
        elif device.name in HOSTS and not has_host_for(entry, total_bytes(), cores()):
            _pass_over(entry, f"it needs {entry.cores} cores and {entry.host_gb:g} GB of memory")
        elif device.name in HOSTS and not (is_cached or in_cache)(entry.name):
            _pass_over(entry, f"without a GPU it is taken once it is here: limner models fetch {entry.name}")
        elif given.open is Open.CACHED and not (is_cached or in_cache)(entry.name):
            _pass_over(entry, f"{entry.licence}, but not all of it is here: set its name, or auto, to fetch it")
        else:
            yield entry


def _pass_over(entry: CatalogEntry, why: str) -> None:
    log.info("model.passed_over", name=entry.name, why=why)


def _chip(device: Device) -> str:
    return device.chip or device.name
