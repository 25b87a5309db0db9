"""Remembers prompts' embeddings, so that a picture again, a variation or the same words for someone else need no text
encoder.

Invariant: a remembered embedding equals a fresh one to the bit, read with the same LoRAs; no words are kept, and no
more than `MAX_BYTES`.
"""

from __future__ import annotations

import functools
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map

from engine.batching.phases import phase
from engine.device_memory import wait_for_device
from engine.jobs.phases import Phase
from engine.jobs.requests import Loras
from engine.painting.adapters import Adapters
from engine.painting.encoder_layers import only_layers_read

MAX_BYTES = 256 << 20
"""Of the host's memory: FLUX.2-klein's embeddings take 8 MB a prompt, SDXL's 1.3."""

_PLAIN = (str, int, float, bool, type(None), torch.dtype, torch.device)


class Embeddings:
    """The embeddings of one set of text encoders, least recently used first. They are kept in the host's memory."""

    def __init__(self, max_bytes: int = MAX_BYTES, adapters: Adapters | None = None) -> None:
        self._max_bytes = max_bytes
        self._adapters = adapters or Adapters()
        self._kept: OrderedDict[bytes, tuple[Any, Any, int]] = OrderedDict()
        self._bytes = 0

    def remember(self, view: Any, loras: Loras = ()) -> None:
        """Let a pipeline's view of its own look here before it encodes a prompt, which it does with these LoRAs."""
        encode = getattr(view, "encode_prompt", None)
        if encode is None:
            return

        @functools.wraps(encode)
        def encode_prompt(*args: Any, **options: Any) -> Any:
            state = {name: value for name, value in vars(view).items() if isinstance(value, _PLAIN)}
            with only_layers_read(view, encode, options):
                return self.recall((type(view), args, options, state), lambda: encode(*args, **options), loras)

        view.encode_prompt = encode_prompt

    def recall(self, asked: tuple[Any, ...], encode: Callable[[], Any], loras: Loras = ()) -> Any:
        """Return what `encode` gives with these LoRAs, or gave for the same question and those that read.

        A question that holds tensors is not remembered.
        """
        parts = tree_leaves(asked)
        if not all(isinstance(part, (*_PLAIN, type)) for part in parts):
            with phase(Phase.TEXT_ENCODER), self._adapters.reading(loras):
                return encode()
        key = hashlib.sha256(repr((asked, self._adapters.of_text(loras))).encode()).digest()
        if key in self._kept:
            self._kept.move_to_end(key)
            kept, devices, _ = self._kept[key]
            return tree_map(_on, kept, devices)
        with phase(Phase.TEXT_ENCODER), self._adapters.reading(loras):
            fresh = encode()
            wait_for_device()
        self._keep(key, fresh)
        return fresh

    def _keep(self, key: bytes, fresh: Any) -> None:
        size = sum(leaf.nbytes for leaf in tree_leaves(fresh) if isinstance(leaf, torch.Tensor))
        if size > self._max_bytes:
            return
        self._kept[key] = (tree_map(_copy, fresh), tree_map(_device, fresh), size)
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._bytes -= self._kept.popitem(last=False)[1][2]


def _copy(leaf: Any) -> Any:
    return leaf.to("cpu", copy=True) if isinstance(leaf, torch.Tensor) else leaf


def _device(leaf: Any) -> Any:
    return leaf.device if isinstance(leaf, torch.Tensor) else None


def _on(leaf: Any, device: Any) -> Any:
    """Return a copy on its device: pipelines may change what they are given."""
    return leaf.to(device, copy=True) if isinstance(leaf, torch.Tensor) else leaf
