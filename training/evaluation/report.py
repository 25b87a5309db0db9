"""The figures of the exported pair, as one JSON and as the model card's tables, and a sheet of its pictures."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from engine.starter.lexicon.things import read_things
from engine.starter.orders.read import OrderReader
from training.evaluation.compositions import composition_table, evaluate_compositions
from training.evaluation.painter import Hand, evaluate_painter, painter_table
from training.evaluation.planner import Reader, evaluate_planner, planner_table
from training.runtime.atomic_files import write_whole
from training.stages.exchanges import Exchange, Exchanges, exchanges_of
from training.stages.export import exports, size_mb
from training.stages.latent_space import to_pixels
from training.stages.worlds import GalleryWorld, world_of

_log = logging.getLogger(__name__)

COLUMNS = 8
CELL = 160
LABEL = 14


def evaluate(
    home: Path, folder: Path, pictures: int, requests: int, seed: int, sheet: int = 48, things: int | None = None
) -> str:
    """Measure the pair in a folder, write `evaluation.json` and `sheet.png` beside it; returns the tables."""
    exchanges = exchanges_of(home, things)
    painted, painted_table = _painter(home, folder / "painter", pictures, seed, things)
    report: dict[str, Any] = {
        "size, MB": {name: round(size_mb(folder / name), 2) for name in exports(home)},
        "painter": painted,
        "planner": evaluate_planner(folder / "planner", exchanges, requests, seed),
    }
    tables = [painted_table, planner_table(report["planner"])]
    if "one-step" in exports(home):
        report["one-step"], table = _painter(home, folder / "one-step", pictures, seed, things)
        tables.insert(1, f"in one step:\n\n{table}")
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_whole(folder / "evaluation.json", lambda path: path.write_text(text, encoding="utf-8"))
    draw_sheet(folder, exchanges, folder / "sheet.png", seed, sheet)
    return "\n\n".join(tables)


def _painter(home: Path, folder: Path, pictures: int, seed: int, things: int | None) -> tuple[dict[str, Any], str]:
    """The painter's figures and their table, by the judge of the world that it was trained on."""
    world = world_of(home, things)
    if isinstance(world, GalleryWorld):
        figures = evaluate_compositions(home, folder, world, pictures, seed)
        return figures, composition_table(figures)
    figures = evaluate_painter(home, folder, pictures, seed)
    return figures, painter_table(figures)


def draw_sheet(folder: Path, exchanges: Exchanges, path: Path, seed: int, count: int = 48) -> None:
    """Requests drawn at random, read as the engine reads them and painted as they come: the first seed, not picked.

    Only those that the bot would ask about before it paints are left out; the log says how many.
    """
    random, reader, hand = Random(f"{seed} sheet"), _reader(folder / "planner"), Hand(folder / "painter")
    shown, asked = list[tuple[str, str]](), 0
    while len(shown) < count:
        read = _read(reader, _request(exchanges, random, held_out=len(shown) % 2 == 1))
        shown += [read] if read else []
        asked += read is None
    _log.info("%d requests of %d are not on the sheet: the bot asks about them first", asked, asked + count)
    prompts, labels = zip(*shown, strict=True)
    images = to_pixels(torch.cat([hand.paint([prompt], seed + index) for index, prompt in enumerate(prompts)]))
    rows = -(-count // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * CELL, rows * (CELL + LABEL)), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (picture, label) in enumerate(zip(images, labels, strict=True)):
        x, y = index % COLUMNS * CELL, index // COLUMNS * (CELL + LABEL)
        sheet.paste(_shrunk(picture), (x, y + LABEL))
        pen.text((x + 2, y + 1), label[:34], fill="black")
    palette = sheet.quantize(256)  # a third of the size; dithered, so that skies stay smooth
    sheet = sheet.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    write_whole(path, lambda unfinished: sheet.save(unfinished, format="PNG", optimize=True))


def _request(exchanges: Exchanges, random: Random, *, held_out: bool) -> Exchange:
    """A message that asks for a new picture of what is known."""
    while True:
        example = exchanges.sample(random, held_out=held_out)
        if example.old is None and example.answer["prompt"] and not example.answer.get("unknown"):
            return example


def _reader(folder: Path) -> Callable[[Exchange], str]:
    """What answers a request: the planner, asked by the reader of orders where its folder lists a gallery's things."""
    planner, things = Reader(folder), read_things(folder)
    if not things:
        return planner.answer
    tables = OrderReader(things)
    return lambda example: tables.answer(example.text, None, lambda _: planner.answer(example))


def _read(answer: Callable[[Exchange], str], example: Exchange) -> tuple[str, str] | None:
    """The prompt that is written, and a label: what was asked for, in the vocabulary's words. None where a thing of it
    is not known."""
    try:
        found = json.loads(answer(example))
        if "unknown_thing" in found:
            return None
        prompt = str(found["prompt"])
    except (ValueError, KeyError, TypeError):
        prompt = example.text
    asked = " ".join(example.answer["keywords"]) or "anything"
    return prompt, f"{example.language}: {asked}"


def _shrunk(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(picture).resize((CELL, CELL), Image.Resampling.LANCZOS)
