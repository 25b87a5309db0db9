"""What finds changes among the replies that the tables take for chat: its rows, its training, the weights that ship."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.starter.reader.kinds import kind_of
from engine.starter.reader.reply_classifier import FILE, ReplyClassifier
from engine.starter.reader.rewrites import rewritten
from engine.starter.reader.words.vocabulary import Vocabulary
from training.stages.replies import FOLDER, read_rows, train_replies

SHIPPED = Path(__file__).parents[2] / "engine" / "starter" / "models" / "planner"
STRANGERS = Path(__file__).parents[1] / "strangers" / "replies.jsonl"


def test_each_language_has_as_much_chat_as_changes_and_no_row_twice() -> None:
    for path in FOLDER.glob("*.tsv"):
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
        counts = Counter(kind for kind, _ in rows)
        assert set(counts) == {"chat", "change"} and 0.9 < counts["chat"] / counts["change"] < 1.1, path
        assert len({text.casefold() for _, text in rows}) > 0.99 * len(rows), path


def test_no_stranger_s_row_is_learnt() -> None:
    learnt = {row.text for row in read_rows()}
    rows = [json.loads(line)["reply"] for line in STRANGERS.read_text("utf-8").splitlines()]
    assert [row for row in rows if row in learnt and len(row.split()) > 2] == []


def test_a_training_comes_to_the_same_bits(tmp_path: Path) -> None:
    for name in ("one", "two"):
        train_replies(tmp_path / name, every=40)
    one, two = (load_file(tmp_path / name / FILE)["weights"] for name in ("one", "two"))
    assert np.array_equal(one, two) and np.abs(one).max() > 0


def test_what_ships_finds_changes_of_strangers_that_the_tables_overlook_and_takes_no_more_chat_for_one() -> None:
    vocabulary = Vocabulary(json.loads((SHIPPED / "limner.json").read_text("utf-8"))["words"])
    classifier = ReplyClassifier.load(SHIPPED)
    assert classifier is not None
    rows = [json.loads(line) for line in STRANGERS.read_text("utf-8").splitlines()]
    overlooked = [row for row in rows if kind_of(rewritten(row["reply"], edit=True), vocabulary)["kind"] == "chat"]
    found = Counter(row["kind"] for row in overlooked if classifier.asks(row["reply"]))
    assert found["change"] >= 5 and found["chat"] <= 1, found


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="have the shape"):
        ReplyClassifier(np.zeros(7, np.float16))


def test_a_language_model_without_such_weights_has_none(tmp_path: Path) -> None:
    assert ReplyClassifier.load(tmp_path) is None
