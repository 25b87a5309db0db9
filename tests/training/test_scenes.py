"""What the starter draws, and what it says of it: scenes, captions, requests and edits."""

import re
import unicodedata
from dataclasses import astuple
from random import Random

import numpy as np
import pytest

from engine.starter.lexicon.captions import SKIES_AT
from engine.starter.lexicon.tables import LANGUAGES
from training.drawing.renderer import render
from training.stages.dataset import loss_weights, shard_shape
from training.stages.latent_space import cell, halve, to_tensor
from training.world.captions import caption, detailed
from training.world.edits import sample_edit
from training.world.lexicon import knows, words
from training.world.requests import STRANGERS, Example, sample_request
from training.world.scene import SHAPES, Scene, sample_scene
from training.world.vocabulary import PLACES, POSITIONS, SUBJECTS
from training.world.wish import Wish, complete, spec

ENGLISH, CHINESE = LANGUAGES[0], LANGUAGES[1]


def examples(count: int) -> list[Example]:
    random = Random(5)
    return [make(random) for _ in range(count) for make in (sample_request, sample_edit)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_scene_always_gives_the_same_pixels_in_every_shape(shape: str) -> None:
    width, height = SHAPES[shape]
    scene = Scene("beach", "sunset", "boat", "red", "sun", "watercolor", seed=7)
    first, again = render(scene, width, height), render(scene, width, height)
    assert first.pixels.shape == (height, width, 3)
    assert np.array_equal(first.pixels, again.pixels)


def test_the_subject_is_where_its_box_says() -> None:
    for index, place in enumerate(PLACES):
        for number, subject in enumerate(SUBJECTS):
            position = POSITIONS[(index + number) % 3]
            scene = Scene(place, "day", subject, "red", "clouds", position=position, seed=3)
            drawn = render(scene)
            bare = render(Scene(place, "day", "none", "none", "clouds", position=position, seed=3))
            assert drawn.subject_box is not None
            if subject == "boat":
                continue  # a boat brings its own water
            left, top, right, bottom = drawn.subject_box
            changed = np.abs(drawn.pixels.astype(int) - bare.pixels).max(axis=2) > 24
            rows, columns = np.nonzero(changed)
            inside = (columns >= left - 1) & (columns <= right + 1) & (rows >= top - 1) & (rows <= bottom + 2)
            assert inside.mean() > 0.98, (place, subject)
            weights = loss_weights(drawn, cell(1))
            assert weights.shape == (16, 16)
            assert weights.mean() == pytest.approx(1)
            assert weights[int((top + bottom) / 2 / cell(1)), int((left + right) / 2 / cell(1))] == weights.max()


def test_night_and_ink_are_not_dark() -> None:
    for place in PLACES:
        assert render(Scene(place, "night", sky="moon", style="ink", seed=1)).pixels.mean() > 70
        assert render(Scene(place, "night", sky="moon", seed=1)).pixels.mean() > 70
        assert render(Scene(place, "day", sky="sun", style="ink", seed=1)).pixels.mean() > 125


def test_the_sides_are_where_they_are_said_to_be() -> None:
    for subject in SUBJECTS:
        middles = []
        for position in ("left", "center", "right"):
            box = render(Scene("meadow", "day", subject, "red", "clear", position=position, seed=5)).subject_box
            assert box is not None
            middles.append((box[0] + box[2]) / 2 / 256)
        assert middles[0] < 0.4 < middles[1] < 0.62 < middles[2]


def test_every_sky_looks_unlike_the_others() -> None:
    for hour, skies in SKIES_AT.items():
        shown = {sky: render(Scene("desert", hour, sky=sky, seed=2)).pixels[:120].astype(int) for sky in skies}
        for first in shown:
            others = [np.abs(shown[first] - shown[sky]).mean() for sky in shown if sky != first]
            assert min(others) > 2, (hour, first)


def test_what_is_in_the_sky_is_bright_and_where_its_box_says() -> None:
    for sky, count in {"sun": 1, "moon": 1, "storm": 1, "clouds": 2, "stars": 0, "clear": 0}.items():
        drawn = render(Scene("desert", "dusk" if sky == "moon" else "day", sky=sky, seed=2))
        assert len(drawn.sky_boxes) == count
        for left, top, right, bottom in drawn.sky_boxes:
            assert drawn.pixels[round((top + bottom) / 2), round((left + right) / 2)].min() > 90, sky
            assert drawn.pixels[round((top + bottom) / 2), round((left + right) / 2)].max() > 240, sky


def test_a_half_size_render_is_the_picture_halved() -> None:
    scene = Scene("lake", "day", "boat", "red", "sun", position="left", seed=9)
    halved, small = halve(to_tensor(render(scene).pixels)[None])[0], to_tensor(render(scene, 128, 128).pixels)
    assert (halved - small).abs().mean() < 0.04


def test_three_shards_in_five_are_square_and_every_other_shape_comes() -> None:
    shapes = [shard_shape(index) for index in range(40)]
    assert shapes.count("square") == 24
    assert {shapes.count(shape) for shape in SHAPES if shape != "square"} == {4}


def test_the_detailed_caption_holds_every_canonical_word() -> None:
    random = Random(1)
    for _ in range(500):
        scene = sample_scene(random)
        shown = set(astuple(scene)[:-1]) - {"none"}
        assert all(word in detailed(scene) for word in shown), (detailed(scene), shown)
        assert caption(scene, random)


def test_training_never_sees_a_held_out_combination() -> None:
    random = Random(2)
    assert not any(sample_scene(random).held_out for _ in range(500))
    assert not any(complete(item.wish).held_out for item in examples(300) if item.old is None)
    assert sample_scene(random, held_out=True).held_out


def test_an_answer_says_what_was_asked_and_paints_it_literally() -> None:
    for item in examples(500):
        assert list(item.answer) == ["understood", "keywords", "prompt", "negative"]
        assert item.answer["keywords"] == item.wish.keywords
        assert all(word in item.answer["prompt"] for word in item.answer["keywords"]), item
        assert item.wish.without is None or item.answer["negative"] == item.wish.without


def test_the_sunset_beach() -> None:
    wish = Wish(place="beach", time="sunset")
    assert spec(wish, complete(wish), CHINESE)["understood"] == "日落时的海滩"
    answer = spec(wish, complete(wish), ENGLISH)
    assert answer["keywords"] == ["beach", "sunset"]
    assert "beach" in answer["prompt"] and "sunset" in answer["prompt"]


def test_the_words_cover_every_request_and_none_of_the_strangers() -> None:
    known = set(words())
    plain = {strip_accents(word) for word in known}
    longest = max(map(len, known))
    strangers = {strip_accents(stranger.lower()) for table in STRANGERS.values() for stranger in table}
    assert not plain & strangers
    for item in examples(1500):
        text = item.text.lower()
        if any(stranger in strip_accents(text) for stranger in strangers):
            continue
        if item.language in ("zh", "ja"):
            assert not unmatched(text, known, longest), item.text
        else:
            unknown = [word for word in re.findall(r"[^\W_][\w'-]*", text) if strip_accents(word) not in plain]
            assert not unknown, item.text
    for language in LANGUAGES:
        assert {part for thing in knows(language) for part in thing.lower().split()} <= known


def strip_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if unicodedata.category(letter) != "Mn")


def unmatched(text: str, known: set[str], longest: int) -> str:
    """What is left of a text when the longest known words are taken from its start, one after the other."""
    left, position = "", 0
    while position < len(text):
        sizes = range(min(longest, len(text) - position), 0, -1)
        size = next((size for size in sizes if text[position : position + size] in known), 0)
        if not size and re.match(r"\w", text[position]):
            left += text[position]
        position += size or 1
    return left


@pytest.mark.parametrize(("position", "left"), [("left", False), ("right", True), ("center", False)])
@pytest.mark.parametrize("sky", ["sun", "storm"])
def test_what_is_in_the_sky_stands_on_one_side(position: str, left: bool, sky: str) -> None:
    for seed in range(6):
        drawn = render(Scene("beach", "day", "cat", "red", sky, "flat", position, seed), 128, 128)
        box = drawn.sky_boxes[0]
        assert ((box[0] + box[2]) / 2 < 64) == left
