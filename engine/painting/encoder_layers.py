"""Runs a text encoder only as far as its pipeline reads: FLUX.2-klein reads the layers 9, 18 and 27 of a Qwen3 of 36.

Invariant: what is read equals what the whole encoder gives, to the bit. The encoder, which may be the language
model too, is whole again afterwards.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

LAYERS = "text_encoder_out_layers"
"""The argument of a pipeline's `encode_prompt` that names the layers; 0 is what goes into the first one."""


@contextmanager
def only_layers_read(pipeline: Any, encode: Callable[..., Any], options: Mapping[str, Any]) -> Iterator[None]:
    """Leave out a text encoder's layers above those that `encode(**options)` reads, and the head that predicts tokens.

    Does nothing for encoders that are not built as transformers' decoders are.
    """
    encoder: Any = getattr(pipeline, "text_encoder", None)
    decoder: Any = getattr(encoder, "model", None)
    parameters = inspect.signature(encode).parameters
    if LAYERS not in parameters or not isinstance(getattr(decoder, "layers", None), torch.nn.ModuleList):
        yield
        return
    # One layer more: the last one's output is listed after the final norm, where the whole encoder has it before.
    needed = max(options.get(LAYERS, parameters[LAYERS].default)) + 1
    layers, head = decoder.layers, encoder.lm_head
    decoder.layers, encoder.lm_head = layers[:needed], torch.nn.Identity()
    try:
        yield
    finally:
        decoder.layers, encoder.lm_head = layers, head
