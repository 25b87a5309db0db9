"""The two worlds that the stages train on, behind one interface: the twelve drawn things, and a gallery's things."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

import numpy as np

from engine.starter.lexicon import order_captions
from engine.starter.lexicon.order import MOST, MOST_GROUPS, NONE, Group
from training.drawing.canvas import Box
from training.drawing.collage import Collage, Picture
from training.drawing.recolor import main_part
from training.drawing.renderer import render
from training.gallery.gallery import Gallery, Thing
from training.stages.latent_space import CHANNELS, PatchBasis, to_tensor
from training.stages.layout import MARKS, Layout, one_color_each
from training.world import captions, composition_captions
from training.world.composition import (
    RELATIONS,
    SIZES,
    SKIES,
    Composition,
    Stock,
    sample_composition,
)
from training.world.scene import SHAPES, Scene, sample_scene
from training.world.vocabulary import ATTRIBUTES, COLORS, PLACES, POSITIONS, STYLES, TIMES

SIDES: Final = (5, 12)
"""The smallest and the largest things of scenes, in cells."""

RECOLORED = 0.3
"""Of a page's things that can take a colour."""


class Drawn(Protocol):
    """What a stage needs of a render: (height, width, 3) uint8, and what counts more than the rest."""

    @property
    def pixels(self) -> np.ndarray: ...
    @property
    def subject_boxes(self) -> Sequence[Box]: ...
    @property
    def sky_boxes(self) -> Sequence[Box]: ...


class World(Protocol):
    """Scenes of one kind: how to draw one at random, as pixels and in words."""

    @property
    def vocabulary(self) -> int:
        """Tokens of the painter's tokenizer."""
        ...

    @property
    def blocks(self) -> tuple[int, ...]:
        """Channels of the painter's UNet, the finest level first."""
        ...

    @property
    def doublings(self) -> int:
        """How many times the decoder doubles what the latents describe: once to 256 pixels, twice to 512."""
        ...

    @property
    def channels(self) -> int:
        """Of a latent."""
        ...

    @property
    def attributes(self) -> Mapping[str, Sequence[str]]:
        """What the text encoder learns to name, with all values of each."""
        ...

    def sample(self, random: Random, *, held_out: bool = False) -> Any: ...
    def render(self, scene: Any, width: int, height: int) -> Drawn: ...
    def latents(self, basis: PatchBasis, scene: Any, drawn: Any) -> np.ndarray:
        """(channels, rows, columns) float32 of a render that is eight pixels wide for each latent."""
        ...

    def caption(self, scene: Any, random: Random) -> str: ...
    def detailed(self, scene: Any) -> str: ...
    def classes(self, scene: Any) -> list[int]:
        """The number of the scene's value of each attribute."""
        ...

    def dump(self, scene: Any) -> str: ...
    def parse(self, text: str) -> Any: ...


class DrawnWorld:
    """Twelve things drawn by this project's own code: a world that takes no set of drawings, and trains in hours."""

    vocabulary = 1024
    blocks = (64, 96, 128)
    doublings = 1
    channels = CHANNELS
    attributes = ATTRIBUTES

    def sample(self, random: Random, *, held_out: bool = False) -> Scene:
        return sample_scene(random, held_out=held_out)

    def render(self, scene: Scene, width: int, height: int) -> Drawn:
        return render(scene, width, height)

    def latents(self, basis: PatchBasis, scene: Scene, drawn: Drawn) -> np.ndarray:
        return _blur(basis, drawn)

    def caption(self, scene: Scene, random: Random) -> str:
        return captions.caption(scene, random)

    def detailed(self, scene: Scene) -> str:
        return captions.detailed(scene)

    def classes(self, scene: Scene) -> list[int]:
        return [values.index(getattr(scene, name)) for name, values in self.attributes.items()]

    def dump(self, scene: Scene) -> str:
        return json.dumps(asdict(scene))

    def parse(self, text: str) -> Scene:
        return Scene(**json.loads(text))


