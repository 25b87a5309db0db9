"""Keeps the language model within a grammar, token by token."""

from __future__ import annotations

from typing import Any

import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer

from engine.api.errors import Internal


def vocabulary(tokenizer: Any, size: int, ends: list[int]) -> LLTokenizer:
    """Prepare a model's tokenizer for constraints, once: `size` logits, of which `ends` finish an answer."""
    return from_tokenizer(tokenizer, n_vocab=max(size, len(tokenizer)), eos_token=ends)


class Constraint:
    """A logits processor for one answer of one sequence: forbids each token that the grammar does not allow next."""

    def __init__(self, tokens: LLTokenizer, grammar: str) -> None:
        self._matcher = LLMatcher(tokens, grammar)
        self._seen: int | None = None

    def __call__(self, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Take the ids so far (1, length) and the next token's scores (1, vocabulary); return them masked."""
        if self._seen is not None:
            self._matcher.consume_tokens(ids[0, self._seen :].tolist())
        self._seen = ids.shape[1]
        if self._matcher.is_error():
            raise Internal(f"The grammar of this answer broke: {self._matcher.get_error().splitlines()[0]}")
        allowed = torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8)
        return scores.masked_fill(allowed[: scores.shape[1]].to(scores.device) == 0, float("-inf"))
