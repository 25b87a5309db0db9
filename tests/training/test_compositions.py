"""Scenes of a gallery's things: several in one picture, counted, coloured, in order, in any weather."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch

from engine.starter.lexicon.order import MOST, Group
from engine.starter.lexicon.order_captions import detailed, phrase
from tests.training.conftest import draw_own
from training.drawing.collage import BACKDROP_SKY, Collage, Picture, Shown
from training.evaluation.compositions import accepted, by_thing, shares
from training.evaluation.detector import IGNORED, Detector, Found, Seen, _cells, _error, _lesson, look, outcome
from training.gallery.gallery import Gallery
from training.gallery.own import prepare_own
from training.stages.dataset import loss_weights, write_shards
from training.stages.worlds import GalleryWorld
from training.world.composition import SKIES, WEATHER, Composition
from training.world.composition_captions import caption


@pytest.fixture(scope="module")
def world(gallery: Gallery) -> GalleryWorld:
    return GalleryWorld(gallery)


def test_the_same_composition_is_the_same_picture_and_another_seed_another(gallery: Gallery) -> None:
    scene = Composition("beach", "sunset", "rain", groups=(Group("ball", 2, "blue"),), seed=4)
    first, again = Collage(gallery).render(scene, 128, 128), Collage(gallery).render(scene, 128, 128)
    other = Collage(gallery).render(Composition("beach", "sunset", "rain", groups=scene.groups, seed=5), 128, 128)
    assert np.array_equal(first.pixels, again.pixels)
    assert [item.box for item in first.shown] != [item.box for item in other.shown]


def test_every_thing_is_drawn_where_its_box_says_and_counts_in_the_loss(gallery: Gallery) -> None:
    bare = Collage(gallery).render(Composition("desert", "day", seed=3), 128, 128)
    for count in range(1, MOST + 1):
        drawn = Collage(gallery).render(Composition("desert", "day", groups=(Group("box", count),), seed=3), 128, 128)
        assert len(drawn.shown) == count
        weights = loss_weights(drawn, 8)
        for item in drawn.shown:
            left, top, right, low = (round(edge) for edge in item.box)
            assert left >= -4 and top >= 0 and right <= 132 and low <= 128
            middle = (top + low) // 2, (left + right) // 2
            assert np.abs(drawn.pixels[middle].astype(int) - bare.pixels[middle]).max() > 24
            assert weights[middle[0] // 8, middle[1] // 8] > 1.5 * weights.min()


def test_groups_stand_from_left_to_right_as_they_are_named(gallery: Gallery) -> None:
    groups = (Group("flag"), Group("ball"), Group("kite"))
    for seed in range(5):
        shown = Collage(gallery).render(Composition("meadow", "day", groups=groups, relation="beside", seed=seed)).shown
        ordered = sorted(shown, key=lambda item: item.box[0] + item.box[2])
        assert [item.thing for item in ordered] == ["flag", "ball", "kite"]


def test_what_is_in_front_is_lower_smaller_and_over_the_other(gallery: Gallery) -> None:
    scene = Composition("meadow", "day", groups=(Group("ball"), Group("box")), relation="front", seed=2)
    behind, front = Collage(gallery).render(scene).shown
    assert (behind.thing, front.thing) == ("box", "ball")
    assert front.box[3] > behind.box[3]
    assert front.box[3] - front.box[1] < behind.box[3] - behind.box[1]
    assert front.box[0] < behind.box[2] and behind.box[0] < front.box[2]


def test_sizes_and_sides(gallery: Gallery) -> None:
    def box(**named: str) -> tuple[float, float, float, float]:
        size = named.pop("size", "none")
        scene = Composition("snow", "day", groups=(Group("ball", size=size),), seed=8, **named)
        return Collage(gallery).render(scene).shown[0].box

    def height(size: str) -> float:
        _, top, _, low = box(size=size)
        return low - top

    assert height("small") < 0.7 * height("none") < 0.7 * height("big")
    left, right = box(position="left"), box(position="right")
    assert left[2] < 170 and right[0] > 86


def test_air_is_above_ground(gallery: Gallery) -> None:
    def low(word: str) -> float:
        return Collage(gallery).render(Composition("city", "day", groups=(Group(word),), seed=1)).shown[0].box[3]

    assert low("kite") < low("ball") - 30


def test_things_of_the_water_float_wherever_they_are_and_only_among_themselves(gallery: Gallery) -> None:
    def ground(*things: str) -> np.ndarray:
        groups = tuple(Group(thing) for thing in things)
        scene = Composition("desert", "day", groups=groups, relation="beside", seed=1)
        strip: np.ndarray = Collage(gallery).render(scene).pixels[242:252].astype(int).mean(axis=(0, 1))
        return strip

    def is_blue(color: np.ndarray) -> bool:
        return bool(color[2] > color[1] + 15)

    assert is_blue(ground("boat")) and is_blue(ground("boat", "boat"))
    assert not is_blue(ground("ball")) and not is_blue(ground("boat", "ball"))


def test_the_detector_learns_from_a_pool_that_is_the_same_in_every_run(world: GalleryWorld) -> None:
    first, again, other = (_lesson(world, 4, index) for index in (7, 7, 8))
    assert np.array_equal(first.pixels, again.pixels) and not np.array_equal(first.pixels, other.pixels)
    assert all(torch.equal(one, same) for one, same in zip(first.cells, again.cells, strict=True))


def test_a_colour_in_doubt_teaches_the_detector_nothing() -> None:
    shown = [Shown("ball", None, (0, 0, 32, 32)), Shown("box", "red", (64, 64, 96, 96))]
    picture = Picture(np.zeros((128, 128, 3), np.uint8), shown, [], [], np.zeros((16, 16, 3)))
    middles, things, colors = _cells(picture, {"ball": 0, "box": 1})
    assert middles.sum() == 2 and things[2, 2] == 0 and things[10, 10] == 1
    assert colors[2, 2] == IGNORED and colors[10, 10] != IGNORED
    logits = torch.randn(1, 9, 16, 16, requires_grad=True)
    in_doubt = colors.clone()
    in_doubt[9:12, 9:12] = IGNORED
    assert _error(logits, in_doubt[None]) == 0
    assert _error(logits, colors[None]) > 0


@pytest.mark.parametrize("sky", WEATHER)
def test_weather_shows_and_only_when_it_is_asked_for(gallery: Gallery, sky: str) -> None:
    def pixels(sky: str) -> np.ndarray:
        return Collage(gallery).render(Composition("desert", "day", sky, seed=6)).pixels.astype(int)

    plain = pixels(BACKDROP_SKY[sky])
    assert np.abs(pixels(sky) - plain).mean() > 2
    others = [np.abs(pixels(sky) - pixels(other)).mean() for other in SKIES if other not in (sky, "moon", "stars")]
    assert min(others) > 2


def test_sun_and_moon_are_not_in_every_picture(world: GalleryWorld) -> None:
    random = Random(1)
    skies = Counter(world.sample(random).sky for _ in range(1500))
    assert set(skies) == set(SKIES)
    assert skies["clear"] + skies["clouds"] > 600
    assert skies["sun"] + skies["moon"] < 300


def test_compositions_hold_one_to_three_things_counted_to_four(world: GalleryWorld) -> None:
    random = Random(2)
    scenes = [world.sample(random) for _ in range(1500)]
    groups = Counter(len(scene.groups) for scene in scenes)
    assert min(groups[number] for number in range(4)) > 30
    assert {group.count for scene in scenes for group in scene.groups} == {1, 2, 3, 4}
    assert max(sum(group.count for group in scene.groups) for scene in scenes) <= MOST
    assert {"front", "beside"} < {scene.relation for scene in scenes}
    assert {sum(group.count for group in scene.groups) for scene in scenes if len(scene.groups) == 3} == {3, 4}


def test_training_never_sees_a_held_out_composition(world: GalleryWorld) -> None:
    random = Random(3)
    assert not any(world.sample(random).held_out for _ in range(500))
    held = [world.sample(random, held_out=True) for _ in range(40)]
    assert all(scene.held_out for scene in held)
    assert len({scene.place for scene in held}) > 1
    pairs = [(Group(one), Group(other)) for one in "abcdefgh" for other in "stuvwxyz"]
    kept = [pair for pair in pairs if Composition("beach", "day", groups=pair).held_out]
    assert 0 < len(kept) < len(pairs) / 4
    assert all(Composition("city", "night", groups=pair[::-1]).held_out for pair in kept)


def test_a_single_thing_makes_a_world_too(gallery: Gallery) -> None:
    alone = GalleryWorld(gallery, 1)
    random = Random(3)
    scenes = [alone.sample(random) for _ in range(100)]
    assert {group.thing for scene in scenes for group in scene.groups} == {"ball"}


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (Group("car"), "a car"), (Group("owl"), "an owl"), (Group("unicorn"), "a unicorn"), (Group("ufo"), "a ufo"),
        (Group("fox", 2), "two foxes"), (Group("mouse", 3, "blue"), "three blue mice"), (Group("bread"), "bread"),
        (Group("car", 1, "orange", "big"), "a big orange car"), (Group("fries"), "fries"),
    ],
)  # fmt: skip
def test_a_group_in_words(group: Group, said: str) -> None:
    assert phrase(group) == said


def test_captions_name_every_thing_and_never_what_is_not_there(world: GalleryWorld) -> None:
    random = Random(4)
    for _ in range(800):
        scene = world.sample(random)
        texts = [detailed(scene), caption(scene, random)]
        for group in scene.groups:
            assert all(group.thing[:3] in text for text in texts), (scene, texts)
            assert group.color == "none" or all(group.color in text for text in texts), (scene, texts)
        absent = set(world.gallery.words) - {group.thing for group in scene.groups}
        assert not any(f" {word} " in f" {text} " for word in absent - {"boat"} for text in texts), (scene, texts)


def test_a_scene_on_disk_is_the_scene(world: GalleryWorld) -> None:
    random = Random(5)
    for _ in range(50):
        scene = world.sample(random)
        assert world.parse(world.dump(scene)) == scene
        classes = world.classes(scene)
        named = {name: values[index] for (name, values), index in zip(world.attributes.items(), classes, strict=True)}
        assert named["place"] == scene.place and named["relation"] == scene.relation
        assert [named[f"thing {slot + 1}"] for slot in range(len(scene.groups))] == [g.thing for g in scene.groups]


def seen(*things: tuple[str, str, int], **scenery: str) -> Seen:
    plain = {"place": "beach", "time": "day", "sky": "clear", "style": "flat"} | scenery
    return Seen(tuple(Found(thing, color, x, 9, 0.9) for thing, color, x in things), plain)


TWO = Composition("beach", "day", groups=(Group("ball", 2, "red"), Group("box")), relation="beside")


def test_scenes_drawn_by_two_processes_are_those_of_one(tmp_path: Path) -> None:
    for home, processes in ((tmp_path / "one", 1), (tmp_path / "two", 2)):
        prepare_own(home, *draw_own(home))
        write_shards(home, 2, 1, 3, 2, processes)
    one, two = (sorted((tmp_path / name / "scenes").glob("*.npz")) for name in ("one", "two"))
    assert len(one) == len(two) == 2
    for first, second in zip(one, two, strict=True):
        with np.load(first) as mine, np.load(second) as other:
            assert all(np.array_equal(mine[key], other[key]) for key in mine)


def test_an_outcome_counts_what_a_scene_asks_for() -> None:
    right = outcome(seen(("ball", "red", 2), ("ball", "red", 6), ("box", "none", 12)), TWO)
    assert all(right.values()) and {"two things", "count", "color", "order", "nothing else"} < right.keys()
    assert "position" not in right and "thing" not in right

    def wrong(*things: tuple[str, str, int], **scenery: str) -> set[str]:
        return {name for name, good in outcome(seen(*things, **scenery), TWO).items() if not good}

    assert wrong(("ball", "red", 2), ("box", "none", 12)) == {"count"}
    assert wrong(("ball", "red", 2), ("ball", "blue", 6), ("box", "none", 12)) == {"color"}
    assert wrong(("box", "none", 2), ("ball", "red", 6), ("ball", "red", 12)) == {"order"}
    assert wrong(("ball", "red", 2), ("ball", "red", 6)) == {"two things", "count", "order"}
    assert wrong(("ball", "red", 2), ("ball", "red", 6), ("box", "none", 9), ("kite", "none", 12)) == {"nothing else"}
    assert wrong(("ball", "red", 2), ("ball", "red", 6), ("box", "none", 12), place="lake") == {"place"}


def test_a_plain_sky_that_no_caption_names_is_right_as_any_plain_one() -> None:
    plain, starry = Composition("beach", "night", "clouds"), Composition("beach", "night", "stars")
    assert (
        outcome(seen(time="night", sky="clear"), plain)["sky"]
        and outcome(seen(time="night", sky="clouds"), plain)["sky"]
    )
    assert not outcome(seen(time="night", sky="stars"), plain)["sky"]
    assert not outcome(seen(time="night", sky="clear"), starry)["sky"]


def test_a_thing_that_is_seen_too_seldom_does_not_ship() -> None:
    one = Composition("beach", "day", groups=(Group("ball"),))
    looks = [seen(("ball", "none", 8))] * 9 + [seen()]
    report = {"by thing": by_thing(looks, [one] * 10)}
    assert accepted(report) == ["ball"]
    assert accepted({"by thing": by_thing([*looks, seen()], [one] * 11)}) == []
    assert shares(looks, [one] * 10)["thing"]["share"] == 0.9


def test_the_detector_says_where_each_thing_is(gallery: Gallery) -> None:
    torch.manual_seed(0)
    detector = Detector(gallery.words).eval()
    with torch.no_grad():
        detector.middle.weight.zero_()
        assert detector.middle.bias is not None
        detector.middle.bias.fill_(-9.0)
    (nothing,) = look(detector, torch.zeros(1, 3, 128, 128))
    assert nothing.things == ()
    assert set(nothing.scenery) == {"place", "time", "sky", "style"}
