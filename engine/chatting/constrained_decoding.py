"""Constrained decoding: masks the logits of every token that the grammar does not allow next."""

from __future__ import annotations

from typing import Any

import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer

from engine.api.errors import Internal


def grammar_tokenizer(tokenizer: Any, size: int, ends: list[int]) -> LLTokenizer:
    """Return the tokenizer as llguidance needs it: `size` logits, of which `ends` finish an answer."""
    return from_tokenizer(tokenizer, n_vocab=max(size, len(tokenizer)), eos_token=ends)


class GrammarLogitsProcessor:
    """A transformers logits processor for one answer of one sequence."""

    def __init__(self, tokens: LLTokenizer, grammar: str) -> None:
        self._matcher = LLMatcher(tokens, grammar)
        self._consumed: int | None = None

    def __call__(self, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the next token's scores (1, tokens), -inf where the grammar forbids it, after the ids (1, n)."""
        if self._consumed is not None:
            self._matcher.consume_tokens(ids[0, self._consumed :].tolist())
        self._consumed = ids.shape[1]
        if self._matcher.is_error():
            raise Internal(f"The grammar of this answer broke: {self._matcher.get_error().splitlines()[0]}")
        allowed = torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8)
        return scores.masked_fill(allowed[: scores.shape[1]].to(scores.device) == 0, float("-inf"))
