"""The layout: what stands in each cell of a gallery's picture, as the painter's latents say it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch

from engine.starter.lexicon.order import Group
from training.drawing.collage import grid_of
from training.gallery.gallery import Gallery
from training.runtime.checkpoint import Run
from training.stages.album import Album
from training.stages.gallery_autoencoder import ALBUM_STEPS, CROP, GRIDS, Lessons, cropped, drawn_scene, told
from training.stages.illustrator import PIXELS, Illustrator
from training.stages.latent_space import CHANNELS, PatchBasis, to_tensor
from training.stages.layout import BITS, MARKS, codes, one_color_each
from training.stages.worlds import GalleryWorld
from training.world.composition import Composition


@pytest.fixture(scope="module")
def world(gallery: Gallery) -> GalleryWorld:
    return GalleryWorld(gallery)


@pytest.fixture(scope="module")
def basis(world: GalleryWorld) -> PatchBasis:
    drawn = [world.render(world.sample(Random(seed)), 128, 128).pixels for seed in range(12)]
    return PatchBasis.fit([to_tensor(np.stack(drawn))])


def marks_of(world: GalleryWorld, scene: Composition, shape: tuple[int, int] = (128, 128)) -> np.ndarray:
    return world.layout.marks(scene, world.render(scene, *shape))


def test_a_layout_names_what_stands_in_the_picture_and_nothing_else(world: GalleryWorld) -> None:
    numbers = world.gallery.by_word
    groups = (Group("ball", 2), Group("kite"))
    several = Composition("city", "night", groups=groups, relation="beside", seed=3)
    marks = [marks_of(world, scene) for scene in (several, Composition("city", "night", seed=3))]
    assert list(world.layout.seen(np.stack(marks))) == [{numbers["ball"], numbers["kite"]}, set()]
    noise = np.random.default_rng(0).normal(0, 0.6, marks[0].shape)
    assert next(world.layout.seen((marks[0] + noise)[None])) == {numbers["ball"], numbers["kite"]}, "errors do no harm"


def test_a_thing_is_where_the_layout_says(world: GalleryWorld) -> None:
    left, right = (
        marks_of(world, Composition("snow", "day", groups=(Group("box"),), position=side, seed=1))[0] > 0
        for side in ("left", "right")
    )
    assert left[:, :8].sum() > left[:, 8:].sum() and right[:, 8:].sum() > right[:, :8].sum()
    far, near = (
        world.render(
            Composition("snow", "day", groups=(Group("ball"), Group("box")), relation="front", seed=1), 128, 128
        )
    ).stands
    marks = marks_of(world, Composition("snow", "day", groups=(Group("ball"), Group("box")), relation="front", seed=1))
    middle = marks[1 : 1 + BITS, near.top + near.side // 2, near.left + near.side // 2]
    assert far.group.thing == "box"
    assert np.array_equal(middle, world.layout.codes[world.gallery.by_word["ball"]]), "the nearer one hides the other"


def test_style_and_weather_are_said_in_every_cell(world: GalleryWorld) -> None:
    plain, ink, rain = (
        marks_of(world, Composition("desert", "day", sky, style, seed=2))[-9:]
        for sky, style in (("clear", "flat"), ("clear", "ink"), ("rain", "flat"))
    )
    assert not plain.any()
    assert (ink != 0).all(axis=(1, 2)).sum() == 1
    drops = rain[-3]
    assert 0.2 < drops.mean() < 0.7 and not rain[-2:, drops == 0].any()


def test_stars_stand_in_the_cells_that_the_layout_names_and_only_above(world: GalleryWorld) -> None:
    starry = world.render(Composition("desert", "night", "stars", seed=2), 256, 256)
    bare = world.render(Composition("desert", "night", "clear", seed=2), 256, 256)
    marks = world.layout.marks(Composition("desert", "night", "stars", seed=2), starry)
    told = marks[-3] > 0.5
    brighter = (starry.pixels.astype(int) - bare.pixels).clip(0).reshape(16, 16, 16, 16, 3).max(axis=(1, 3, 4)) > 60
    assert 8 < told.sum() < 60 and not told[8:].any()
    assert brighter[told].all(), "each star is seen in its cell"
    assert np.array_equal(starry.pixels[160:], bare.pixels[160:])


@pytest.mark.parametrize("sky", ["stars", "snowfall", "rain"])
def test_a_cell_with_a_star_a_flake_or_a_drop_counts_more_to_the_decoder(
    world: GalleryWorld, basis: PatchBasis, sky: str
) -> None:
    scene = Composition("meadow", "night", sky, seed=4)
    drawn = world.render(scene, 128, 128)
    more = told(torch.from_numpy(world.latents(basis, scene, drawn))[None])
    assert torch.equal(more[0, 0], torch.from_numpy(drawn.texture[..., 0] > 0.5)) and more.any()
    thing = Composition("meadow", "night", groups=(Group("ball"),), seed=4)
    there = told(torch.from_numpy(world.latents(basis, thing, world.render(thing, 128, 128)))[None])
    assert torch.equal(there[0, 0], torch.from_numpy(marks_of(world, thing)[0] > 0.5)) and there.any()


def test_codes_stay_when_things_are_added_and_are_far_apart() -> None:
    few, many = codes(40), codes(300)
    assert np.array_equal(few, many[:40])
    apart = (many[:, None] != many[None]).sum(2)[~np.eye(300, dtype=bool)]
    assert apart.min() >= 6


@pytest.mark.parametrize(("size", "grid"), [((512, 512), (16, 16)), ((144, 112), (18, 14)), ((384, 640), (12, 20))])
def test_every_shape_has_its_grid(world: GalleryWorld, size: tuple[int, int], grid: tuple[int, int]) -> None:
    assert grid_of(*size) == grid
    scene = Composition("beach", "day", groups=(Group("ball", 3),), seed=4)
    drawn = world.render(scene, *size)
    assert drawn.pixels.shape[:2] == size[::-1] and drawn.texture.shape[:2] == grid[::-1]
    for stand in drawn.stands:
        assert 0 <= stand.left <= grid[0] - stand.side and 0 <= stand.top <= grid[1] - stand.side


def test_a_picture_of_another_shape_has_none() -> None:
    with pytest.raises(ValueError, match="300x200 is none of the shapes"):
        grid_of(300, 200)


def test_the_decoder_is_trained_on_what_the_latents_say(world: GalleryWorld, basis: PatchBasis) -> None:
    whole, its = drawn_scene(world, basis, Random(1), "landscape")
    assert whole.shape[1:] == (its.shape[1] * PIXELS, its.shape[2] * PIXELS)
    image, latents = cropped(whole, its, CROP, Random(1))
    blurred = basis.decode(latents[None, :CHANNELS])
    fitting = torch.nn.functional.interpolate(image[None], size=blurred.shape[2:], mode="area")
    assert (fitting - blurred).abs().mean() < 0.2
    with torch.no_grad():
        drawn = Illustrator(world.channels).draw(latents[None])
    assert drawn.shape == image[None].shape and len(latents) == CHANNELS + MARKS


def test_a_things_cells_have_one_color_and_all_others_keep_theirs(world: GalleryWorld, basis: PatchBasis) -> None:
    scene = Composition("city", "day", groups=(Group("ball"), Group("kite")), relation="beside", seed=3)
    drawn = world.render(scene, 128, 128)
    marks, plain = world.layout.marks(scene, drawn), basis.encode(to_tensor(drawn.pixels[None]))[0].numpy()
    evened = one_color_each(plain, marks)
    there = marks[0] > 0
    assert np.array_equal(evened[:, ~there], plain[:, ~there])
    for word in ("ball", "kite"):
        code = world.layout.codes[world.gallery.by_word[word]]
        own = there & np.all(marks[1 : 1 + BITS] == code[:, None, None], axis=0)
        assert own.sum() > 10 and np.ptp(evened[:, own], axis=1).max() < 1e-5 < np.ptp(plain[:, own], axis=1).min()
    assert np.allclose(one_color_each(evened, marks), evened, atol=1e-5), "nothing is left to even out"


def test_a_page_is_a_picture_of_its_layout(world: GalleryWorld, basis: PatchBasis) -> None:
    """Where the layout says that something is, the paper is covered, at every number of pixels for a cell."""
    scene, pictures = world.page(Random(2), [8, 32])
    marks = world.layout.marks(scene, pictures[0])
    assert [picture.pixels.shape for picture in pictures] == [(128, 128, 3), (512, 512, 3)]
    assert world.latents(basis, scene, pictures[0]).shape == (CHANNELS + MARKS, 16, 16)
    for picture, cell in zip(pictures, (8, 32), strict=True):
        paper = picture.pixels[-1, -1]
        shown = (picture.pixels != paper).any(-1).reshape(16, cell, 16, cell).mean((1, 3))
        assert shown[marks[0] > 0].min() > 0
    assert len(pictures[0].stands) == (16 // pictures[0].stands[0].side) ** 2


def test_the_middles_of_the_kernels_see_what_the_decoder_sees_in_a_cell_alone(world: GalleryWorld) -> None:
    """What is learnt from single cells is what the convolutions begin with."""
    illustrator, cells = Illustrator(world.channels), torch.randn(5, world.channels)
    with torch.no_grad():
        alone = illustrator.recall_cells(cells)
        whole = illustrator.recall(cells.T.reshape(1, world.channels, 1, 5))
    assert torch.allclose(whole[0, :, 0].T, alone, atol=1e-5)
    assert alone.std() > 0.01


def test_what_is_learnt_in_parts_is_the_decoder(world: GalleryWorld) -> None:
    """What its first blocks recall, finished, is what the exported decoder draws."""
    illustrator, latents = Illustrator(world.channels), torch.randn(1, world.channels, 4, 5)
    with torch.no_grad():
        parts = illustrator.finish(illustrator.recall(latents))
        whole = illustrator.autoencoder().decode(latents).sample
        half = illustrator.draw_half(latents)
    assert parts.shape == (1, 3, 4 * PIXELS, 5 * PIXELS) and torch.allclose(parts, whole, atol=1e-5)
    doubled = torch.nn.functional.interpolate(half, scale_factor=2, mode="bilinear")
    inside = slice(2, -2)
    assert torch.allclose(whole[..., inside, inside], doubled[..., inside, inside], atol=1e-4), "what it begins with"


def test_a_picture_of_an_album_has_a_code_for_each_latent(world: GalleryWorld, basis: PatchBasis) -> None:
    album, illustrator = Album(world, basis, 3, pages=2, scenes=1), Illustrator(world.channels)
    codes = album.coded(illustrator, torch.device("cpu"))
    assert len(album) == 3 and codes.shape[::2] == (3, album.latents.shape[2])
    image, latents = album.picture(1), album.latents[1]
    cell = image[None, :, 3 * PIXELS : 4 * PIXELS, 5 * PIXELS : 6 * PIXELS]
    with torch.no_grad():
        assert torch.allclose(illustrator.code(cell)[0, :, 0, 0], codes[1, :, 3, 5], atol=1e-5)
    assert torch.equal(latents[CHANNELS] > 0.5, album.things[1, 0]) and album.things.any()


def test_training_goes_on_with_other_pictures_and_comes_back_to_none(
    world: GalleryWorld, basis: PatchBasis, tmp_path: Path
) -> None:
    drawn: list[int] = []

    def volume(number: int) -> Album:
        drawn.append(number)
        return Album(world, basis, 3, 1, 1, number)

    illustrator = Illustrator(world.channels)
    run = Run(tmp_path / "run.safetensors", illustrator, torch.optim.AdamW(illustrator.parameters()), 3, ema=0.9)
    lessons, generator = Lessons(tmp_path, world, basis, illustrator, run, volume), torch.Generator().manual_seed(1)
    for run.step in (0, ALBUM_STEPS - 1, ALBUM_STEPS, 2 * ALBUM_STEPS - 1, 2 * ALBUM_STEPS):
        assert lessons.loss(Random(1), generator, GRIDS.until - 0.01).isfinite()
    assert drawn == [0, 1, 2]
    first, again, second = (volume(number).latents for number in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, second)


def test_a_painters_noise_on_the_blur_is_as_strong_as_what_a_channel_tells(
    world: GalleryWorld, basis: PatchBasis
) -> None:
    album, generator = Album(world, basis, 3, pages=2, scenes=4), torch.Generator().manual_seed(1)
    many = album.latents[:1].expand(400, -1, -1, -1)
    noise = (album.noisy(many, 1.0, generator) - many)[:, :CHANNELS].std((0, 2, 3))
    told = album.latents[:, :CHANNELS].std((0, 2, 3))
    assert (noise / told).std() < 0.05 * (noise / told).mean()
    assert told.max() > 1.5 * told.min()
    assert torch.equal(album.noisy(many, 0.0, generator), many)
