"""The exchanges that the planner learns from and is measured by: about the twelve drawn things, or a gallery's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

from engine.starter.lexicon.tongue import CODES
from training.stages.worlds import GalleryWorld, world_of
from training.world import lexicon, order_words
from training.world.edits import sample_edit
from training.world.orders import CHANGE, CHAT, NEW, UNDO, Orders
from training.world.requests import sample_request

EDIT_SHARE: Final = 0.45


class Exchange(Protocol):
    """A message, what stood before it, and the right answer."""

    @property
    def language(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def answer(self) -> Mapping[str, Any]:
        """In the order in which its keys are written."""
        ...

    @property
    def old(self) -> Mapping[str, Any] | None:
        """The answer that the picture before came from."""
        ...


Sample = Callable[[Random], Exchange]


@dataclass(frozen=True, slots=True)
class Size:
    """Of the planner's network; `inner` is the width of its feed-forward layers."""

    vocabulary: int
    width: int
    inner: int
    layers: int
    heads: int


class Exchanges(Protocol):
    """All that is said about one world."""

    @property
    def size(self) -> Size: ...
    @property
    def kinds(self) -> Mapping[str, Sample]:
        """What the figures speak of: kinds of exchange about combinations that no training sees."""
        ...

    @property
    def languages(self) -> Mapping[str, Sequence[str]]:
        """The groups of languages that the figures speak of."""
        ...

    def sample(self, random: Random, *, held_out: bool = False) -> Exchange: ...

    def alike(self, random: Random, count: int) -> list[Exchange]:
        """So many for one training step, of about the same length."""
        ...

    def card(self) -> dict[str, object]:
        """What the planner's limner.json says of what it reads."""
        ...

    def things(self) -> list[dict[str, object]]:
        """What the reader of orders must know of a gallery's things; empty for drawn ones."""
        ...


class DrawnExchanges:
    """About the twelve drawn things, one in a picture, in five languages."""

    size = Size(vocabulary=1792, width=192, inner=448, layers=5, heads=6)
    languages: Final = {"en": ("en",), "zh": ("zh",), "es, ja, de": ("es", "ja", "de")}
    kinds: Final[dict[str, Sample]] = {
        "requests": partial(sample_request, held_out=True),
        "requests in unseen phrasings": partial(sample_request, held_out=True, unseen=True),
        "edits": partial(sample_edit, held_out=True),
        "edits in unseen phrasings": partial(sample_edit, held_out=True, unseen=True),
    }

    def sample(self, random: Random, *, held_out: bool = False) -> Exchange:
        make = sample_edit if random.random() < EDIT_SHARE else sample_request
        return make(random, held_out=held_out)

    def alike(self, random: Random, count: int) -> list[Exchange]:
        make = sample_edit if random.random() < EDIT_SHARE else sample_request
        return [make(random) for _ in range(count)]

    def card(self) -> dict[str, object]:
        return lexicon.card()

    def things(self) -> list[dict[str, object]]:
        return []


class GalleryExchanges:
    """About a gallery's things: new requests, changes, undo and chat, in every language that names them all."""

    size = Size(vocabulary=4096, width=192, inner=448, layers=5, heads=6)
    _FIRST: Final = {NEW: 95, CHAT: 5}
    _AFTER: Final = {CHANGE: 80, UNDO: 12, CHAT: 8}

    def __init__(self, world: GalleryWorld) -> None:
        self._shown = shown = world.gallery.things[: len(world.stock.things)]
        rest = world.gallery.things[len(shown) :]
        codes = [code for code in CODES if all(code in thing.names for thing in shown)]
        strangers = {code: [thing.names[code].label for thing in rest if code in thing.names] for code in codes}
        self.orders = Orders(world.stock, {thing.word: thing.names for thing in shown}, codes, strangers)
        others = [code for code in codes if code not in ("en", "zh")]
        groups = {"en": ["en"], "zh": ["zh"], "the others": others}
        self.languages = {name: found for name, group in groups.items() if (found := [c for c in group if c in codes])}

    @property
    def kinds(self) -> dict[str, Sample]:
        sample = partial(self.orders.sample, held_out=True)
        return {
            "requests": partial(sample, kinds={NEW: 1}, stranger_share=0.0),
            "requests with something unknown": partial(sample, kinds={NEW: 1}, stranger_share=1.0),
            "changes": partial(sample, kinds={CHANGE: 1}, stranger_share=0.0),
            "undo and chat": partial(sample, kinds={UNDO: 1, CHAT: 1}),
        }

    def sample(self, random: Random, *, held_out: bool = False) -> Exchange:
        return self.orders.sample(random, held_out=held_out)

    def alike(self, random: Random, count: int) -> list[Exchange]:
        kinds = self._AFTER if random.random() < EDIT_SHARE else self._FIRST
        return [self.orders.sample(random, kinds=kinds) for _ in range(count)]

    def card(self) -> dict[str, object]:
        return order_words.card(self.orders)

    def things(self) -> list[dict[str, object]]:
        return [
            {
                "word": thing.word,
                "stands": thing.stands,
                "recolors": thing.word in self.orders.stock.recolors,
                "names": {code: asdict(thing.names[code]) for code in self.orders.languages},
            }
            for thing in self._shown
        ]


def exchanges_of(home: Path, shown: int | None = None) -> Exchanges:
    """The exchanges about the world that is trained under a home."""
    world = world_of(home, shown)
    return GalleryExchanges(world) if isinstance(world, GalleryWorld) else DrawnExchanges()
