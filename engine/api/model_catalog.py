"""The table of models that Limner offers: licence, bytes to fetch, memory, seconds a picture; and what fits where.

The engine, the command line, the doctor, the page and docs/models.md read this one table; it needs no torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.api.placement import (
    HALF_PRECISION_BYTES,
    NOTHING,
    WORKING,
    Format,
    Placement,
    Room,
    Size,
    place,
    total_size,
)
from engine.api.recipes import LCM_DREAMSHAPER, QWEN_IMAGE_LIGHTNING, SDXL_LIGHTNING, Recipe

FREE_LICENCES = frozenset({"Apache-2.0", "MIT", "OpenRAIL++-M"})
"""Licences under which anyone may run a public bot; models of others are loaded where a setting names them."""
GPUS = frozenset({"cuda", "xpu"})
HOSTS = frozenset({"cpu", "mps"})
"""Kinds of device whose models share the host's memory."""
REFERENCE_CHIP = "H200"
"""The GPU on which the seconds of the table hold."""
PEAKS = {
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L40": 181e12,
    "L4": 121e12,
    "RTX 4090": 165e12,
    "RTX 3090": 71e12,
}
"""Operations a second in bfloat16 without sparsity, by a part of the chip's name, from the makers' data sheets.

The first that matches counts.
"""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A model on the hub, its licence, and the thousand millions of numbers in each of its parts."""

    name: str
    licence: str
    parts: Mapping[str, float]
    from_gb: float = 0.0
    """The size of device from which it is a good choice; below, a smaller one paints sooner."""
    stored_bytes: Mapping[str, int] | None = None
    """Bytes of a number in the files of a part, where these are not of two bytes a number."""
    seconds: float | None = None
    """A picture of 1024 px with the usual steps on REFERENCE_CHIP, all on the device; None for language models."""
    measured: bool = False
    """Whether `seconds` was measured (bench/RESULTS.md), or counted at two fifths of the chip's peak."""
    extra_gb: float = 0.0
    """Weights that are fetched and not loaded, such as an output layer that is stored twice."""
    unshrunk: Mapping[str, float] = field(default_factory=dict)
    """Thousand millions of numbers of a part that are in no linear layer, or in one that keeps its format: embeddings,
    convolutions, a language model's output. An autoencoder's all are."""

    recipe: Recipe | None = None
    devices: frozenset[str] = GPUS
    """The kinds of device for which it is offered and chosen; a setting may name it anywhere."""
    cores: int = 0
    host_gb: float = 0.0
    """What a machine without a GPU of its own must have."""
    reader: str = ""
    """The language model that goes with it where no setting names one; empty leaves that to `auto`."""

    @property
    def paints(self) -> bool:
        return "model" not in self.parts

    @property
    def keeps_full(self) -> bool:
        """Whether its weights stay in full: a LoRA is added to them when they are loaded."""
        return self.recipe is not None and bool(self.recipe.lora)

    def room(self, room: Room) -> Room | None:
        """Return what it may take of this; None where a setting asks for weights that it cannot have."""
        if not self.keeps_full:
            return room
        return replace(room, asked=Format.FULL) if room.asked in (None, Format.FULL) else None

    @property
    def sizes(self) -> dict[str, Size]:
        """The size of each part in memory."""
        return {
            name: Size(
                round(billions * 1e9) * HALF_PRECISION_BYTES,
                0 if name == "vae" else round((billions - self.unshrunk.get(name, 0.0)) * 1e9),
            )
            for name, billions in self.parts.items()
        }

    @property
    def size(self) -> Size:
        """The size of all parts in memory, without what computing takes."""
        return total_size(self.sizes.values())

    @property
    def memory_bytes(self) -> int:
        """Bytes of a device that holds all of it: the weights, and for a painter what a picture takes beside them."""
        return self.memory_in(Format.FULL)

    def memory_in(self, weights: Format) -> int:
        """Return the same with weights in this format."""
        return self.size.stored(weights) + (WORKING if self.paints else 0)

    @property
    def fetch_bytes(self) -> int:
        """About how many bytes are fetched; the hub's own list of files says it to the byte."""
        stored = self.stored_bytes or {}
        parts = ((name, round(billions * 1e9)) for name, billions in self.parts.items())
        return round(self.extra_gb * 1e9) + sum(
            numbers * stored.get(name, HALF_PRECISION_BYTES) for name, numbers in parts
        )

    @property
    def is_free(self) -> bool:
        """Whether anyone may run a public bot with it."""
        return self.licence in FREE_LICENCES


SINGLE = 4
"""Bytes of a number in single precision."""
SDXL_FILES = {"unet": SINGLE, "text_encoders": SINGLE, "text_encoder": SINGLE, "text_encoder_2": SINGLE, "vae": SINGLE}

