"""The things to train on: taken from published sets or from one's own pictures, checked, and reported."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.starter.lexicon.english import plural as english
from tests.training.conftest import SHAPES, draw_own
from training.__main__ import main
from training.gallery.chosen import CHOSEN, Chosen
from training.gallery.gallery import SIDE, Gallery
from training.gallery.names import LANGUAGES, clean
from training.gallery.own import prepare_own
from training.gallery.prepare import prepare
from training.gallery.rasterise import MARGIN
from training.gallery.sources import DRAWINGS, SourceError, files_of, unpack
from training.world.plurals import plurals


def published(folder: Path) -> dict[str, Path]:
    """Sets in the form of the published ones: two drawings, three labels, two of them with a keyword in common."""
    drawings, names = folder / "drawings", folder / "names"
    drawings.mkdir(parents=True)
    icons = {
        "dog": {"body": '<circle cx="16" cy="16" r="10" fill="#c84"/>'},
        "rose": {"body": '<rect x="4" y="8" width="8" height="24" fill="#d22"/>'},
    }
    (drawings / "icons.json").write_text(json.dumps({"icons": icons, "width": 32, "height": 32}))
    (drawings / "chars.json").write_text(json.dumps({"1f415": "dog", "1f339": "rose"}))
    labels = {
        "en": ("dog", "rose", "castle"), "de": ("Hund (Tier)", "Rose, Blume", "Burg"), "zh": ("狗", "玫瑰", "城堡"),
    }  # fmt: skip
    for code in LANGUAGES:
        (names / code).mkdir(parents=True)
        dog, rose, castle = labels.get(code, labels["en"])
        entries = [
            {"hexcode": "1F415", "label": dog, "tags": ["hound", "nature"]},
            {"hexcode": "1F339", "label": rose, "tags": ["nature"]},
            {"hexcode": "1F3F0", "label": castle},
        ]
        (names / code / "data.json").write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    return {"drawings": drawings, "names": names}


LINES = (
    Chosen("dog", "dog", "ground", True), Chosen("rose", "flower", "ground", False),
    Chosen("castle", "castle", "ground", False), Chosen("unheard", "unheard", "air", False),
)  # fmt: skip


def test_a_gallery_holds_what_is_chosen_and_the_report_says_what_is_missing_and_why(tmp_path: Path) -> None:
    report = prepare(tmp_path, published(tmp_path), LINES)
    gallery = Gallery.load(tmp_path / "things")
    assert gallery.words == ("dog", "flower")
    assert "castle: the set has no drawing" in report
    assert "unheard: the names have no such label" in report
    assert "| @iconify-json/fluent-emoji-flat | 1.2.6 | MIT |" in report
    assert (tmp_path / "things" / "report.md").read_text(encoding="utf-8") == report


def test_a_things_names_are_cleaned_and_a_shared_keyword_names_neither(tmp_path: Path) -> None:
    prepare(tmp_path, published(tmp_path), LINES)
    dog, flower = Gallery.load(tmp_path / "things").things
    assert (dog.names["de"].label, flower.names["de"].label) == ("hund", "rose")
    assert dog.names["en"].synonyms == ("hound",)
    assert flower.names["en"].synonyms == ("rose",), "its own label stays a word for it"
    assert dog.names["en"].plurals == ("dogs",)
    assert dog.names["zh"].plurals == ()


def test_a_drawing_stands_on_its_edge_and_fills_its_square(tmp_path: Path) -> None:
    prepare(tmp_path, published(tmp_path), LINES)
    for drawing in Gallery.load(tmp_path / "things").drawings:
        rows, columns = np.nonzero(drawing[..., 3] > 8)
        left, top, right, low = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        assert low == SIDE - MARGIN
        assert max(right - left, low - top) == pytest.approx(SIDE - 2 * MARGIN, abs=1)


def test_the_table_has_three_hundred_things_with_a_word_each() -> None:
    words = [line.word for line in CHOSEN]
    assert len(words) >= 300
    assert len(set(words)) == len(words)


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_an_archive_is_unpacked_only_if_it_is_the_published_one(tmp_path: Path) -> None:
    content = archive({"icons.json": b"{}", "chars.json": b"{}"})
    (tmp_path / "set.tgz").write_bytes(content)
    with pytest.raises(SourceError, match="is another file"):
        unpack(DRAWINGS, tmp_path / "set.tgz", tmp_path)
    right = replace(DRAWINGS, sha512=b64encode(hashlib.sha512(content).digest()).decode())
    unpack(right, tmp_path / "set.tgz", tmp_path)
    assert files_of(right, tmp_path, tmp_path) == tmp_path


def npm(folder: Path, script: str) -> str:
    """A PATH whose npm is this shell script."""
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_npm_fetches_a_set_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive({"icons.json": b"{}", "chars.json": b"{}"})
    (tmp_path / "set.tgz").write_bytes(content)
    source = replace(DRAWINGS, sha512=b64encode(hashlib.sha512(content).digest()).decode())
    calls = tmp_path / "calls"
    monkeypatch.setenv("PATH", npm(tmp_path / "bin", f'echo "$@" >> {calls}; cp {tmp_path}/set.tgz "$4/set.tgz"'))
    folder = files_of(source, tmp_path / "home")
    assert sorted(path.name for path in folder.iterdir()) == ["chars.json", "icons.json"]
    assert files_of(source, tmp_path / "home") == folder
    assert calls.read_text().splitlines()[0].startswith("pack @iconify-json/fluent-emoji-flat@1.2.6 ")
    assert len(calls.read_text().splitlines()) == 1


def test_without_the_network_one_sentence_says_what_npm_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", npm(tmp_path / "bin", "echo 'npm error network is down' >&2; exit 1"))
    assert main(["data", "--home", str(tmp_path / "home")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("limner train data: npm could not fetch @iconify-json/fluent-emoji-flat@1.2.6: npm error")
    assert not (tmp_path / "home" / "things").exists()
    assert len(error.strip().splitlines()) == 1


def test_a_folder_that_is_not_the_set_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "--home", str(tmp_path), "--from", f"drawings={tmp_path}"]) == 1
    assert "it has no icons.json" in capsys.readouterr().err


def test_ones_own_pictures_become_a_gallery(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures, captions = draw_own(tmp_path)
    Image.new("RGB", (40, 40), "red").save(pictures / "solid.png")
    told = json.loads(captions.read_text()) | {"solid.png": "wall", "gone.png": "ghost"}
    captions.write_text(json.dumps(told))
    command = ["data", "--home", str(tmp_path), "--pictures", str(pictures), "--captions", str(captions)]
    assert main(command) == 0
    report = capsys.readouterr().out
    assert "solid.png: its background is not transparent" in report
    assert "gone.png: there is no such file" in report
    gallery = Gallery.load(tmp_path / "things")
    assert gallery.words == tuple(SHAPES)
    assert [thing.stands for thing in gallery.things] == ["ground", "ground", "ground", "water", "air"]
    assert gallery.things[0].names["de"].label == "ballchen"
    assert np.asarray(gallery.drawings).shape == (5, SIDE, SIDE, 4)


@pytest.mark.parametrize(
    ("captions", "said"),
    [
        ("[1]", "one JSON object"),
        ("{", "cannot be read as JSON"),
        ('{"ball.png": 3}', "needs a word"),
        ('{"ball.png": {"word": "ball", "stands": "moon"}}', "ground, water or air"),
        ('{"ball.png": "ball", "box.png": "ball"}', "two pictures the word 'ball'"),
        ('{"none.png": "ball"}', "names no picture"),
    ],
)
def test_captions_that_cannot_be_used_are_named(tmp_path: Path, captions: str, said: str) -> None:
    pictures, file = draw_own(tmp_path)
    file.write_text(captions)
    with pytest.raises(SourceError, match=said):
        prepare_own(tmp_path, pictures, file)
    assert not (tmp_path / "things").exists()


@pytest.mark.parametrize(
    ("word", "several"),
    [("dog", "dogs"), ("fox", "foxes"), ("cherry", "cherries"), ("monkey", "monkeys"), ("mouse", "mice"),
     ("volcano", "volcanoes"), ("sheep", "sheep"), ("bread", "bread"), ("bus", "buses")],
)  # fmt: skip
def test_english_plurals(word: str, several: str) -> None:
    assert english(word) == several


@pytest.mark.parametrize(
    ("language", "word", "several"),
    [("es", "perro", "perros"), ("es", "pez", "peces"), ("es", "muñeco de nieve", "muñecos de nieve"),
     ("fr", "gâteau", "gâteaux"), ("it", "cane", "cani"), ("pt", "balão", "balões"), ("de", "Katze", "Katzen"),
     ("de", "Hund", "Hunde"), ("nl", "hond", "honden"), ("sv", "bil", "bilar"), ("ru", "собака", "собаки"),
     ("pl", "kot", "koty")],
)  # fmt: skip
def test_the_plural_that_people_write_is_among_the_forms(language: str, word: str, several: str) -> None:
    assert several in plurals(language, word)


def test_languages_without_plurals_have_none() -> None:
    assert plurals("zh", "狗") == plurals("ja", "犬") == plurals("ko", "개") == ()


@pytest.mark.parametrize(
    ("label", "said"),
    [("Hund (Tier)", "hund"), ("ऑटोमोबाइल, कार", "ऑटोमोबाइल"), ("“Rose”", "rose"), ("犬【いぬ】", "犬")],
)
def test_labels_become_what_people_say(label: str, said: str) -> None:
    assert clean(label) == said


def test_without_its_extra_it_says_so_in_one_sentence_and_still_gives_help() -> None:
    gone = (
        "import sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('torch', 'numpy'): raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Gone())\n"
        "from training.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", gone, *arguments], capture_output=True, text=True)

    failed, helped = run("all", "--tiny"), run("--help")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "limner train needs torch, which is not installed: pip install 'limner[engine,train]'\n"
    assert helped.returncode == 0
    assert "limner train" in helped.stdout
