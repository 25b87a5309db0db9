"""The starter's own training: what it draws, what it says of it, and the whole chain at its smallest size."""

import json
import re
import subprocess
import sys
import time
import unicodedata
from dataclasses import astuple
from pathlib import Path
from random import Random, SystemRandom

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from engine.starter.captions import caption, detailed
from engine.starter.checkpoint import Budget, Run
from engine.starter.cli import main
from engine.starter.dataset import loss_weights, shard_shape
from engine.starter.edits import sample_edit
from engine.starter.latents import CELL, PatchBasis, halve, to_tensor
from engine.starter.lexicon import LANGUAGES, knows, words
from engine.starter.planner import as_json, question
from engine.starter.renderer import render
from engine.starter.requests import STRANGERS, Example, sample_request
from engine.starter.scene import SHAPES, Scene, sample_scene
from engine.starter.text import train_text
from engine.starter.vocabulary import PLACES, POSITIONS, SKIES, SKIES_AT, STYLES, SUBJECTS, TIMES
from engine.starter.wish import Wish, complete, spec

TINY = ["--tiny", "--seed", "1"]
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
            weights = loss_weights(drawn)
            assert weights.shape == (16, 16)
            assert weights.mean() == pytest.approx(1)
            assert weights[int((top + bottom) / 2 / CELL), int((left + right) / 2 / CELL)] == weights.max()


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


class Killed(Exception):
    """Stands for the end of the process."""


def test_a_killed_run_ends_as_one_that_was_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die_after_two_steps(run: Run, seconds: float) -> bool:
        if run.step == 2:
            run.save()
            raise Killed
        return False

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train_text(whole, Budget(4), seed=3, sentences=500)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Run, "save_every", die_after_two_steps)
        train_text(broken, Budget(4), seed=3, sentences=500)
    train_text(broken, Budget(4), seed=3, sentences=500)
    expected, found = load_file(whole / "text.safetensors"), load_file(broken / "text.safetensors")
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        assert torch.equal(tensor, found[name]), name


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole chain, a few steps of each stage."""
    home = tmp_path_factory.mktemp("train")
    assert main(["all", *TINY, "--home", str(home)]) == 0
    return home


def test_the_chain_killed_at_any_moment_and_resumed_gives_the_same_weights(trained: Path, tmp_path: Path) -> None:
    """The moment is another one in every run of the tests."""
    done = ["scenes", "text", "autoencoder", "painter", "planner"]
    moment = SystemRandom().choice(done), SystemRandom().random()
    command = [sys.executable, "-m", "engine", "train", "all", *TINY, "--home", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(tmp_path, moment[0], process)
        time.sleep(moment[1])
    finally:
        process.kill()
        process.wait()
    assert not (tmp_path / "export" / "planner").exists(), f"it was over before {moment}"
    for stage in (*done, "export"):
        assert main([stage, *TINY, "--home", str(tmp_path)]) == 0
    expected = {path.relative_to(trained): path for path in sorted((trained / "export").rglob("*.*")) if is_model(path)}
    assert sum(path.suffix == ".safetensors" for path in expected) == 4
    for relative, path in expected.items():
        assert path.read_bytes() == (tmp_path / relative).read_bytes(), (relative, moment)


def wait_for(home: Path, stage: str, process: subprocess.Popen[bytes]) -> None:
    """Return when a stage has begun to leave something behind."""
    left = {"scenes": "scenes/*.npz", "text": "painter-tokenizer"}.get(stage, f"{stage}.safetensors")
    while not list(home.glob(left)):
        assert process.poll() is None, "the training ended by itself"
        time.sleep(0.02)


def is_model(path: Path) -> bool:
    return path.suffix in (".safetensors", ".json", ".jinja") and path.name != "evaluation.json"


def test_the_chain_exports_folders_that_the_ordinary_loaders_read(trained: Path) -> None:
    from diffusers import AutoPipelineForText2Image
    from transformers import AutoModelForCausalLM, AutoTokenizer

    export = trained / "export"
    assert sum(path.stat().st_size for path in export.rglob("*") if path.suffix != ".png" and path.is_file()) < 20e6
    pipeline = AutoPipelineForText2Image.from_pretrained(export / "painter", dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    image = pipeline("a red house", num_inference_steps=2, width=320, height=192).images[0]
    assert image.size == (320, 192)
    card = json.loads((export / "painter" / "limner.json").read_text(encoding="utf-8"))
    assert card["sizes"]["wide"] == "640x384" and card["enlarge"] == 2

    tokenizer = AutoTokenizer.from_pretrained(export / "planner")
    planner = AutoModelForCausalLM.from_pretrained(export / "planner", dtype=torch.float32)
    assert planner.generation_config.eos_token_id == tokenizer.eos_token_id
    assert json.loads((export / "planner" / "limner.json").read_text(encoding="utf-8"))["words"] == words()
    assert (export / "sheet.png").stat().st_size < 600_000


def test_training_leaves_curves_and_sheets_for_tensorboard(trained: Path) -> None:
    found = {}
    for name in ("painter", "autoencoder", "planner"):
        accumulator = EventAccumulator(str(trained / "logs" / name))
        accumulator.Reload()
        tags = accumulator.Tags()
        assert "loss" in tags["scalars"]
        found[name] = tags["images"] or tags["tensors"]
    assert found["painter"] == ["painted"] and found["autoencoder"] == ["drawn, restored"]
    assert len(found["planner"]) == 6


def test_the_chat_template_makes_the_text_that_was_trained_on(trained: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(trained / "export" / "planner")
    for item in examples(20):
        messages = [{"role": "system", "content": "You write prompts.\n" * 50}]
        if item.old is not None:
            messages += [
                {"role": "user", "content": "first words"},
                {"role": "assistant", "content": as_json(item.old)},
            ]
        messages.append({"role": "user", "content": item.text})
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        assert text == question(item)
        answer = as_json(item.answer)
        assert tokenizer.decode(tokenizer(answer)["input_ids"]) == answer


def test_the_longest_caption_fits_the_text_encoder(trained: Path) -> None:
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(trained / "export" / "painter", subfolder="tokenizer")
    scenes = [
        Scene(place, time, "balloon", "orange", sky, style, "center")
        for place in PLACES
        for time in TIMES
        for style in STYLES
        for sky in SKIES
    ]
    assert (
        max(len(row) for row in tokenizer([detailed(scene, also="snowman") for scene in scenes])["input_ids"])
        <= tokenizer.model_max_length
    )


def test_the_exported_encoder_is_the_patch_basis(trained: Path) -> None:
    from diffusers import AutoencoderTiny

    autoencoder = AutoencoderTiny.from_pretrained(trained / "export" / "painter", subfolder="vae", dtype=torch.float32)
    images = to_tensor(render(Scene("lake", "dusk", "castle", sky="moon", position="left", seed=4)).pixels)[None]
    with torch.no_grad():
        latents = autoencoder.encode(images).latents
    basis = PatchBasis.load(trained / "basis.npz")
    assert latents.shape == (1, 12, 16, 16)
    assert torch.allclose(latents, basis.encode(halve(images)), atol=0.02)  # stored in half precision
