"""Where the models' weights are while they do not compute, and in which format, by their sizes alone.

The engine places its models by this, and the doctor, the offers and the documents' tables ask the same function; it
needs no torch. Invariant: what computes at one time fits the device, and what waits fits the host's memory, as far as
sizes tell that are known before anything is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

HALF_PRECISION_BYTES = 2
"""Of a number, in the formats that GPUs compute in."""
WORKING = 2_500_000_000
"""Bytes beside the weights: what a picture of 1024 x 1024 takes while it is denoised and decoded, and torch itself."""

SHARED = "the models share the host's memory"


class Where(Enum):
    """Where the weights are while they do not compute, in the order of speed."""

    TOGETHER = "together"
    """All weights stay on the device."""
    TURNS = "turns"
    """The language model's or the painter's, whichever computes."""
    PARTS = "parts"
    """One part of a model at a time: a text encoder, the denoiser, the autoencoder, or the language model."""


class Format(Enum):
    """How the numbers of linear layers are stored, in the order of quality; all other numbers stay as they are."""

    FULL = "full"
    """As the device computes: two bytes a number on GPUs."""
    INT8 = "int8"
    """torchao's eight bits, with a scale for each row of a weight and of what it is multiplied with."""
    FOUR_BIT = "4bit"
    """bitsandbytes' NF4: four bits a number, and scales for each 64 of them, which are packed as well."""

    @property
    def number_bytes(self) -> float:
        """Bytes of a number in a linear layer with its share of the scales; 0 for FULL, whose width is the device's."""
        return {Format.FULL: 0.0, Format.INT8: 1.01, Format.FOUR_BIT: 0.52}[self]

    @property
    def package(self) -> str:
        """The package that it needs; empty where it needs none."""
        return {Format.FULL: "", Format.INT8: "torchao", Format.FOUR_BIT: "bitsandbytes"}[self]

    @property
    def may_wait(self) -> bool:
        """Whether its weights may move between the device and the host's memory; bitsandbytes' stay where they are."""
        return self is not Format.FOUR_BIT


@dataclass(frozen=True, slots=True)
class Size:
    """How large a model's part is: its bytes in full, and how many of its numbers a smaller format shrinks."""

    full: int
    shrinks: int = 0
    width: int = HALF_PRECISION_BYTES
    """Bytes of a number in full."""

    def stored(self, weights: Format) -> int:
        """Return its bytes in this format."""
        if weights is Format.FULL:
            return self.full
        return self.full - self.shrinks * self.width + round(self.shrinks * weights.number_bytes)


@dataclass(frozen=True, slots=True)
class Room:
    """The memory that models may take, in bytes, and the formats that this machine can load."""

    free: int | None
    """The device's own, before anything is loaded; None where models share the host's."""
    host: int | None = None
    """The host's, free for weights that wait there; None where that is not known."""
    formats: frozenset[Format] = frozenset({Format.FULL})
    asked: Format | None = None
    """The format that a setting names; None leaves the choice."""
    is_shared: bool = False
    """Whether the device's memory is the host's too, as on Apple's chips: then nothing can wait elsewhere."""


@dataclass(frozen=True, slots=True)
class Placement:
    """`cap` is the most rows that a batch may have; None where memory sets no limit. `why` is one sentence."""

    where: Where = Where.TOGETHER
    cap: int | None = None
    why: str = SHARED
    weights: Format = Format.FULL


NOTHING = Size(0)


def total_size(sizes: Iterable[Size]) -> Size:
    """Return the size of several parts together, whose numbers have the same width."""
    known = list(sizes)
    width = known[0].width if known else HALF_PRECISION_BYTES
    return Size(sum(size.full for size in known), sum(size.shrinks for size in known), width)


