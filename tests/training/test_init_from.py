"""`--init-from`: a home that has lost its checkpoints goes on from the weights that were exported."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tests.training.conftest import draw_own
from tests.training.test_chain import TINY, Killed, is_model
from tests.training.test_gallery_chain import home_with_gallery
from training import __main__ as command
from training.__main__ import main
from training.gallery.own import prepare_own
from training.runtime.checkpoint import Budget, Run, saved_step, write_first
from training.stages.autoencoder import Restorer
from training.stages.dataset import write_basis
from training.stages.exchanges import exchanges_of
from training.stages.gallery_autoencoder import load_illustrator
from training.stages.illustrator import Illustrator
from training.stages.initial_weights import Start, start_from
from training.stages.latent_space import PatchBasis
from training.stages.painter import load_painter, train_painter
from training.stages.painter_network import Painter
from training.stages.planner import load_planner, train_planner, write_planner_tokenizer
from training.stages.planner_network import new_planner
from training.stages.text_encoder import write_tokenizer
from training.stages.worlds import DRAWN, GalleryWorld, world_of

SEED, SENTENCES = 1, 800


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose painter and planner have learnt a little, and what it exports."""
    home = home_with_gallery(tmp_path_factory.mktemp("trained"))
    assert main(["scenes", *TINY, "--home", str(home)]) == 0
    write_tokenizer(home, SEED, SENTENCES)
    train_painter(home, Budget(25), SEED, batch=8, shown_pictures=1)
    train_planner(home, Budget(40), SEED, SENTENCES, shown_answers=0)
    write_first(home / "autoencoder.safetensors", Illustrator(world_of(home).channels))
    for stage in ("replies", "export"):
        assert main([stage, *TINY, "--home", str(home)]) == 0
    return home


def bare_home(trained: Path, folder: Path) -> Path:
    """A home with the same things and scenes, and nothing that was learnt."""
    folder.mkdir(parents=True)
    for name in ("things", "scenes"):
        (folder / name).symlink_to(trained / name)
    return folder


def begin(stage: str, home: Path, export: Path, *more: str) -> int:
    return main([stage, *TINY, "--home", str(home), "--init-from", str(export), *more])


@pytest.fixture
def started(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which every stage has its first checkpoint, and no step was taken."""
    home = bare_home(trained, tmp_path / "started")
    monkeypatch.setattr(command, "_stages", lambda _: dict.fromkeys(command.STAGES[:-1], lambda: None))
    assert begin("all", home, trained / "export") == 0
    monkeypatch.undo()
    return home


def test_what_is_started_exports_what_it_was_started_from(trained: Path, started: Path) -> None:
    """So every weight is the exported one, in half precision; so are patch basis and tokenizers."""
    (started / "replies.safetensors").symlink_to(trained / "replies.safetensors")
    assert main(["export", *TINY, "--home", str(started)]) == 0
    expected = {path.relative_to(trained): path for path in (trained / "export").rglob("*.*") if is_model(path)}
    assert sum(path.suffix == ".safetensors" for path in expected) == 6
    for relative, path in expected.items():
        assert path.read_bytes() == (started / relative).read_bytes(), relative


def test_a_stage_starts_at_step_0_with_average_and_weights_alike(started: Path) -> None:
    world = world_of(started)
    assert isinstance(world, GalleryWorld)
    averages: dict[str, nn.Module] = {
        "autoencoder": load_illustrator(started, world, SEED),
        "painter": load_painter(started, SEED)[1],
        "planner": load_planner(started, SEED, exchanges_of(started))[1],
    }
    for stage, module in averages.items():
        file = started / f"{stage}.safetensors"
        stored = load_file(file)
        assert saved_step(file) == 0
        assert not any(name.startswith("optimizer.") for name in stored)
        for name, average in module.named_parameters():
            assert torch.equal(stored[f"weight.{name}"], average), name


def first_loss(train: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> float:
    """The loss of a run's next step."""
    losses: list[float] = []

    def note(_: Run, loss: Tensor, __: float) -> None:
        losses.append(loss.item())
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Run, "update", note)
        train()
    return losses[0]


