"""The catalog of models on the hub, and the choice among them by the device's memory and by licence.

Invariant: a choice comes with its reason; without a GPU it is the starter; nothing is fetched that was not asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from engine.models.device import Device
from engine.models.placement import gigabytes, least, place
from engine.models.source import Open, Source

FREE_LICENCES = frozenset({"Apache-2.0", "MIT", "OpenRAIL++-M"})
"""Licences under which anyone may run a public bot; models of others are loaded where a setting names them."""
HALF_PRECISION_BYTES = 2
"""Of a number, in the formats that GPUs compute in."""

IsCached = Callable[[str], bool]
"""Tells whether a model of this name is in the hub's cache here."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A model on the hub, its licence, and the thousand millions of numbers in each of its parts.

    `from_gb` is the size of device from which it is a good choice; below, a smaller one paints sooner.
    """

    name: str
    licence: str
    parts: Mapping[str, float]
    from_gb: float = 0.0

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each part."""
        return {name: round(billions * 1e9) * HALF_PRECISION_BYTES for name, billions in self.parts.items()}


PAINTERS = (
    CatalogEntry("Qwen/Qwen-Image", "Apache-2.0", {"transformer": 20.43, "text_encoder": 8.29, "vae": 0.13}, 80),
    CatalogEntry(
        "black-forest-labs/FLUX.2-klein-4B",
        "Apache-2.0",
        {"transformer": 3.88, "text_encoder": 4.02, "vae": 0.08},
        12,
    ),
    CatalogEntry(
        "Tongyi-MAI/Z-Image-Turbo", "Apache-2.0", {"transformer": 6.15, "text_encoder": 4.02, "vae": 0.08}, 16
    ),
    CatalogEntry(
        "black-forest-labs/FLUX.2-klein-9B", "FLUX non-commercial", {"transformer": 9.1, "text_encoder": 8.2}, 24
    ),
    CatalogEntry(
        "stabilityai/sdxl-turbo", "Stability non-commercial", {"unet": 2.57, "text_encoders": 0.82, "vae": 0.08}, 8
    ),
    CatalogEntry(
        "stabilityai/stable-diffusion-xl-base-1.0",
        "OpenRAIL++-M",
        {"unet": 2.57, "text_encoder_2": 0.69, "text_encoder": 0.12, "vae": 0.08},
    ),
)
"""The first that suits is taken. Counted from the models' configurations (bench/full_size.py builds three of them)."""
PLANNERS = (
    CatalogEntry("Qwen/Qwen3-4B-Instruct-2507", "Apache-2.0", {"model": 4.02}),
    CatalogEntry("Qwen/Qwen3-1.7B", "Apache-2.0", {"model": 1.72}),
    CatalogEntry("Qwen/Qwen3-0.6B", "Apache-2.0", {"model": 0.6}),
)


def choose_painter(given: Source, device: Device, is_cached: IsCached | None = None) -> Source:
    """Return the source that a setting gives, or the best for this device where the setting leaves it open."""
    for entry in _allowed(given, PAINTERS, device, is_cached):
        placement = place(entry.sizes, 0, device)
        if placement is None:
            _pass_over(entry, f"needs {gigabytes(least(entry.sizes, 0))}; {_free(device)}")
        else:
            return Source(entry.name, f"{entry.licence}; {_chip(device)}: {placement.why}", local=False)
    return given


def choose_planner(
    given: Source, painter: Mapping[str, int], device: Device, is_cached: IsCached | None = None
) -> Source:
    """Return the same for the language model, beside a painter whose parts have these bytes.

    It is the largest that costs the painter nothing, else the smallest that fits at all.
    """
    alone, best = place(painter, 0, device), given
    for entry in _allowed(given, PLANNERS, device, is_cached):
        placement = place(painter, sum(entry.sizes.values()), device)
        if placement is None or alone is None:
            _pass_over(entry, f"does not fit beside the painter; {_free(device)}")
            continue
        best = Source(entry.name, f"{entry.licence}; with the painter, {placement.why}", local=False)
        if placement.where is alone.where:
            break
    return best


def in_cache(name: str) -> bool:
    """Tell whether the hub's cache here holds a model, without importing the hub's library, which then goes online."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface"
    cache = Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub").expanduser()
    folder = cache / f"models--{name.replace('/', '--')}" / "snapshots"
    return any(any(folder.glob(f"*/{marker}")) for marker in ("model_index.json", "config.json"))


def _allowed(
    given: Source, entries: Iterable[CatalogEntry], device: Device, is_cached: IsCached | None
) -> Iterator[CatalogEntry]:
    """Yield what may be chosen in place of what a setting gives: by licence, by device, and by what is here."""
    if given.open is Open.NO or device.free is None:
        return
    for entry in entries:
        if entry.licence not in FREE_LICENCES:
            _pass_over(entry, f"its licence ({entry.licence}) is not for everyone: set its name to use it")
        elif device.total is not None and device.total < entry.from_gb * 1e9:
            _pass_over(entry, f"a good choice from {entry.from_gb:g} GB; {_chip(device)} has {gigabytes(device.total)}")
        elif given.open is Open.CACHED and not (is_cached or in_cache)(entry.name):
            _pass_over(entry, f"{entry.licence}, but not all of it is here: set its name, or auto, to fetch it")
        else:
            yield entry


def _pass_over(entry: CatalogEntry, why: str) -> None:
    log.info("model.passed_over", name=entry.name, why=why)


def _free(device: Device) -> str:
    return f"{gigabytes(device.free or 0)} are free on {_chip(device)}"


def _chip(device: Device) -> str:
    return device.chip or device.name
