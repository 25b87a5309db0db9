"""The whole chain at its smallest size on a gallery that the tests draw: every stage, killed and resumed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import SystemRandom

import pytest
import torch
from diffusers import AutoencoderTiny, AutoPipelineForText2Image
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.nn.functional import avg_pool2d
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.starter.lexicon.order import Group
from engine.starter.lexicon.things import read_things
from tests.training.conftest import SHAPES, draw_own
from tests.training.test_chain import TINY, Killed, is_model, wait_for
from training.__main__ import main
from training.gallery.own import prepare_own
from training.runtime.checkpoint import Run
from training.stages.gallery_autoencoder import load_illustrator
from training.stages.latent_space import to_tensor
from training.stages.one_step import generate, load_one_step
from training.stages.text_encoder import token_ids
from training.stages.worlds import GalleryWorld, full_size, world_of
from training.world.composition import Composition

STAGES = ("scenes", "text", "autoencoder", "painter", "one-step", "draft", "planner", "replies")


def home_with_gallery(folder: Path) -> Path:
    prepare_own(folder, *draw_own(folder))
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = home_with_gallery(tmp_path_factory.mktemp("train"))
    assert main(["all", *TINY, "--home", str(home)]) == 0
    return home


def test_the_chain_measures_what_was_trained_on(trained: Path) -> None:
    evaluation = json.loads((trained / "export" / "evaluation.json").read_text(encoding="utf-8"))
    for name in ("painter", "one-step"):
        figures = evaluation[name]
        assert set(figures["by thing"]) <= set(SHAPES)
        assert figures["painted"]["place"]["of"] == figures["detector on renders"]["place"]["of"] == 2
    assert "autoencoder, decibels" in evaluation["painter"] and "autoencoder, decibels" not in evaluation["one-step"]
    assert (trained / "export" / "sheet.png").exists()


def test_the_chain_exports_folders_that_the_ordinary_loaders_read(trained: Path) -> None:
    export = trained / "export"
    pipeline = AutoPipelineForText2Image.from_pretrained(export / "painter", dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    image = pipeline("a red ball", num_inference_steps=2, width=320, height=192).images[0]
    assert image.size == (320, 192)
    tokenizer = AutoTokenizer.from_pretrained(export / "planner")
    planner = AutoModelForCausalLM.from_pretrained(export / "planner", dtype=torch.float32)
    assert planner.generation_config.eos_token_id == tokenizer.eos_token_id
    assert {thing.word for thing in read_things(export / "planner")} == set(SHAPES)


def test_one_step_of_the_exported_generator_is_the_picture(trained: Path) -> None:
    """What an ordinary pipeline paints in one step is what the trained generator makes of its noise, drawn."""
    folder, world = trained / "export" / "one-step", world_of(trained)
    assert isinstance(world, GalleryWorld)
    pipeline = AutoPipelineForText2Image.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    noise = torch.randn(1, world.channels, 12, 20, generator=torch.Generator().manual_seed(3))
    settings = {"num_inference_steps": 1, "guidance_scale": 1.0, "width": 160, "height": 96}
    painted = pipeline("a red ball", latents=noise, output_type="pt", **settings).images

    tokenizer, one = load_one_step(trained, world, seed=1)
    stored = {name: weight.half().float() for name, weight in one.generator.state_dict().items()}
    one.generator.load_state_dict(stored)
    with torch.no_grad():
        captions = pipeline.text_encoder(token_ids(tokenizer, ["a red ball"])).last_hidden_state
        made = one.make(noise, captions)
        drawn = pipeline.vae.decode(made).sample
    assert torch.equal(pipeline("a red ball", latents=noise, output_type="latent", **settings).images, made)
    assert torch.allclose(painted * 2 - 1, drawn.clamp(-1, 1), atol=1e-5)
    assert painted.shape == (1, 3, 96, 160)
    card = json.loads((folder / "limner.json").read_text(encoding="utf-8"))
    assert (card["sizes"]["square"], card["enlarge"], card["lacks"]) == ("512x512", 4, ["start"])
    assert json.loads((folder.parent / "painter" / "limner.json").read_text(encoding="utf-8"))["draft"] == "../one-step"
    assert sum(path.stat().st_size for path in folder.rglob("*.safetensors")) < 14e6


def test_the_small_decoder_draws_what_the_large_one_draws(trained: Path) -> None:
    world = world_of(trained)
    assert isinstance(world, GalleryWorld)
    tokenizer, one = load_one_step(trained, world, seed=1)
    vae = AutoencoderTiny.from_pretrained(trained / "export" / "one-step", subfolder="vae", dtype=torch.float32)
    made, illustrator = generate(one, tokenizer, ["a red ball"], seed=7), load_illustrator(trained, world, seed=1)
    with torch.no_grad():
        wanted = avg_pool2d(illustrator.draw(made), 4)
        small, nothing = ((drawn - wanted).abs().mean() for drawn in (vae.decode(made).sample, wanted.mean()))
    assert small < 0.02 and small < nothing / 4


def test_one_step_killed_halfway_ends_as_if_it_had_not_been(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die_after_three_steps(run: Run, seconds: float) -> bool:
        run.save()
        if run.step == 3:
            raise Killed
        return True

    for path in trained.iterdir():
        if path.name not in ("one-step.safetensors", "logs"):
            (tmp_path / path.name).symlink_to(path)
    command = ["one-step", *TINY, "--home", str(tmp_path)]
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Run, "save_every", die_after_three_steps)
        main(command)
    assert main(command) == 0
    expected, found = (load_file(home / "one-step.safetensors") for home in (trained, tmp_path))
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        assert torch.equal(tensor, found[name]), name


def test_training_leaves_curves_and_sheets_for_tensorboard(trained: Path) -> None:
    sheets = {}
    for name in ("painter", "autoencoder", "one-step", "planner"):
        accumulator = EventAccumulator(str(trained / "logs" / name))
        accumulator.Reload()
        tags = accumulator.Tags()
        assert "loss" in tags["scalars"]
        sheets[name] = tags["images"] or tags["tensors"]
    assert sheets["painter"] == ["painted"] and sheets["autoencoder"] == ["drawn, restored"]
    assert sheets["planner"] and sheets["one-step"] == ["made"]


def test_a_latent_stands_for_32_pixels(trained: Path) -> None:
    """The decoder's picture is 512 pixels wide, and the encoder reads latents of the same kind in one."""
    autoencoder = AutoencoderTiny.from_pretrained(trained / "export" / "painter", subfolder="vae", dtype=torch.float32)
    world = world_of(trained)
    scene = Composition("lake", "dusk", groups=(Group("ball"),), seed=4)
    images = to_tensor(world.render(scene, *full_size(world, "square")).pixels)[None]
    with torch.no_grad():
        latents = autoencoder.encode(images).latents
        restored = autoencoder.decode(latents).sample
    assert latents.shape == (1, world.channels, 16, 16) and restored.shape == images.shape == (1, 3, 512, 512)
    card = json.loads((trained / "export" / "painter" / "limner.json").read_text(encoding="utf-8"))
    assert (card["sizes"]["square"], card["enlarge"], card["one_size"]) == ("512x512", 1, True)


