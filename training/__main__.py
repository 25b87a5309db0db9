"""`limner train`: the stages of making the starter pair. Each picks up where it was stopped.

`data` makes a gallery of drawn things; where a home has one, the later stages train on it, else on the twelve things
that this project draws itself.
"""

import argparse
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.runtime.checkpoint import Budget
    from training.stages.worlds import GalleryWorld

STAGES = (
    "data", "scenes", "text", "autoencoder", "painter", "one-step", "draft", "planner", "replies", "judge", "adherence",
    "export", "evaluate", "all",
)  # fmt: skip

ALONE = ("data", "scenes", "replies", "adherence", "export", "evaluate")
"""What one process does however many there are; the others wait."""

TRAINED = ("autoencoder", "painter", "one-step", "draft", "planner", "judge")
"""The stages that calculate in the number format of the home."""

ASIDE = ("data", "adherence")
"""What `all` leaves out: the first decides what is trained on, the second only looks at the painter's checkpoint."""

STARTING = ("scenes", "autoencoder", "painter", "planner", "all")
"""What can start from the weights of an export."""

EXTRA = "pip install 'limner[engine,train]'"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything: renders for the patch basis, shards of scenes, sentences for each tokenizer, training
    steps of each part, what is shown of painter and planner on the way, the tokens of an exported planner's longest
    answer, each which of the replies is learnt, and of how many pictures and requests of each kind figures speak."""

    basis: int = 400
    shards: int = 320
    shard_size: int = 250
    sentences: int = 20_000
    text: int = 1_500
    autoencoder: int = 7_000
    gallery_autoencoder: int = 20_000
    one_step: int = 5_000
    one_step_batch: int = 16
    draft: int = 4_000
    draft_batch: int = 8
    painter: int = 6_500
    painter_batch: int = 64
    planner: int = 16_000
    judge: int = 3_600
    judge_batch: int = 64
    shown_pictures: int = 12
    shown_answers: int = 6
    longest_answer: int = 256
    replies_every: int = 1
    pictures: int = 512
    requests: int = 200
    save_s: float = 60.0


TINY = Plan(
    basis=40, shards=5, shard_size=12, sentences=800, text=8, autoencoder=3, gallery_autoencoder=12, painter=4,
    one_step=5, one_step_batch=4, draft=5, draft_batch=2, painter_batch=8, planner=5, judge=4, judge_batch=8,
    shown_pictures=2, shown_answers=1, longest_answer=16,
    pictures=2, requests=1, save_s=0.0, replies_every=40,
)  # fmt: skip


def main(argv: list[str]) -> int:
    """Run one stage, or all of them in order. Exit codes: 0 done; 1 it cannot, said in one sentence; 2 usage."""
    options = _parse(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return _train(options)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("training", "engine", "bot"):
            raise
        print(f"limner train needs {error.name}, which is not installed: {EXTRA}", file=sys.stderr)
    except FileNotFoundError as error:
        if error.errno is not None:
            raise
        print(f"limner train: {error}", file=sys.stderr)
    return 1


def _train(options: argparse.Namespace) -> int:
    import torch  # after --help

    from engine.loading import quieten

    quieten()
    from training.gallery.sources import SourceError
    from training.runtime.device import settle_format
    from training.stages.initial_weights import CannotStart
    from training.stages.painter import trial_step

    torch.set_num_threads(options.threads)
    stages = _stages(options)
    todo = [name for name in stages if name not in ASIDE] if options.stage == "all" else [options.stage]
    try:
        if options.init_from is not None:
            todo = _start(options, todo)
        if any(name in TRAINED for name in todo):
            wanted = "float32" if options.tiny else options.format
            settle_format(options.home, wanted, partial(trial_step, options.home))
        for name in todo:
            _run(stages[name], alone=name in ALONE)
    except SourceError as error:
        print(f"limner train data: {error}", file=sys.stderr)
        return 1
    except CannotStart as error:
        print(f"limner train: {error}", file=sys.stderr)
        return 1
    return 0


def _start(options: argparse.Namespace, todo: list[str]) -> list[str]:
    """Start stages from the weights of an export; return what is left to do: the painter's text encoder is trained."""
    from training.stages.initial_weights import Start, start_from

    start = Start(options.init_from, options.home, options.things)
    _run(lambda: start_from(start, todo, options.seed), alone=True)
    if "text" in todo:
        logging.info("text: left out, since the painter has a text encoder that is trained")
    return [name for name in todo if name != "text"]


