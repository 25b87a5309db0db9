"""Keeps the keys and values of prompts' beginnings, so that instructions that many requests share are read once.

Invariant: a block is used only after exactly the tokens that it was computed after; no words are kept, their hashes
alone, and no more than `MAX_TOKENS` tokens.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256

import torch

from engine.chatting.kv_cache import KvCache

BLOCK = 16
"""Tokens of one block."""
MAX_TOKENS = 4096


class PrefixCache:
    """Blocks of states by the hash of all tokens up to their end, the least recently used first."""

    def __init__(self, max_tokens: int = MAX_TOKENS) -> None:
        self._max_blocks = max_tokens // BLOCK
        self._blocks: OrderedDict[bytes, torch.Tensor] = OrderedDict()

    def restore(self, ids: Sequence[int], cache: KvCache, row: int) -> int:
        """Put the known states of these tokens into a row; return of how many. At least one is left to be read."""
        known = []
        for key in _keys(ids[:-1]):
            if key not in self._blocks:
                break
            known.append(key)
        if known:
            cache.write(row, torch.cat([self._blocks[key] for key in known], dim=-2))
        self._touch(known)
        return len(known) * BLOCK

    def keep(self, ids: Sequence[int], cache: KvCache, row: int) -> None:
        """Keep a row's states of a prompt that it has read."""
        keys = _keys(ids)[: self._max_blocks]
        for number, key in enumerate(keys):
            if key not in self._blocks:
                self._blocks[key] = cache.read(row, number * BLOCK, (number + 1) * BLOCK)
        self._touch(keys)
        while len(self._blocks) > self._max_blocks:
            self._blocks.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._blocks.clear()

    def _touch(self, keys: Sequence[bytes]) -> None:
        for key in reversed(keys):  # a block is worth nothing without those before it, so ends are forgotten first
            self._blocks.move_to_end(key)


def _keys(ids: Sequence[int]) -> list[bytes]:
    """Return the keys of the whole blocks of a prompt."""
    keys, before = [], b""
    for start in range(0, len(ids) - BLOCK + 1, BLOCK):
        before = sha256(before + repr(ids[start : start + BLOCK]).encode()).digest()
        keys.append(before)
    return keys
