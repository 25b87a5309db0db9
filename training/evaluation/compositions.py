"""What the exported painter shows of compositions that no training saw, by the detector, and of each thing."""

import json
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any, Final

import torch
from torch import Tensor

from training.evaluation.detector import SIDE, Seen, load_detector, look, outcome
from training.evaluation.figures import Share, table
from training.evaluation.painter import Hand, decibels, looks, seconds
from training.stages.latent_space import CHANNELS, halve, to_tensor
from training.stages.painter import load_painter, steps_taken
from training.stages.painter_network import paint
from training.stages.worlds import GalleryWorld
from training.world.composition import Composition

ACCEPTED: Final = 0.9
"""A thing that is seen in a smaller share of its pictures does not ship: it is left out and said to be unknown."""

COMPARED: Final = 64
"""Renders that pictures are compared with."""

_JUDGED: Final = ("things and all", "thing", "two things", "three things", "count", "color", "order", "position",
                  "nothing else", "place", "time", "sky", "style")  # fmt: skip


def evaluate_compositions(home: Path, folder: Path, world: GalleryWorld, count: int, seed: int) -> dict[str, Any]:
    """Figures of `count` pictures of held-out compositions beside the detector's own on as many unseen renders."""
    detector, hand = load_detector(home, world.gallery.words, seed), Hand(folder)
    random = Random(f"{seed} evaluation held-out")
    scenes = [world.sample(random, held_out=True) for _ in range(count)]
    small, painted = _painted(hand, [world.detailed(scene) for scene in scenes], seed)
    drawn = torch.stack([to_tensor(world.render(scene, SIDE, SIDE).pixels) for scene in scenes])
    full = torch.stack([to_tensor(world.render(scene, *hand.size()).pixels) for scene in scenes[:COMPARED]])
    seen = look(detector, small)
    figures = {
        "painted": shares(seen, scenes),
        "detector on renders": shares(look(detector, drawn), scenes),
        "by thing": by_thing(seen, scenes),
        **looks(painted, full),
        "seconds a picture": seconds(hand, [world.detailed(scene) for scene in scenes[:9]], seed),
        "threads": torch.get_num_threads(),
    }
    return figures | ({"autoencoder, decibels": decibels(hand, full)} if hand.reads else {})


def _painted(hand: Hand, prompts: list[str], seed: int) -> tuple[Tensor, Tensor]:
    """What prompts give, as small as the detector sees it, and the first ones in full."""
    small, full, halvings = list[Tensor](), list[Tensor](), (hand.size()[0] // SIDE).bit_length() - 1
    for batch in hand.batches(prompts, seed):
        small.append(halve(batch, halvings))
        full.append(batch[: max(0, COMPARED - sum(map(len, full)))])
    return torch.cat(small), torch.cat(full)


def shares(seen: list[Seen], scenes: list[Composition]) -> dict[str, dict[str, float]]:
    """For each kind of outcome how many of the scenes that ask for it show it, and how many show all that they ask."""
    found: dict[str, list[bool]] = defaultdict(list)
    for one, scene in zip(seen, scenes, strict=True):
        results = outcome(one, scene)
        for name, right in results.items():
            found[name].append(right)
        found["things and all"].append(all(results.values()))
    return {name: Share(sum(found[name]), len(found[name])).as_json() for name in _JUDGED}


def by_thing(seen: list[Seen], scenes: list[Composition]) -> dict[str, dict[str, float]]:
    """For each thing, in how many of the scenes that ask for it it is seen."""
    found: dict[str, list[bool]] = defaultdict(list)
    for one, scene in zip(seen, scenes, strict=True):
        there = {item.thing for item in one.things}
        for group in scene.groups:
            found[group.thing].append(group.thing in there)
    return {word: Share(sum(right), len(right)).as_json() for word, right in sorted(found.items())}


def accepted(report: dict[str, Any]) -> list[str]:
    """The things that may ship."""
    return [word for word, share in report["by thing"].items() if share["share"] >= ACCEPTED]


def composition_table(report: dict[str, Any]) -> str:
    """A row for each kind of outcome, then how the pictures look, then the things by their shares."""
    rows: list[list[Any]] = []
    for name in _JUDGED:
        cells = (report["painted"][name], report["detector on renders"][name])
        rows.append([name, *(Share(int(cell["right"]), int(cell["of"])) for cell in cells)])
    rows += [[name, report[name], "1"] for name in ("sharpness against renders", "brightness against renders")]
    things = sorted(report["by thing"].items(), key=lambda item: -item[1]["share"])
    words = ", ".join(f"{word} {share['right']}/{share['of']}" for word, share in things)
    header = ["in the picture", "held-out combinations", "the detector on unseen renders"]
    shipping = f"{len(accepted(report))} things of {len(things)} are seen in nine pictures of ten: {words}"
    return f"{table(header, rows)}\n\n{shipping}"


def adherence_now(home: Path, world: GalleryWorld, count: int, seed: int) -> dict[str, Any]:
    """Which things the painter's last checkpoint shows, by the layout that it paints: a line for `adherence.jsonl`.

    It takes neither a decoder nor a detector.
    """
    tokenizer, painter = load_painter(home, seed)
    random = Random(f"{seed} adherence")
    scenes = [world.sample(random, held_out=True) for _ in range(count)]
    latents = paint(painter, tokenizer, [world.detailed(scene) for scene in scenes], seed=seed)
    numbers, found = world.gallery.by_word, defaultdict[str, list[bool]](list)
    for seen, scene in zip(world.layout.seen(latents[:, CHANNELS:].numpy()), scenes, strict=True):
        wanted = {numbers[group.thing] for group in scene.groups}
        found[_THINGS[len(wanted)]].append(wanted <= seen)
        found["nothing else"].append(seen <= wanted)
    line = {"step": steps_taken(home), "of": count, **{name: sum(all_) / len(all_) for name, all_ in found.items()}}
    with (home / "adherence.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return line


_THINGS: Final = ("nothing", "thing", "two things", "three things")