def _run(stage: Callable[[], None], *, alone: bool) -> None:
    """Run a stage; of several processes the first one does it alone where there is nothing to share."""
    from training.runtime.device import accelerator

    if not alone or accelerator().is_main_process:
        stage()
    accelerator().wait_for_everyone()


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="limner train", description=__doc__)
    parser.add_argument("stage", choices=STAGES, help="`all`: every stage in order but `data` and `adherence`")
    parser.add_argument("--home", type=Path, default=Path.home() / "limner-train", help="where everything is kept")
    parser.add_argument("--into", type=Path, help="where `export` writes and `evaluate` reads; default HOME/export")
    parser.add_argument("--minutes", type=float, help="train each part for so long instead of its number of steps")
    parser.add_argument("--steps", type=int, help="train the stage for so many steps instead of its usual number")
    parser.add_argument("--tiny", action="store_true", help="a few steps of everything, to see that it works")
    parser.add_argument("--compile", action="store_true", help="compile the planner's training: faster when long")
    parser.add_argument("--batch", type=int, help="pictures in a step of painter or one-step: more on a GPU")
    parser.add_argument("--format", choices=("float32", "bfloat16"), help="default: the faster one, measured once")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--init-from", type=Path, metavar="FOLDER",
                        help="a stage without a checkpoint starts from the weights that `export` wrote")  # fmt: skip
    data = parser.add_argument_group("things to train on")
    data.add_argument("--things", type=int, help="how many of the gallery's things, in order, stand in scenes")
    data.add_argument("--from", dest="sources", action="append", default=[], metavar="NAME=FOLDER",
                      help="a set that `data` need not fetch: drawings=FOLDER, names=FOLDER")  # fmt: skip
    data.add_argument("--pictures", type=Path, metavar="DIR", help="`data` takes pictures of your own")
    data.add_argument("--captions", type=Path, metavar="FILE", help='with --pictures: JSON, {"mug.png": "mug"}')
    options = parser.parse_args(argv)
    if (options.pictures is None) != (options.captions is None):
        parser.error("--pictures and --captions belong together")
    if any("=" not in source for source in options.sources):
        parser.error("--from takes a name and a folder: --from drawings=FOLDER")
    if options.init_from is not None and options.stage not in STARTING:
        parser.error(f"--init-from goes with {', '.join(STARTING)}")
    return options


