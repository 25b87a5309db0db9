"""Drawings that the tests make themselves, and a gallery of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from training.gallery.gallery import Gallery
from training.gallery.own import prepare_own

SHAPES = {
    "ball": ("ellipse", (220, 40, 40), "ground"),
    "box": ("rectangle", (40, 90, 220), "ground"),
    "flag": ("polygon", (40, 160, 70), "ground"),
    "boat": ("polygon", (240, 160, 40), "water"),
    "kite": ("polygon", (200, 60, 200), "air"),
}
"""For each thing its shape, its colour and what it stands on."""


@pytest.fixture(autouse=True, scope="module")
def gradients() -> None:
    """Tests of the engine that ran in this process before may have left gradients off."""
    torch.set_grad_enabled(True)


def draw_own(folder: Path) -> tuple[Path, Path]:
    """A folder of pictures with transparent backgrounds, and their captions."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True)
    captions: dict[str, object] = {}
    for word, (shape, color, stands) in SHAPES.items():
        image = Image.new("RGBA", (90, 70))
        pen = ImageDraw.Draw(image)
        if shape == "polygon":
            pen.polygon([(45, 5), (85, 65), (5, 60)], fill=color)
        elif shape == "ellipse":
            pen.ellipse((10, 10, 70, 60), fill=color)
        else:
            pen.rectangle((10, 10, 70, 60), fill=color)
        image.save(pictures / f"{word}.png")
        captions[f"{word}.png"] = {"word": word, "stands": stands, "recolors": True, "names": {"de": f"{word}chen"}}
    (folder / "captions.json").write_text(json.dumps(captions), encoding="utf-8")
    return pictures, folder / "captions.json"


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """Five things that the tests drew."""
    home = tmp_path_factory.mktemp("gallery")
    prepare_own(home, *draw_own(home))
    yield Gallery.load(home / "things")
