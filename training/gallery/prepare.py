"""`limner train data`: makes the gallery from a published set of drawings, and reports what it took and left out."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.gallery.chosen import CHOSEN, Chosen
from training.gallery.gallery import Gallery, Thing
from training.gallery.names import LANGUAGES, NameBook
from training.gallery.rasterise import from_svg
from training.gallery.sources import DRAWINGS, NAMES, Source, files_of
from training.runtime.atomic_files import write_whole


@dataclass(frozen=True, slots=True)
class Drawings:
    """The icons of one set in Iconify's JSON."""

    icons: dict[str, dict[str, Any]]
    by_code: dict[str, str]
    """The icon's name for a code point, in lower case."""

    size: int

    @classmethod
    def read(cls, folder: Path) -> "Drawings":
        icons = json.loads((folder / "icons.json").read_text(encoding="utf-8"))
        by_code = json.loads((folder / "chars.json").read_text(encoding="utf-8"))
        return cls(icons["icons"], by_code, icons.get("height", 16))

    def draw(self, code: str) -> np.ndarray | None:
        """The pixels of a code point's drawing; None where the set has none."""
        code = code.lower()
        icon = self.icons.get(self.by_code.get(code, self.by_code.get(code.replace("-fe0f", ""), "")))
        if icon is None:
            return None
        return from_svg(icon["body"], icon.get("width", self.size), icon.get("height", self.size))


def prepare(home: Path, folders: dict[str, Path], chosen: Sequence[Chosen] = CHOSEN) -> str:
    """Write the gallery and its report under `home`; `folders` names sources that are there. Returns the report."""
    drawings = Drawings.read(files_of(DRAWINGS, home, folders.get(DRAWINGS.name)))
    book = NameBook(files_of(NAMES, home, folders.get(NAMES.name)))
    taken, pixels, codes, left_out = [], [], [], []
    for line in chosen:
        code = book.code(line.label)
        drawing = drawings.draw(code) if code else None
        if code is None or drawing is None:
            left_out.append((line.label, "the names have no such label" if code is None else "the set has no drawing"))
            continue
        taken.append(line)
        pixels.append(drawing)
        codes.append(code)
    names = book.names(codes, [line.word for line in taken])
    things = [
        Thing(line.word, line.stands, line.recolors, line.whole, named)
        for line, named in zip(taken, names, strict=True)
    ]
    gallery = Gallery(tuple(things), np.stack(pixels))
    gallery.save(home / "things")
    report = _report(gallery, left_out, len(drawings.icons))
    write_whole(home / "things" / "report.md", lambda path: path.write_text(report, encoding="utf-8"))
    return report


def _report(gallery: Gallery, left_out: list[tuple[str, str]], offered: int) -> str:
    """What the gallery holds, where it comes from, and what is missing, as Markdown."""
    lines = ["# The gallery", "", "| source | version | license | work of |", "| --- | --- | --- | --- |"]
    lines += [_row(source) for source in (DRAWINGS, NAMES)]
    reasons = Counter(reason for _, reason in left_out)
    lines += ["", f"{len(gallery.things)} things of {offered} drawings: those of the table `chosen.py`. The others are"]
    lines += [
        "signs, flags, faces, gestures, parts of bodies, doubles of a chosen thing, or too small to be recognised."
    ]
    lines += [
        "",
        f"Left out of the table: {len(left_out)}" + "".join(f"; {n} because {why}" for why, n in reasons.items()),
    ]
    lines += [f"- {label}: {why}" for label, why in left_out]
    lines += ["", "| language | things with a name | with plural forms | synonyms |", "| --- | --- | --- | --- |"]
    lines += [_language_row(gallery, code) for code in LANGUAGES]
    missing = [f"{thing.word} ({code})" for code in LANGUAGES for thing in gallery.things if code not in thing.names]
    lines += ["", "Without a name: " + (", ".join(missing) or "none") + "."]
    return "\n".join(lines) + "\n"


def _row(source: Source) -> str:
    return f"| {source.package} | {source.version} | {source.license} | {source.work_of} |"


def _language_row(gallery: Gallery, code: str) -> str:
    names = [thing.names[code] for thing in gallery.things if code in thing.names]
    plural, synonyms = sum(bool(name.plurals) for name in names), sum(len(name.synonyms) for name in names)
    return f"| {code} | {len(names)} | {plural} | {synonyms} |"
