"""`limner train`: the stages of making the starter pair. Each picks up where it was stopped."""

import argparse
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from training.runtime.checkpoint import Budget

STAGES = ("scenes", "text", "autoencoder", "painter", "planner", "judge", "export", "evaluate", "all")

ALONE = ("scenes", "export", "evaluate")
"""What one process does however many there are; the others wait."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything: shards of scenes, sentences for each tokenizer, training steps of each part, and of
    how many pictures and requests of each kind the figures speak."""

    shards: int = 320
    shard_size: int = 250
    sentences: int = 20_000
    text: int = 1_500
    autoencoder: int = 7_000
    painter: int = 6_500
    painter_batch: int = 64
    planner: int = 16_000
    judge: int = 1_000
    judge_batch: int = 64
    pictures: int = 512
    requests: int = 200
    save_s: float = 60.0


TINY = Plan(
    shards=5, shard_size=12, sentences=800, text=8, autoencoder=3, painter=4, painter_batch=8, planner=5, judge=4,
    judge_batch=8, pictures=2, requests=1, save_s=0.0,
)  # fmt: skip


def main(argv: list[str]) -> int:
    """Run one stage, or all of them in order."""
    options = _parse(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    import torch  # after --help

    torch.set_num_threads(options.threads)
    stages = _stages(options)
    for name in stages if options.stage == "all" else (options.stage,):
        _run(stages[name], alone=name in ALONE)
    return 0


def _run(stage: Callable[[], None], *, alone: bool) -> None:
    """Run a stage; of several processes the first one does it alone where there is nothing to share."""
    from training.runtime.device import accelerator

    if not alone or accelerator().is_main_process:
        stage()
    accelerator().wait_for_everyone()


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="limner train", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--home", type=Path, default=Path.home() / "limner-train", help="where everything is kept")
    parser.add_argument("--into", type=Path, help="where `export` writes and `evaluate` reads; default HOME/export")
    parser.add_argument("--minutes", type=float, help="train each part for so long instead of its number of steps")
    parser.add_argument("--tiny", action="store_true", help="a few steps of everything, to see that it works")
    parser.add_argument("--compile", action="store_true", help="compile the planner's training: faster when long")
    parser.add_argument("--batch", type=int, help="pictures in a step of the painter: more on a GPU; default 64")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(argv)


def _stages(options: argparse.Namespace) -> dict[str, Callable[[], None]]:
    # Imported here, so that `limner train --help` does not wait for torch.
    from training.evaluation import judge, report
    from training.stages import autoencoder, dataset, export, painter, planner, text_encoder

    plan, home, seed = TINY if options.tiny else Plan(), options.home, options.seed
    into = options.into or home / "export"

    def budget(steps: int) -> Budget:
        return Budget(steps, options.minutes, plan.save_s)

    def write_exports() -> None:
        for name, write in export.EXPORTS.items():
            write(home, into / name, seed)
            logging.info("%s: %.1f MB", into / name, export.size_mb(into / name))

    def measure() -> None:
        sheet = 2 if options.tiny else 24
        print(report.evaluate(home, into, plan.pictures, plan.requests, seed, sheet))

    return {
        "scenes": lambda: dataset.write_shards(home, plan.shards, seed, plan.shard_size, options.threads),
        "text": lambda: text_encoder.train_text(home, budget(plan.text), seed, plan.sentences),
        "autoencoder": lambda: autoencoder.train_autoencoder(home, budget(plan.autoencoder), seed),
        "painter": lambda: painter.train_painter(home, budget(plan.painter), seed, options.batch or plan.painter_batch),
        "planner": lambda: planner.train_planner(
            home, budget(plan.planner), seed, plan.sentences, compiled=options.compile
        ),
        "judge": lambda: judge.train_judge(home, budget(plan.judge), seed, plan.judge_batch),
        "export": write_exports,
        "evaluate": measure,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
