"""A gallery of one's own pictures: `limner train data --pictures DIR --captions FILE`.

The captions are a JSON object, a file's name for each key: `{"mug.png": "mug"}`, or with more than an English word:
`{"mug.png": {"word": "mug", "stands": "ground", "recolors": true, "names": {"de": "Becher"}}}`. Pictures have a
transparent background; only what is named is read. `"whole": true` gives another colour to all of a thing, not to its
main part.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from training.gallery.chosen import AIR, GROUND, WATER
from training.gallery.gallery import Gallery, Names, Thing
from training.gallery.rasterise import from_image
from training.gallery.sources import SourceError
from training.world.plurals import plurals

LARGEST = 4096
"""Pixels of a side: what is larger is no drawing of one thing."""


def prepare_own(home: Path, pictures: Path, captions: Path) -> str:
    """Write a gallery of the named pictures under `home`; returns a report. SourceError says what is wrong."""
    things, drawings, left_out = [], [], []
    for name, entry in _captions(captions).items():
        thing = _thing(name, entry)
        try:
            drawings.append(_drawing(pictures / name))
        except ValueError as error:
            left_out.append(f"- {name}: {error}")
            continue
        things.append(thing)
    words = [thing.word for thing in things]
    doubles = sorted({word for word in words if words.count(word) > 1})
    if doubles:
        raise SourceError(f"{captions} gives two pictures the word {doubles[0]!r}: each thing needs its own")
    if not things:
        raise SourceError(f"{captions} names no picture under {pictures} that can be used: " + "; ".join(left_out))
    Gallery(tuple(things), np.stack(drawings)).save(home / "things")
    return "\n".join([f"{len(things)} things taken, {len(left_out)} left out", *left_out]) + "\n"


def _captions(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read as JSON: {error}") from None
    if not isinstance(read, dict):
        raise SourceError(f"{path} must be one JSON object: a picture's file name and what it shows")
    return read


def _thing(name: str, entry: Any) -> Thing:
    fields = {"word": entry} if isinstance(entry, str) else entry
    if not isinstance(fields, dict) or not isinstance(word := fields.get("word"), str) or not word.strip():
        raise SourceError(f'the caption of {name} needs a word: "{name}": "mug"')
    stands = fields.get("stands", GROUND)
    if stands not in (GROUND, WATER, AIR):
        raise SourceError(f"the caption of {name} says that it stands on {stands!r}: ground, water or air")
    word = word.strip().lower()
    labels = {"en": word} | {str(code): str(label).lower() for code, label in fields.get("names", {}).items()}
    names = {code: Names(label, plurals(code, label)) for code, label in labels.items()}
    return Thing(word, stands, bool(fields.get("recolors")), bool(fields.get("whole")), names)


def _drawing(path: Path) -> np.ndarray:
    """The picture's pixels; ValueError says why it cannot be used."""
    try:
        with Image.open(path) as image:
            if max(image.size) > LARGEST:
                raise ValueError(f"larger than {LARGEST} pixels")
            if not _has_background(image):
                raise ValueError("its background is not transparent")
            return from_image(image)
    except FileNotFoundError:
        raise ValueError("there is no such file") from None
    except UnidentifiedImageError:
        raise ValueError("it is no picture") from None


def _has_background(image: Image.Image) -> bool:
    """Whether a part of the picture is transparent."""
    return bool((np.asarray(image.convert("RGBA").getchannel("A")) < 128).any())