class GalleryWorld:
    """Compositions of a gallery's things; `shown` of them, the first in order, stand in scenes."""

    vocabulary = 2048
    blocks = (96, 128, 192)
    doublings = 2
    channels = CHANNELS + MARKS

    def __init__(self, gallery: Gallery, shown: int | None = None) -> None:
        things = gallery.things[:shown]
        self.gallery, self._collage = gallery, Collage(gallery)
        self.layout = Layout(gallery, self._collage)
        self.stock = Stock(
            [thing.word for thing in things],
            {thing.word: thing.stands for thing in things},
            frozenset(
                thing.word
                for thing, drawing in zip(things, gallery.drawings, strict=False)
                if _takes_color(thing, drawing)
            ),
        )

    @cached_property
    def attributes(self) -> dict[str, tuple[str, ...]]:
        slots: dict[str, tuple[str, ...]] = {}
        for slot in range(1, MOST_GROUPS + 1):
            slots[f"thing {slot}"] = (NONE, *self.gallery.words)
            slots[f"color {slot}"] = (NONE, *COLORS)
            slots[f"count {slot}"] = tuple(str(count) for count in range(MOST + 1))
        scenery = {"place": PLACES, "time": TIMES, "sky": SKIES, "style": STYLES, "size": (NONE, *SIZES)}
        return slots | scenery | {"position": (NONE, *POSITIONS), "relation": RELATIONS}

    def sample(self, random: Random, *, held_out: bool = False) -> Composition:
        return sample_composition(self.stock, random, held_out=held_out)

    def render(self, scene: Composition, width: int, height: int) -> Picture:
        return self._collage.render(scene, width, height)

    def page(
        self, random: Random, cells: list[int], paper: tuple[int, int, int] | None = None
    ) -> tuple[Composition, list[Picture]]:
        """Things at random on a sheet of paper, of any colour unless one is given, with so many pixels a cell."""
        side = random.randint(*SIDES)
        paper = paper or (random.randrange(256), random.randrange(256), random.randrange(256))
        groups = [Group(word, 1, self._random_color(word, random)) for word in random.choices(self.stock.things, k=9)]
        scene = Composition(random.choice(PLACES), random.choice(TIMES), groups=tuple(groups), sky="clear")
        return scene, [self._collage.page(scene, side, paper, cell) for cell in cells]

    def _random_color(self, word: str, random: Random) -> str:
        recolored = word in self.stock.recolors and random.random() < RECOLORED
        return random.choice(list(COLORS)) if recolored else NONE

    def latents(self, basis: PatchBasis, scene: Composition, drawn: Picture) -> np.ndarray:
        marks = self.layout.marks(scene, drawn)
        return np.concatenate([one_color_each(_blur(basis, drawn), marks), marks])

    def caption(self, scene: Composition, random: Random) -> str:
        return composition_captions.caption(scene, random)

    def detailed(self, scene: Composition) -> str:
        return order_captions.detailed(scene)

    def classes(self, scene: Composition) -> list[int]:
        values: dict[str, str] = {"size": scene.groups[0].size if scene.groups else NONE}
        for slot in range(MOST_GROUPS):
            group = scene.groups[slot] if slot < len(scene.groups) else Group(NONE, 0)
            values |= {f"thing {slot + 1}": group.thing, f"color {slot + 1}": group.color}
            values[f"count {slot + 1}"] = str(group.count)
        for name in ("place", "time", "sky", "style", "position", "relation"):
            values[name] = getattr(scene, name)
        return [self._numbers[name][values[name]] for name in self.attributes]

    @cached_property
    def _numbers(self) -> dict[str, dict[str, int]]:
        return {name: {value: index for index, value in enumerate(all_)} for name, all_ in self.attributes.items()}

    def dump(self, scene: Composition) -> str:
        return json.dumps(asdict(scene))

    def parse(self, text: str) -> Composition:
        read = json.loads(text)
        groups = tuple(Group(**group) for group in read.pop("groups"))
        return Composition(**read, groups=groups)


def _blur(basis: PatchBasis, drawn: Drawn) -> np.ndarray:
    """(12, rows, columns): the picture as the patch basis has it."""
    latents: np.ndarray = basis.encode(to_tensor(drawn.pixels[None]))[0].numpy()
    return latents


def _takes_color(thing: Thing, drawing: np.ndarray) -> bool:
    """Whether a scene may recolour the thing; a caption that names a colour that is not there would teach a lie."""
    return thing.recolors and (thing.whole or main_part(drawing) is not None)


DRAWN: Final = DrawnWorld()


def full_size(world: World, shape: str) -> tuple[int, int]:
    """Width and height of a finished picture of a shape, in pixels."""
    width, height = SHAPES[shape]
    return width * 2 ** (world.doublings - 1), height * 2 ** (world.doublings - 1)


def world_of(home: Path, shown: int | None = None) -> World:
    """The world that is trained under a home: of its gallery where `limner train data` has made one."""
    if (home / "things" / "things.json").exists():
        return GalleryWorld(Gallery.load(home / "things"), shown)
    return DRAWN
