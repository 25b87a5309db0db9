"""Should a change in words also start from the parent picture? `python -m bench.start_image`: a table of both ways.

Each change is painted from words alone with the parent's seed (and, to compare, with a new one), and from the parent
picture at several strengths; the judge, a classifier trained on renders alone, says what is seen. The judge knows the
twelve drawn things, so the painter is the one that a home without a gallery trained and exported; both come first:
`limner train all`, then `limner train judge --minutes 6`.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
import torch
from PIL import Image

from bench.paint import Hand
from engine.api.messages import StartImage
from engine.starter.lexicon.captions import SKIES_AT
from training.drawing.renderer import render
from training.evaluation.judge import SIDE, Judge, load_judge
from training.stages.dataset import targets
from training.stages.latent_space import to_tensor
from training.world.captions import detailed
from training.world.scene import Scene, sample_color, sample_scene
from training.world.vocabulary import (
    ATTRIBUTES,
    COLORS,
    NONE,
    PLACES,
    POSITIONS,
    STYLES,
    SUBJECTS,
    TIMES,
    USUAL_COLORS,
)

STRENGTHS = (0.4, 0.6, 0.75, 0.9)
WORDS = "words alone"
NEW_SEED = "words alone, new seed"
OTHER = 1_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture of a changed scene: per attribute whether it shows, and the mean difference to the parent (0…255)."""

    kind: str
    changed: list[bool]
    right: list[bool]
    distance: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.start_image", description=__doc__)
    parser.add_argument(
        "--home", type=Path, default=Path.home() / "limner-train", help="where painter and judge were trained"
    )
    parser.add_argument("--each", type=int, default=12, help="changes of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    judge, random = load_judge(options.home, 0), Random(f"{options.seed} changes")
    hand = Hand(options.home / "export" / "painter")
    changes = [(kind, *change(kind, random)) for _ in range(options.each) for kind in KINDS]
    _print_control(judge, [new for _, _, new in changes])
    seen: dict[str, list[Seen]] = {}
    for number, (kind, old, new) in enumerate(changes):
        seed = options.seed * 10_000 + number
        parent = hand.paint(detailed(old), seed)
        ways: dict[str, StartImage | None] = {WORDS: None}
        ways |= {NEW_SEED: None}
        ways |= {f"start {strength}": StartImage(parent, strength) for strength in STRENGTHS}
        for way, start in ways.items():
            picture = hand.paint(detailed(new), seed + OTHER if way == NEW_SEED else seed, start)
            seen.setdefault(way, []).append(_look(judge, kind, old, new, parent, picture))
    _print_table("all changes", seen)
    for kind in KINDS:
        _print_table(kind, {way: [one for one in those if one.kind == kind] for way, those in seen.items()})


def change(kind: str, random: Random) -> tuple[Scene, Scene]:
    """Return a scene, and the same after a change of this kind."""
    while True:
        old = sample_scene(random)
        new = KINDS[kind](old, random)
        if new is not None:
            return old, new


def _time(scene: Scene, random: Random) -> Scene:
    time = _other(TIMES, scene.time, random)
    return replace(scene, time=time, sky=scene.sky if scene.sky in SKIES_AT[time] else SKIES_AT[time][0])


def _sky(scene: Scene, random: Random) -> Scene:
    return replace(scene, sky=_other(SKIES_AT[scene.time], scene.sky, random))


def _colour(scene: Scene, random: Random) -> Scene | None:
    return replace(scene, color=_other(tuple(COLORS), scene.color, random)) if scene.subject in USUAL_COLORS else None


def _add(scene: Scene, random: Random) -> Scene | None:
    subject = random.choice(SUBJECTS)
    return (
        replace(scene, subject=subject, color=sample_color(subject, random), position=POSITIONS[0])
        if scene.subject == NONE
        else None
    )


def _remove(scene: Scene, random: Random) -> Scene | None:
    return replace(scene, subject=NONE, color=NONE, position=NONE) if scene.subject != NONE else None


def _style(scene: Scene, random: Random) -> Scene:
    return replace(scene, style=_other(STYLES, scene.style, random))


def _place(scene: Scene, random: Random) -> Scene:
    return replace(scene, place=_other(PLACES, scene.place, random))


def _other(values: tuple[str, ...], value: str, random: Random) -> str:
    return random.choice([name for name in values if name != value])


KINDS: dict[str, Callable[[Scene, Random], Scene | None]] = {
    "time": _time,
    "sky": _sky,
    "colour": _colour,
    "add": _add,
    "remove": _remove,
    "style": _style,
    "place": _place,
}


def _look(judge: Judge, kind: str, old: Scene, new: Scene, parent: bytes, picture: bytes) -> Seen:
    before, after = _pixels(parent), _pixels(picture)
    right = _right(judge, after, new)
    changed = [getattr(old, name) != getattr(new, name) for name in ATTRIBUTES]
    distance = float(np.abs(before.astype(float) - after.astype(float)).mean())
    return Seen(kind, changed, right, distance)


@torch.no_grad()
def _right(judge: Judge, pixels: np.ndarray, scene: Scene) -> list[bool]:
    shown = torch.stack([row.argmax(1) for row in judge(to_tensor(pixels[None]))], dim=1)
    right: list[bool] = (shown == targets([scene]))[0].tolist()
    return right


def _pixels(file: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _print_control(judge: Judge, scenes: list[Scene]) -> None:
    shares = [np.mean(_right(judge, render(scene, SIDE, SIDE).pixels, scene)) for scene in scenes]
    print(
        f"The judge on {len(scenes)} fresh renders of the new scenes: {np.mean(shares):.3f} of their attributes right."
    )


def _print_table(name: str, ways: dict[str, list[Seen]]) -> None:
    count = len(next(iter(ways.values())))
    print(f"\n{name} ({count})\n\n| way | what was changed | what was not | all right | distance to the parent |")
    print("| --- | --- | --- | --- | --- |")
    for way, those in ways.items():
        changed = [right for one in those for right, touched in zip(one.right, one.changed, strict=True) if touched]
        kept = [right for one in those for right, touched in zip(one.right, one.changed, strict=True) if not touched]
        whole = [all(one.right) for one in those]
        distance = np.mean([one.distance for one in those])
        print(f"| {way} | {np.mean(changed):.2f} | {np.mean(kept):.2f} | {np.mean(whole):.2f} | {distance:.1f} |")


if __name__ == "__main__":
    main()
