"""Drawings in other colours, and the colour that a drawing has of itself."""

from __future__ import annotations

import numpy as np
import pytest

from engine.starter.lexicon.order import Group
from training.drawing.collage import Collage
from training.drawing.recolor import own_color, recolor
from training.gallery.gallery import Gallery, Thing
from training.stages.worlds import GalleryWorld
from training.world.composition import Composition
from training.world.vocabulary import COLORS


def test_a_recoloured_thing_has_the_colour_and_keeps_its_shade(gallery: Gallery) -> None:
    drawing = gallery.drawings[gallery.by_word["ball"]]
    for name, color in COLORS.items():
        painted = recolor(drawing, color)
        assert painted is not None
        inside = painted[..., 3] > 200
        assert np.abs(painted[inside][:, :3].mean(axis=0) - np.array(color)).max() < 30, name
        assert np.array_equal(painted[..., 3], drawing[..., 3])


def test_a_drawing_without_a_main_colour_is_left_as_it_is() -> None:
    assert recolor(patchwork(), COLORS["red"]) is None


def test_a_white_or_grey_drawing_takes_a_colour_too() -> None:
    for grey in (250, 128):
        painted = recolor(plain((grey, grey, grey)), COLORS["red"])
        assert painted is not None and np.abs(painted[80, 80, :3].astype(int) - COLORS["red"]).max() < 30


def test_what_is_lighter_or_darker_in_a_drawing_stays_so_in_every_colour() -> None:
    drawing = plain((240, 160, 60))
    drawing[20:60, 20:60, :3] = (250, 220, 170)
    drawing[90:130, 90:130, :3] = (200, 110, 40)
    for name, color in COLORS.items():
        painted = recolor(drawing, color)
        assert painted is not None
        lights = [painted[at, at, :3].astype(int).sum() for at in (110, 5, 40)]
        assert lights[0] < lights[1] - 15 and lights[1] <= lights[2], name
        assert name == "white" or lights[1] < lights[2] - 15, name


def test_lines_can_be_seen_on_black() -> None:
    drawing = plain((240, 160, 60))
    drawing[40:50, 40:60, :3] = 20
    painted = recolor(drawing, COLORS["black"])
    assert painted is not None and painted[45, 50, :3].min() > painted[5, 5, :3].max() + 100


def test_a_thing_that_is_recoloured_whole_has_no_other_colour_left() -> None:
    assert recolor(patchwork(), COLORS["blue"], whole=True) is not None
    gallery = Gallery((Thing("kite", "air", recolors=True, whole=True),), np.stack([patchwork()]))
    shown = Collage(gallery).render(Composition("snow", "day", groups=(Group("kite", 1, "blue"),), seed=1)).shown
    assert GalleryWorld(gallery).stock.recolors == {"kite"} and shown[0].color == "blue"


def patchwork() -> np.ndarray:
    """A drawing of five hues, none of which is its main one."""
    drawing = plain((255, 255, 255))
    colors = ((220, 40, 40), (220, 220, 40), (40, 200, 60), (40, 60, 220), (200, 40, 200))
    for at, color in enumerate(colors):
        drawing[:, at * 32 : (at + 1) * 32, :3] = color
    return drawing


def plain(color: tuple[int, int, int]) -> np.ndarray:
    drawing = np.full((160, 160, 4), 255, dtype=np.uint8)
    drawing[..., :3] = color
    return drawing


@pytest.mark.parametrize(
    ("color", "own"),
    [((222, 54, 50), "red"), ((60, 110, 215), "blue"), ((120, 10, 130), "none"), ((128, 128, 128), "none"),
     ((215, 100, 45), None)],
)  # fmt: skip
def test_a_drawing_has_a_colour_of_its_own_or_none_or_it_is_in_doubt(
    color: tuple[int, int, int], own: str | None
) -> None:
    assert own_color(plain(color)) == own


def test_a_colour_that_a_drawing_cannot_take_is_neither_asked_for_nor_said_to_be_shown() -> None:
    things = (Thing("car", "ground", recolors=True), Thing("stone", "ground", recolors=True))
    gallery = Gallery(things, np.stack([plain((222, 54, 50)), patchwork()]))
    assert GalleryWorld(gallery).stock.recolors == {"car"}
    groups = (Group("car", 1, "blue"), Group("car"), Group("stone", 1, "blue"))
    shown = Collage(gallery).render(Composition("snow", "day", groups=groups, relation="beside", seed=1)).shown
    assert sorted((item.thing, item.color) for item in shown) == [("car", "blue"), ("car", "red"), ("stone", "none")]