def test_the_planner_is_of_the_gallery_too(trained: Path) -> None:
    planner = trained / "export" / "planner"
    card = json.loads((planner / "limner.json").read_text(encoding="utf-8"))
    assert set(card["knows"]) == {"en", "de"}, "the languages that have a name for each thing"
    assert "ballchen" in card["knows"]["de"] and "kite" in card["words"] and "castle" not in card["words"]
    figures = json.loads((trained / "export" / "evaluation.json").read_text(encoding="utf-8"))["planner"]
    assert set(figures) == {
        f"{kind}, {languages}"
        for kind in ("requests", "requests with something unknown", "changes", "undo and chat")
        for languages in ("en", "the others")
    }


def test_adherence_is_measured_on_the_way(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["adherence", *TINY, "--home", str(trained)]) == 0
    lines = [json.loads(line) for line in (trained / "adherence.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [4, 4]
    assert 0 <= lines[0]["nothing else"] <= 1
    assert "'step': 4" in capsys.readouterr().out


def test_a_home_without_a_gallery_has_no_adherence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adherence", *TINY, "--home", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"limner train: {tmp_path} has no gallery: run `limner train data` first\n"


@pytest.mark.full  # above, the same chain without the kill; a killed stage alone: test_chain
def test_the_chain_killed_at_any_moment_and_resumed_gives_the_same_weights(trained: Path, tmp_path: Path) -> None:
    """The moment is another one in every run of the tests."""
    home_with_gallery(tmp_path)
    stage = SystemRandom().choice(STAGES)
    command = [sys.executable, "-m", "training", "all", *TINY, "--home", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(tmp_path, stage, process)
    finally:
        process.kill()
        process.wait()
    for name in (*STAGES, "export"):
        assert main([name, *TINY, "--home", str(tmp_path)]) == 0
    expected = {path.relative_to(trained): path for path in sorted((trained / "export").rglob("*.*")) if is_model(path)}
    assert sum(path.suffix == ".safetensors" for path in expected) == 9
    for relative, path in expected.items():
        assert path.read_bytes() == (tmp_path / relative).read_bytes(), (relative, stage)
