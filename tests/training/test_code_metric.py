"""Errors in a decoder's codes count by what they change in its picture."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from training.stages.code_metric import code_metric
from training.stages.illustrator import WIDTH, Illustrator

IGNORED, STRONG = 3, 5


@pytest.fixture(scope="module")
def illustrator() -> Illustrator:
    """Return one whose picture does not change with one number of its codes, and much with another."""
    torch.manual_seed(0)
    made = Illustrator(56)
    layers = made.decoder.layers
    reads = layers[next(at for at, layer in enumerate(layers) if isinstance(layer, nn.Upsample)) + 1]
    with torch.no_grad():
        reads.weight[:, IGNORED] = 0
        reads.weight[:, STRONG] *= 8
    return made


def test_what_changes_no_picture_counts_least_and_what_changes_most_of_it_most(illustrator: Illustrator) -> None:
    codes = torch.rand(3, WIDTH, 16, 16, generator=torch.Generator().manual_seed(1)) * 2
    metric = code_metric(illustrator, codes)
    assert torch.allclose(metric, metric.T, atol=1e-5)
    assert metric.square().sum().item() == pytest.approx(WIDTH, rel=1e-3)
    counts = (torch.eye(WIDTH) @ metric).square().sum(1)
    assert (counts.argmin().item(), counts.argmax().item()) == (IGNORED, STRONG)
    assert torch.equal(metric, code_metric(illustrator, codes))


def test_codes_of_a_few_cells_will_do(illustrator: Illustrator) -> None:
    assert code_metric(illustrator, torch.rand(1, WIDTH, 2, 3)).isfinite().all()
