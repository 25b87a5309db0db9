"""Trains what tells replies that ask for a change from talk, on rows that people could have written.

The rows stand in `training/world/replies`, a file a language, a kind and a text in each line. A run takes a minute and
is not resumed: the whole set is one batch, so the weights are the same in each run on the same machine.
"""

import logging
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

FOLDER = Path(__file__).parents[1] / "world" / "replies"
ITERATIONS = 60
DECAY = 1e-6
"""Of 1e-6, 2e-6, 5e-6 and 2e-5 the one that found most changes among rows left out, at the same share of chats."""


NOISE = 10
"""One in so many further rows is of random letters, which are no wish: else what no row has would weigh by chance."""


class Row(NamedTuple):
    """A reply, and whether it asks for a change."""

    text: str
    asks: bool


def read_rows(every: int = 1) -> list[Row]:
    """Return each `every`-th row of each language."""
    lines = [line for path in sorted(FOLDER.glob("*.tsv")) for line in path.read_text("utf-8").splitlines()[::every]]
    return [Row(text, kind == "change") for kind, _, text in (line.partition("\t") for line in lines)]


def train_replies(home: Path, every: int) -> None:
    """Write the weights beside the home's checkpoints; nothing where they are there."""
    path = home / FILE
    if path.exists():
        return
    rows = read_rows(every)
    rows += _random_letters(len(rows) // NOISE)
    inputs, wanted = _inputs(rows), torch.tensor([float(row.asks) for row in rows])
    weights = _fitted(inputs, wanted)
    right = ((inputs @ weights[:, None])[:, 0] > 0) == wanted.bool()
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
    places, values = [], []
    for index, row in enumerate(rows):
        buckets, value = features(row.text)
        places += [(index, bucket) for bucket in (*buckets, BUCKETS)]
        values += [value] * len(buckets) + [1.0]
    size = (len(rows), BUCKETS + 1)
    return torch.sparse_coo_tensor(torch.tensor(places).T, torch.tensor(values), size, check_invariants=True).coalesce()


def _fitted(inputs: Tensor, wanted: Tensor) -> Tensor:
    weights = torch.zeros(BUCKETS + 1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        error = binary_cross_entropy_with_logits((inputs @ weights[:, None])[:, 0], wanted)
        total: Tensor = error + DECAY * weights[:BUCKETS].square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    return weights.detach()