def place(painter: Mapping[str, Size], planner: Size, room: Room) -> Placement | None:
    """Return the fastest placement that fits, in the best format that makes it fit; None where none does.

    `painter` has its parts' sizes, `planner` the language model's: NOTHING where it is one of them. To keep all on the
    device goes before the format: to bring weights there for each picture takes seconds, and no batch is possible.
    """
    if room.free is None:
        weights = room.asked or Format.FULL
        return Placement(weights=weights, why=f"{SHARED}{_FORMATS[weights]}")
    missed = ""
    for where, weights in _choices(room):
        need = device_bytes(painter, planner, where, weights) + WORKING
        if need > room.free:
            continue
        if weights not in room.formats:
            missed = missed or _missed(where, weights)
            continue
        if not _has_host_room(painter, planner, where, weights, room):
            continue
        whole = device_bytes(painter, planner, Where.TOGETHER, weights)
        have = (
            f"{gigabytes(whole)} of weights{_FORMATS[weights]} and {gigabytes(WORKING)} to work with, "
            f"{gigabytes(room.free)} free"
        )
        return Placement(where, None if where is Where.TOGETHER else 1, f"{have}: {_PLACES[where]}{missed}", weights)
    return None


def device_bytes(painter: Mapping[str, Size], planner: Size, where: Where, weights: Format) -> int:
    """Return how many bytes a placement takes on the device, without WORKING."""
    parts = [part.stored(weights) for part in painter.values()]
    reader = planner.stored(weights)
    return {
        Where.TOGETHER: sum(parts) + reader,
        Where.TURNS: max(sum(parts), reader),
        Where.PARTS: max([*parts, reader]),
    }[where]


def waiting_bytes(painter: Mapping[str, Size], planner: Size, where: Where, weights: Format) -> int:
    """Return the most bytes of weights that wait in the host's memory at one time."""
    whole, reader = sum(part.stored(weights) for part in painter.values()), planner.stored(weights)
    return {Where.TOGETHER: 0, Where.TURNS: max(whole, reader), Where.PARTS: whole + reader}[where]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why nothing fits: the least bytes that are needed of the device's memory, or of the host's, and what is free."""

    of_host: bool
    needed: int
    free: int

    def __str__(self) -> str:
        whose = "the host's memory for weights that wait" if self.of_host else "the device's memory even in turns"
        return f"{gigabytes(self.needed)} of {whose}, and {gigabytes(self.free)} are free"


def shortfall(painter: Mapping[str, Size], planner: Size, room: Room) -> Shortfall:
    """Return what is missing where `place` returned None."""
    choices = [choice for choice in _choices(room) if choice[1] in room.formats]
    needs = [device_bytes(painter, planner, *choice) + WORKING for choice in choices]
    free = room.free or 0
    if min(needs) > free:
        return Shortfall(False, min(needs), free)
    waits = min(
        waiting_bytes(painter, planner, *choice) for choice, need in zip(choices, needs, strict=True) if need <= free
    )
    return Shortfall(True, waits, room.host or 0)


def gigabytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB"


_FORMATS = {Format.FULL: "", Format.INT8: " in int8", Format.FOUR_BIT: " in 4 bits"}
_PLACES = {
    Where.TOGETHER: "all stays on the device",
    Where.TURNS: "the language model and the painter take turns, and one picture is painted at a time",
    Where.PARTS: "the models' parts take turns, and one picture is painted at a time",
}


def _choices(room: Room) -> Iterator[tuple[Where, Format]]:
    """Yield places and formats, the best first."""
    for where in (Where.TOGETHER,) if room.is_shared else Where:
        for weights in (room.asked,) if room.asked else Format:
            if weights.may_wait or where is Where.TOGETHER:
                yield where, weights


def _has_host_room(painter: Mapping[str, Size], planner: Size, where: Where, weights: Format, room: Room) -> bool:
    return room.host is None or waiting_bytes(painter, planner, where, weights) <= room.host


def _missed(where: Where, weights: Format) -> str:
    if where is not Where.TOGETHER:
        return ""
    return f"; with {weights.package} installed, all would stay there{_FORMATS[weights]}"
