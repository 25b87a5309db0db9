"""A static key-value cache with a row for each slot, written at each row's own position.

Invariant: its tensor never moves while it lives, so a captured CUDA graph stays valid; what a row's mask hides is
finite, so it adds nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers.cache_utils import Cache


class KvCache(Cache):
    """The keys and values of all layers: (layers, keys and values, rows, heads, length, head size)."""

    def __init__(self, model: Any, rows: int, length: int) -> None:
        super().__init__(layers=[])
        config = model.config
        self.rows, self.length = rows, length
        shape = (config.num_hidden_layers, 2, rows, config.num_key_value_heads, length, head_size(config))
        self._states = torch.zeros(shape, dtype=model.dtype, device=model.device)  # on a CPU, paged in where written
        self._row_numbers = torch.arange(rows, device=model.device)
        self._shape: tuple[slice, int] | None = None
        self._layers: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._span: slice | None = None
        self._positions = torch.empty(0)

    def select_span(self, row: int, start: int, stop: int) -> None:
        """The next forward computes one row's tokens from `start` to `stop`."""
        self._select(slice(row, row + 1), stop)
        self._span = slice(start, stop)

    def select_each(self, positions: torch.Tensor, length: int) -> None:
        """The next forward computes one token of each of the first rows, at `positions` (rows,) below `length`."""
        self._select(slice(0, len(positions)), length)
        self._span, self._positions = None, positions

    def update(  # the one method that a model's attention calls
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write new states (rows, heads, tokens, head size); return the selected rows' whole states."""
        keys, values = self._layers[layer_idx]
        if self._span is not None:
            keys[:, :, self._span] = key_states
            values[:, :, self._span] = value_states
        else:
            rows = self._row_numbers[: len(keys)]
            keys[rows, :, self._positions] = key_states[:, :, 0]
            values[rows, :, self._positions] = value_states[:, :, 0]
        return keys, values

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return 0: how far each row is filled, the decoder knows."""
        return 0

    def read(self, row: int, start: int, stop: int) -> torch.Tensor:
        """Return a copy of a row's states at some positions, of all layers."""
        return self._states[:, :, row, :, start:stop].clone()

    def write(self, row: int, states: torch.Tensor) -> None:
        """Put states of all layers at a row's first positions."""
        self._states[:, :, row, :, : states.shape[-2]] = states

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first positions of a row to another."""
        self._states[:, :, target, :, :length] = self._states[:, :, source, :, :length]

    def copy_from(self, other: KvCache) -> None:
        """Take over the rows of a shorter cache."""
        self._states[:, :, : other.rows, :, : other.length] = other._states

    def _select(self, rows: slice, length: int) -> None:
        if self._shape != (rows, length):
            self._shape = (rows, length)
            self._layers = [(keys[rows, :, :length], values[rows, :, :length]) for keys, values in self._states]


def head_size(config: Any) -> int:
    return int(getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads)


def token_bytes(model: Any) -> int:
    """Return the bytes that one token's keys and values take."""
    config = model.config
    numbers = 2 * config.num_hidden_layers * config.num_key_value_heads * head_size(config)
    return int(numbers * model.dtype.itemsize)
