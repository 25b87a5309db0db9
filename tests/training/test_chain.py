"""The starter's own training: the whole chain at its smallest size, and runs that are killed."""

import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random, SystemRandom

import pytest
import torch
from safetensors.torch import load_file

from training.__main__ import main
from training.drawing.renderer import render
from training.runtime.checkpoint import Budget, Run
from training.stages.latent_space import PatchBasis, halve, to_tensor
from training.stages.planner_network import as_json, new_tokenizer, question
from training.stages.text_encoder import train_text
from training.world.captions import detailed
from training.world.edits import sample_edit
from training.world.lexicon import words
from training.world.requests import sample_request
from training.world.scene import Scene
from training.world.vocabulary import PLACES, SKIES, STYLES, TIMES

TINY = ["--tiny", "--seed", "1"]
FULL = pytest.mark.full
"""For what needs the whole chain on the drawn world: test_gallery_chain runs the same stages on a gallery."""


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


@FULL  # above, one stage is killed and resumed
def test_the_chain_killed_at_any_moment_and_resumed_gives_the_same_weights(trained: Path, tmp_path: Path) -> None:
    """The moment is another one in every run of the tests."""
    done = ["scenes", "text", "autoencoder", "painter", "planner", "replies"]
    moment = SystemRandom().choice(done), SystemRandom().random()
    command = [sys.executable, "-m", "training", "all", *TINY, "--home", str(tmp_path)]
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
    assert sum(path.suffix == ".safetensors" for path in expected) == 6
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


@FULL
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
    assert card["sizes"]["wide"] == "640x384" and card["enlarge"] == 2 and card["one_size"]

    tokenizer = AutoTokenizer.from_pretrained(export / "planner")
    planner = AutoModelForCausalLM.from_pretrained(export / "planner", dtype=torch.float32)
    assert planner.generation_config.eos_token_id == tokenizer.eos_token_id
    assert json.loads((export / "planner" / "limner.json").read_text(encoding="utf-8"))["words"] == words()
    assert (export / "sheet.png").stat().st_size < 600_000


def test_the_chat_template_makes_the_text_that_was_trained_on() -> None:
    random = Random(5)
    items = [make(random) for _ in range(20) for make in (sample_request, sample_edit)]
    tokenizer = new_tokenizer(items, 600)
    for item in items:
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


@FULL
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


@FULL
def test_the_exported_encoder_is_the_patch_basis(trained: Path) -> None:
    from diffusers import AutoencoderTiny

    autoencoder = AutoencoderTiny.from_pretrained(trained / "export" / "painter", subfolder="vae", dtype=torch.float32)
    images = to_tensor(render(Scene("lake", "dusk", "castle", sky="moon", position="left", seed=4)).pixels)[None]
    with torch.no_grad():
        latents = autoencoder.encode(images).latents
    basis = PatchBasis.load(trained / "basis.npz")
    assert latents.shape == (1, 12, 16, 16)
    assert torch.allclose(latents, basis.encode(halve(images)), atol=0.02)  # stored in half precision