PAINTERS = (
    CatalogEntry(
        "lightx2v/Qwen-Image-Lightning",
        "Apache-2.0",
        {"transformer": 20.43, "text_encoder": 8.29, "vae": 0.13},
        80,
        seconds=4,
        extra_gb=0.85,
        unshrunk={"transformer": 0.01, "text_encoder": 1.09},
        recipe=QWEN_IMAGE_LIGHTNING,
    ),
    CatalogEntry(
        "Qwen/Qwen-Image",
        "Apache-2.0",
        {"transformer": 20.43, "text_encoder": 8.29, "vae": 0.13},
        80,
        seconds=29,
        unshrunk={"transformer": 0.01, "text_encoder": 1.09},
    ),
    CatalogEntry(
        "black-forest-labs/FLUX.2-klein-4B",
        "Apache-2.0",
        {"transformer": 3.88, "text_encoder": 4.02, "vae": 0.08},
        8,
        seconds=0.782,
        measured=True,
        unshrunk={"text_encoder": 0.39},
    ),
    CatalogEntry(
        "Tongyi-MAI/Z-Image-Turbo",
        "Apache-2.0",
        {"transformer": 6.15, "text_encoder": 4.02, "vae": 0.08},
        16,
        {"transformer": SINGLE},
        seconds=1.63,
        measured=True,
        unshrunk={"text_encoder": 0.39},
    ),
    CatalogEntry(
        "black-forest-labs/FLUX.2-klein-9B",
        "FLUX non-commercial",
        {"transformer": 9.1, "text_encoder": 8.2},
        24,
        seconds=1.3,
        unshrunk={"text_encoder": 1.25},
    ),
    CatalogEntry(
        "stabilityai/sdxl-turbo",
        "Stability non-commercial",
        {"unet": 2.57, "text_encoders": 0.82, "vae": 0.08},
        8,
        SDXL_FILES,
        seconds=0.7,
        unshrunk={"unet": 0.335, "text_encoders": 0.1},
    ),
    CatalogEntry(
        "ByteDance/SDXL-Lightning",
        "OpenRAIL++-M",
        {"unet": 2.57, "text_encoder_2": 0.69, "text_encoder": 0.12, "vae": 0.08},
        stored_bytes={**SDXL_FILES, "unet": HALF_PRECISION_BYTES},
        seconds=0.7,
        unshrunk={"unet": 0.335, "text_encoder_2": 0.064, "text_encoder": 0.038},
        recipe=SDXL_LIGHTNING,
    ),
    CatalogEntry(
        "stabilityai/stable-diffusion-xl-base-1.0",
        "OpenRAIL++-M",
        {"unet": 2.57, "text_encoder_2": 0.69, "text_encoder": 0.12, "vae": 0.08},
        stored_bytes=SDXL_FILES,
        seconds=2.39,
        measured=True,
        unshrunk={"unet": 0.335, "text_encoder_2": 0.064, "text_encoder": 0.038},
    ),
    CatalogEntry(
        "SimianLuo/LCM_Dreamshaper_v7",
        "MIT",
        {"unet": 0.86, "text_encoder": 0.12},
        stored_bytes={"unet": SINGLE, "text_encoder": SINGLE},
        unshrunk={"unet": 0.59, "text_encoder": 0.04},
        recipe=LCM_DREAMSHAPER,
        devices=HOSTS,
        cores=2,
        host_gb=6,
        reader="Qwen/Qwen3-0.6B",
    ),
)
"""The first that suits is taken. Counted from the models' configurations (bench/full_size.py builds three of them)."""
PLANNERS = (
    CatalogEntry("Qwen/Qwen3-4B-Instruct-2507", "Apache-2.0", {"model": 4.02}, unshrunk={"model": 0.39}),
    CatalogEntry("Qwen/Qwen3-1.7B", "Apache-2.0", {"model": 1.72}, extra_gb=0.6, unshrunk={"model": 0.31}),
    CatalogEntry(
        "Qwen/Qwen3-0.6B", "Apache-2.0", {"model": 0.6}, extra_gb=0.3, unshrunk={"model": 0.156}, devices=GPUS | HOSTS
    ),
)
CATALOG = (*PAINTERS, *PLANNERS)
OWN_READERS = ("black-forest-labs/FLUX.2-klein-4B", "black-forest-labs/FLUX.2-klein-9B")
"""Painters whose own text encoder is a language model, so that they need no other."""


def is_recipe(name: str) -> bool:
    """Tell whether a hub name stands for a pipeline that is put together from several repositories."""
    entry = entry_of(name)
    return entry is not None and entry.recipe is not None


def entry_of(name: str) -> CatalogEntry | None:
    """Return the table's row for a hub name."""
    return next((entry for entry in CATALOG if entry.name == name), None)


def suits(entry: CatalogEntry, room: Room, total: int) -> Placement | None:
    """Return how a painter, or a language model alone, fits a device; None where it does not, or is no good choice."""
    own = entry.room(room)
    return None if own is None or total < entry.from_gb * 1e9 else place(entry.sizes, NOTHING, own)


def has_host_for(entry: CatalogEntry, memory: int, cores: int) -> bool:
    """Tell whether a model is one for machines without a GPU, and this one has the cores and the memory for it."""
    return bool(entry.devices & HOSTS) and cores >= entry.cores and memory >= entry.host_gb * 1e9


def seconds_on(entry: CatalogEntry, chip: str) -> float | None:
    """Return about how long a picture takes on a chip of this name; None where its peak is not known, or no painter.

    What was measured on one chip is scaled by the makers' peaks, so it says the order of magnitude.
    """
    peak = next((peak for part, peak in PEAKS.items() if part in chip), None)
    return entry.seconds * PEAKS[REFERENCE_CHIP] / peak if entry.seconds is not None and peak else None