def test_the_first_loss_is_that_of_the_trained_weights(
    trained: Path, started: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside what the same scenes and requests cost the average before it was exported, and new networks."""
    exact, fresh = (bare_home(trained, tmp_path / name) for name in ("exact", "fresh"))
    for home in (exact, fresh):
        for name in ("basis.npz", "painter-tokenizer", "planner-tokenizer"):
            (home / name).symlink_to(trained / name)
    learnt: dict[str, nn.Module] = {
        "painter": load_painter(trained, SEED)[1],
        "planner": load_planner(trained, SEED, exchanges_of(trained))[1],
    }
    for stage, module in learnt.items():
        write_first(exact / f"{stage}.safetensors", module)

    def losses(train: Callable[[Path], object]) -> list[float]:
        return [first_loss(lambda home=home: train(home), monkeypatch) for home in (started, exact, fresh)]  # type: ignore[misc]

    half, whole, untaught = losses(lambda home: train_painter(home, Budget(1), SEED, 8, 1))
    assert abs(half - whole) < 0.02 * (untaught - whole)
    assert whole < 0.95 * untaught
    half, whole, untaught = losses(lambda home: train_planner(home, Budget(1), SEED, SENTENCES, 0))
    assert abs(half - whole) < 0.02 * (untaught - whole)
    assert whole < 0.8 * untaught


@pytest.mark.parametrize("stage", ["painter", "planner"])
def test_a_run_that_is_killed_and_started_again_ends_as_one_that_was_not(
    trained: Path, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def die_after_a_step(run: Run, seconds: float) -> bool:
        run.save()
        raise Killed

    caplog.set_level(logging.INFO)
    whole, broken = (bare_home(trained, tmp_path / name) for name in ("whole", "broken"))
    assert begin(stage, whole, trained / "export", "--steps", "2") == 0
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Run, "save_every", die_after_a_step)
        begin(stage, broken, trained / "export", "--steps", "2")
    caplog.clear()
    assert begin(stage, broken, trained / "export", "--steps", "2") == 0
    assert f"{stage}: --init-from is ignored, for {broken} has a checkpoint" in caplog.messages
    expected, found = (load_file(home / f"{stage}.safetensors") for home in (whole, broken))
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        assert torch.equal(tensor, found[name]), name


def test_what_is_not_exported_begins_alike_each_time(trained: Path, started: Path, tmp_path: Path) -> None:
    """A decoder's coder: a start that was killed is made again."""
    again = bare_home(trained, tmp_path / "again")
    start_from(Start(trained / "export", again, None), ["autoencoder"], SEED)
    expected, found = (load_file(home / "autoencoder.safetensors") for home in (started, again))
    assert any(name.startswith("weight.coder.") for name in expected)
    for name, tensor in expected.items():
        assert torch.equal(tensor, found[name]), name


def test_a_home_of_the_drawn_things_starts_likewise(tmp_path: Path) -> None:
    """Its encoder is the patch basis; the critic of its decoder is not exported."""
    first, second = tmp_path / "first", tmp_path / "second"
    write_basis(first, SEED, renders=40)
    exchanges = exchanges_of(first)
    painter = Painter(len(write_tokenizer(first, SEED, SENTENCES)), DRAWN.blocks, DRAWN.channels)
    planner = new_planner(len(write_planner_tokenizer(first, SEED, exchanges, SENTENCES)), exchanges.size)
    write_first(first / "painter.safetensors", painter)
    write_first(first / "planner.safetensors", planner)
    write_first(first / "autoencoder.safetensors", Restorer(DRAWN.doublings))
    start = Start(first / "export", second, None)
    for home in (first, second):
        home.mkdir(exist_ok=True)
        (home / "replies.safetensors").write_bytes(b"no weights of these stages")
        if home == second:
            start_from(start, ["scenes", "autoencoder", "painter", "planner"], SEED)
        assert main(["export", *TINY, "--home", str(home)]) == 0
    for path in (first / "export").rglob("*.*"):
        if path.is_file():
            assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path


def test_all_leaves_the_text_encoders_own_training_out(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, ran = bare_home(trained, tmp_path / "home"), list[str]()
    stages = {name: lambda name=name: ran.append(name) for name in command.STAGES[:-1]}
    monkeypatch.setattr(command, "_stages", lambda _: stages)
    assert begin("all", home, trained / "export") == 0
    assert ran == [name for name in command.STAGES[:-1] if name not in ("data", "adherence", "text")]


def test_scenes_are_drawn_with_the_exported_basis(trained: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "things").symlink_to(trained / "things")
    assert begin("scenes", home, trained / "export", "--seed", "5") == 0
    assert PatchBasis.load(home / "basis.npz").is_like(PatchBasis.load(trained / "basis.npz"), 0)


def test_only_what_can_start_takes_the_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["judge", "--home", str(tmp_path), "--init-from", str(tmp_path)])
    assert exited.value.code == 2
    assert "--init-from goes with scenes, autoencoder, painter, planner, all" in capsys.readouterr().err


def without_gallery(home: Path, _: Path) -> None:
    (home / "things").unlink()


def in_another_order(home: Path, _: Path) -> None:
    (home / "things").unlink()
    pictures, captions = draw_own(home)
    told = json.loads(captions.read_text(encoding="utf-8"))
    captions.write_text(json.dumps(dict(reversed(told.items()))), encoding="utf-8")
    prepare_own(home, pictures, captions)


def of_the_drawn_things(_: Path, export: Path) -> None:
    (export / "planner" / "things.json").unlink()


def without_planner(_: Path, export: Path) -> None:
    shutil.rmtree(export / "planner")


def without_basis(_: Path, export: Path) -> None:
    (export / "painter" / "basis.safetensors").unlink()


def with_another_basis(home: Path, export: Path) -> None:
    basis = PatchBasis.load_exported(export / "painter" / "basis.safetensors")
    PatchBasis(basis.mean + 0.1, basis.basis, basis.gain).save(home / "basis.npz")


def with_another_tokenizer(home: Path, export: Path) -> None:
    shutil.copytree(export / "painter" / "tokenizer", home / "painter-tokenizer")
    file = home / "painter-tokenizer" / "tokenizer.json"
    tokenizer = json.loads(file.read_text(encoding="utf-8"))
    tokenizer["model"]["merges"].pop()
    file.write_text(json.dumps(tokenizer), encoding="utf-8")


def with_other_channels(_: Path, export: Path) -> None:
    file = export / "painter" / "unet" / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    weights["conv_in.weight"] = weights["conv_in.weight"][:, :12].contiguous()
    save_file(weights, file)


def damaged(_: Path, export: Path) -> None:
    file = export / "planner" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without_gallery, "{export} draws a gallery's 5 things, and {home} has no gallery: run `limner train data`"),
        (in_another_order, "{export} has 'ball' as thing 1, and {home} has 'kite' there: leave --init-from out,"),
        (of_the_drawn_things, "{export} draws the twelve things that need no gallery, and {home} has one: name"),
        (without_planner, "{export} has no planner: --init-from takes a folder that `limner train export` wrote,"),
        (without_basis, "{export}/painter/basis.safetensors is missing: run `limner train export` again,"),
        (with_another_basis, "{home}/basis.npz is another patch basis than that of {export}, and its scenes are"),
        (with_another_tokenizer, "{home}/painter-tokenizer is another tokenizer than that of {export}: leave"),
        (with_other_channels, "{export}/painter/unet/diffusion_pytorch_model.safetensors does not fit what is trained "
                              "here (conv_in.weight is 96×12×3×3 there and 96×56×3×3 here): leave --init-from out,"),
        (damaged, "{export}/planner/model.safetensors cannot be read ("),
    ],
)  # fmt: skip
def test_an_export_that_does_not_fit_is_refused_in_one_sentence(
    trained: Path, tmp_path: Path, change: Callable[[Path, Path], None], sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    home, export = bare_home(trained, tmp_path / "home"), tmp_path / "export"
    shutil.copytree(trained / "export", export)
    change(home, export)
    before = sorted(path.name for path in home.iterdir())
    assert begin("all", home, export) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("limner train: " + sentence.format(home=home, export=export))
    assert sorted(path.name for path in home.iterdir()) == before, "nothing is written"
