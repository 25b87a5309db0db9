"""Trains what tells replies that ask for a change from talk, on rows that people could have written.

The rows stand in `training/world/replies`, a file a language, a kind and a text in each line; more are composed from
the patterns beside them, and the edits that the planner learns are changes too. Nothing is fetched. A run takes less
than a minute and is not resumed: the whole set is one batch, so the weights are the same in each run on one machine.
"""

import logging
import warnings
from pathlib import Path
from random import Random
from string import ascii_lowercase
from typing import NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from engine.starter.reader.reply_classifier import BUCKETS, FILE, features
from training.runtime.atomic_files import write_whole
from training.world.edits import sample_edit
from training.world.reply_patterns import FOLDER as PATTERNS
from training.world.reply_patterns import composed

FOLDER = Path(__file__).parents[1] / "world" / "replies"
ITERATIONS = 60
DECAY = 5e-7
"""Of 5e-7, 1e-6 and 2e-6 the one that told most rows of left-out patterns right."""
EACH = 8
"""So many replies are composed from a pattern."""
EDITS = 1_000

NOISE = 10
"""One in so many further rows is of random letters, which are no wish: else what no row has would weigh by chance."""


class Row(NamedTuple):
    """A reply, and whether it asks for a change."""

    text: str
    asks: bool


def read_rows(every: int = 1) -> list[Row]:
    """Return each `every`-th row of each language, replies composed from each `every`-th pattern, and plain edits."""
    lines = [line for path in sorted(FOLDER.glob("*.tsv")) for line in path.read_text("utf-8").splitlines()[::every]]
    written = [(kind, text) for kind, _, text in (line.partition("\t") for line in lines)]
    made = [row for path in sorted(PATTERNS.glob("*.tsv")) for row in composed(path, EACH, every)]
    random = Random("edits")
    edits = dict.fromkeys(sample_edit(random).text for _ in range(EDITS // every))
    return [Row(text, kind == "change") for kind, text in written + made] + [Row(text, asks=True) for text in edits]


def train_replies(home: Path, every: int) -> None:
    """Write the weights beside the home's checkpoints; nothing where they are there."""
    path = home / FILE
    if path.exists():
        return
    rows = read_rows(every)
    rows += _random_letters(len(rows) // NOISE)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse", UserWarning)  # torch calls its CSR tensors unfinished
        inputs, wanted = _inputs(rows), torch.tensor([float(row.asks) for row in rows])
        weights = _fitted(inputs, wanted)
    right = (inputs @ weights > 0) == wanted.bool()
    logging.info("replies: %d rows, %.1f %% of them told right", len(rows), 100 * right.float().mean())
    write_whole(path, lambda unfinished: save_file({"weights": weights.half()}, unfinished))


def _random_letters(count: int) -> list[Row]:
    random = Random("random letters")
    texts = (
        " ".join("".join(random.choices(ascii_lowercase, k=random.randint(3, 12))) for _ in range(random.randint(1, 8)))
        for _ in range(count)
    )
    return [Row(text, asks=False) for text in texts]


def _inputs(rows: list[Row]) -> Tensor:
    """Return a sparse matrix, a row for each reply."""
    starts, places, values = [0], list[int](), list[float]()
    for row in rows:
        buckets, value = features(row.text)
        places += [*buckets, BUCKETS]
        values += [value] * len(buckets) + [1.0]
        starts.append(len(places))
    return torch.sparse_csr_tensor(starts, places, values, (len(rows), BUCKETS + 1), check_invariants=True)


def _telling(inputs: Tensor, wanted: Tensor) -> Tensor:
    """Return how well each bucket alone tells changes from chat, as in NBSVM (Wang and Manning 2012), but its root: so
    what stands in rows of both kinds alike weighs little."""
    ones = torch.sparse_csr_tensor(
        inputs.crow_indices(), inputs.col_indices(), torch.ones_like(inputs.values()), inputs.shape
    )
    back = _transposed(ones)
    changes, chats = 1 + back @ wanted, 1 + back @ (1 - wanted)
    ratios = (changes / changes.sum()).log() - (chats / chats.sum()).log()
    telling: Tensor = ratios.abs().clamp(min=0.05).sqrt()
    telling[BUCKETS] = 1
    return telling


def _transposed(matrix: Tensor) -> Tensor:
    transposed: Tensor = matrix.to_sparse_coo().t().coalesce().to_sparse_csr()
    return transposed


def _fitted(inputs: Tensor, wanted: Tensor) -> Tensor:
    """Return logistic regression's weights. Its gradient is written out, since torch's own of a CSR matrix is slow."""
    telling = _telling(inputs, wanted)
    back = _transposed(inputs)
    weights = torch.zeros(BUCKETS + 1, requires_grad=True)
    kept = torch.ones(BUCKETS + 1)
    kept[BUCKETS] = 0  # nothing draws the bias to nought
    optimizer = torch.optim.LBFGS([weights], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        with torch.no_grad():
            logits, decayed = inputs @ (telling * weights), DECAY * kept * weights
            weights.grad = telling * (back @ (torch.sigmoid(logits) - wanted)) / len(wanted) + 2 * decayed
            return binary_cross_entropy_with_logits(logits, wanted) + (decayed * weights).sum()

    optimizer.step(loss)
    return telling * weights.detach()
