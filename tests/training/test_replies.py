"""What finds changes among the replies that the tables take for chat: its rows, its training, the weights that ship."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.starter.reader.kinds import kind_of
from engine.starter.reader.reply_classifier import BUCKETS, DROPS, FILE, FINDS, ReplyClassifier
from engine.starter.reader.rewrites import rewritten
from engine.starter.reader.words.vocabulary import Vocabulary
from training.stages.replies import FOLDER, read_rows, train_replies
from training.world.reply_patterns import FOLDER as PATTERNS
from training.world.reply_patterns import composed

SHIPPED = Path(__file__).parents[2] / "engine" / "starter" / "models" / "planner"
STRANGERS = Path(__file__).parents[1] / "strangers"


def test_each_language_has_as_much_chat_as_changes_and_no_row_twice() -> None:
    for path in FOLDER.glob("*.tsv"):
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
        counts = Counter(kind for kind, _ in rows)
        assert set(counts) == {"chat", "change"} and 0.9 < counts["chat"] / counts["change"] < 1.1, path
        assert len({text.casefold() for _, text in rows}) > 0.99 * len(rows), path


@pytest.mark.parametrize("path", sorted(PATTERNS.glob("*.tsv")), ids=lambda path: path.stem)
def test_each_pattern_is_composed_to_the_end_and_in_several_ways(path: Path) -> None:
    made = list(composed(path, 8))
    patterns = [line for line in path.read_text("utf-8").splitlines() if line.startswith(("chat\t", "change\t"))]
    assert len(made) > 6 * len(patterns) and made == list(composed(path, 8))
    assert [text for _, text in made if not text.strip() or set("[]{}|") & set(text)] == []


def test_rows_of_both_kinds_are_as_many() -> None:
    asks = [row.asks for row in read_rows()]
    assert 0.9 < 2 * sum(asks) / len(asks) < 1.1


def test_no_stranger_s_row_is_learnt() -> None:
    learnt = {row.text for row in read_rows()}
    for path in STRANGERS.glob("replies*.jsonl"):
        rows = [json.loads(line)["reply"] for line in path.read_text("utf-8").splitlines()]
        assert sum(row in learnt and len(row.split()) > 2 for row in rows) == 0, path.name


def test_a_training_comes_to_the_same_bits(tmp_path: Path) -> None:
    for name in ("one", "two"):
        train_replies(tmp_path / name, every=40)
    one, two = (load_file(tmp_path / name / FILE)["weights"] for name in ("one", "two"))
    assert np.array_equal(one, two) and np.abs(one).max() > 0


def test_what_ships_mends_both_kinds_of_the_tables_mistakes_with_strangers_and_spoils_little() -> None:
    vocabulary = Vocabulary(json.loads((SHIPPED / "limner.json").read_text("utf-8"))["words"])
    classifier = ReplyClassifier.load(SHIPPED)
    assert classifier is not None
    mended: Counter[str] = Counter()
    for line in (STRANGERS / "replies.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        by_tables = kind_of(rewritten(row["reply"], edit=True), vocabulary)["kind"]
        kind = "change" if classifier.asks(row["reply"], to_tables=by_tables == "change") else "chat"
        mended[row["kind"]] += (kind == row["kind"]) - (by_tables == row["kind"])
    assert mended["change"] >= 20 and mended["chat"] >= 3, mended


@pytest.mark.parametrize(
    ("bias", "to_tables", "asks"),
    [(DROPS - 0.1, True, False), (DROPS + 0.1, True, True), (FINDS - 0.1, False, False), (FINDS + 0.1, False, True)],
)
def test_the_tables_are_overruled_only_where_the_classifier_is_sure(bias: float, to_tables: bool, asks: bool) -> None:
    weights = np.zeros(BUCKETS + 1, np.float16)
    weights[BUCKETS] = bias
    assert ReplyClassifier(weights).asks("a boat", to_tables=to_tables) is asks


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="have the shape"):
        ReplyClassifier(np.zeros(7, np.float16))


def test_a_language_model_without_such_weights_has_none(tmp_path: Path) -> None:
    assert ReplyClassifier.load(tmp_path) is None