def _stages(options: argparse.Namespace) -> dict[str, Callable[[], None]]:
    # Imported here, so that `limner train --help` does not wait for torch.
    from training.runtime.checkpoint import Budget
    from training.stages import dataset, draft_decoder, export, one_step, painter, planner, replies, text_encoder

    plan, home, seed = TINY if options.tiny else Plan(), options.home, options.seed
    into = options.into or home / "export"

    def budget(steps: int) -> Budget:
        return Budget(options.steps or steps, options.minutes, plan.save_s)

    def write_exports() -> None:
        for name in export.exports(home):
            export.EXPORTS[name](home, into / name, seed, options.things, plan.longest_answer)
            logging.info("%s: %.1f MB", into / name, export.size_mb(into / name))

    return {
        "data": lambda: _gallery(options),
        "scenes": lambda: dataset.write_shards(
            home, plan.shards, seed, plan.shard_size, plan.basis, options.threads, options.things
        ),
        "text": lambda: text_encoder.train_text(home, budget(plan.text), seed, plan.sentences),
        "autoencoder": lambda: _autoencoder(options, budget, plan),
        "painter": lambda: painter.train_painter(
            home, budget(plan.painter), seed, options.batch or plan.painter_batch, plan.shown_pictures, options.things
        ),
        "one-step": lambda: _of_a_gallery(
            options,
            lambda world: one_step.train_one_step(
                home, world, budget(plan.one_step), seed, options.batch or plan.one_step_batch
            ),
        ),
        "draft": lambda: _of_a_gallery(
            options,
            lambda world: draft_decoder.train_draft_decoder(home, world, budget(plan.draft), seed, plan.draft_batch),
        ),
        "planner": lambda: planner.train_planner(
            home,
            budget(plan.planner),
            seed,
            plan.sentences,
            plan.shown_answers,
            options.things,
            compiled=options.compile,
        ),
        "replies": lambda: replies.train_replies(home, plan.replies_every),
        "judge": lambda: _judge(options, budget(plan.judge), plan.judge_batch),
        "adherence": lambda: _adherence(options, plan),
        "export": write_exports,
        "evaluate": lambda: _measure(options, into, plan),
    }


def _gallery(options: argparse.Namespace) -> None:
    """Make the gallery, of the published set or of one's own pictures, and print the report."""
    from training.gallery.own import prepare_own
    from training.gallery.prepare import prepare

    if options.pictures is not None:
        print(prepare_own(options.home, options.pictures, options.captions))
        return
    folders = dict(source.split("=", 1) for source in options.sources)
    print(prepare(options.home, {name: Path(folder) for name, folder in folders.items()}))


def _autoencoder(options: argparse.Namespace, budget: Callable[[int], "Budget"], plan: Plan) -> None:
    """Train the autoencoder of the home's world."""
    from training.stages.autoencoder import train_autoencoder
    from training.stages.gallery_autoencoder import train_gallery_autoencoder
    from training.stages.worlds import GalleryWorld, world_of

    world = world_of(options.home, options.things)
    if isinstance(world, GalleryWorld):
        train_gallery_autoencoder(options.home, world, budget(plan.gallery_autoencoder), options.seed)
    else:
        train_autoencoder(options.home, budget(plan.autoencoder), options.seed)


def _of_a_gallery(options: argparse.Namespace, stage: Callable[["GalleryWorld"], None]) -> None:
    """Run a stage that only a gallery has."""
    from training.stages.worlds import GalleryWorld, world_of

    world = world_of(options.home, options.things)
    if isinstance(world, GalleryWorld):
        stage(world)
    else:
        logging.info("the twelve drawn things have no one-step generator, and so no draft")


def _judge(options: argparse.Namespace, budget: "Budget", batch: int) -> None:
    """Train the judge of the home's world."""
    from training.evaluation.detector import train_detector
    from training.evaluation.judge import train_judge
    from training.stages.worlds import GalleryWorld, world_of

    world = world_of(options.home, options.things)
    if isinstance(world, GalleryWorld):
        train_detector(options.home, world, budget, options.seed, batch)
    else:
        train_judge(options.home, budget, options.seed, batch)


def _adherence(options: argparse.Namespace, plan: Plan) -> None:
    """Print what the painter's checkpoint shows of a gallery's compositions, and note it in the home."""
    from training.evaluation.compositions import adherence_now
    from training.stages.worlds import GalleryWorld, world_of

    world = world_of(options.home, options.things)
    if not isinstance(world, GalleryWorld):
        raise FileNotFoundError(f"{options.home} has no gallery: run `limner train data` first")
    print(adherence_now(options.home, world, plan.pictures // 4 or 1, options.seed))


def _measure(options: argparse.Namespace, into: Path, plan: Plan) -> None:
    from training.evaluation import report

    sheet = 2 if options.tiny else 48
    print(report.evaluate(options.home, into, plan.pictures, plan.requests, options.seed, sheet, options.things))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
