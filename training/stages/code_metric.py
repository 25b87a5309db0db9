"""What an error in a gallery decoder's codes counts: by what it changes in the picture that is drawn of them.

Of 96 numbers a few move large parts of a picture and most hardly any, since training never had to keep them alike. A
decoder that learns all of them alike spends itself on what nobody sees.
"""

from typing import Final

import torch
from torch import Tensor

from training.stages.illustrator import WIDTH, Illustrator

CROPS, CROP = 6, 4
"""Pieces of coded pictures that it is taken from, so many cells wide and high."""

NUDGE: Final = 0.2
"""How far a number is moved: about a tenth of the codes' deviation."""

EVEN: Final = 0.25
"""The power of the picture's own metric, half of what makes errors count as squares of pixels: these count large even
parts more than eyes. With 0 all numbers are alike."""


@torch.no_grad()
def code_metric(illustrator: Illustrator, codes: Tensor) -> Tensor:
    """(96, 96) by which errors are multiplied before they are squared, and which makes them no larger all in all.

    `codes` are those of pictures, (n, 96, rows, columns).
    """
    generator = torch.Generator().manual_seed(0)
    rows, columns = (int(side) for side in codes.shape[2:])
    tops = torch.randint(max(1, rows - CROP + 1), (CROPS,), generator=generator).tolist()
    lefts = torch.randint(max(1, columns - CROP + 1), (CROPS,), generator=generator).tolist()
    chosen = torch.randint(len(codes), (CROPS,), generator=generator).tolist()
    pieces = torch.stack(
        [codes[at, :, top : top + CROP, left : left + CROP] for at, top, left in zip(chosen, tops, lefts, strict=True)]
    )
    signs = torch.randint(2, (CROPS, *pieces.shape[2:]), generator=generator).to(codes) * 2 - 1
    plain = illustrator.finish_half(pieces).float()
    changes = []
    for number in range(WIDTH):
        moved = pieces.clone()
        moved[:, number] += NUDGE * signs
        changes.append((illustrator.finish_half(moved).float() - plain).flatten())
    felt = torch.stack(changes).double()
    values, vectors = torch.linalg.eigh(felt @ felt.T)
    scaled = values.clamp(min=values[-1] * 1e-4) ** EVEN
    metric: Tensor = vectors * (scaled / scaled.square().mean().sqrt()) @ vectors.T
    return metric.to(codes)
