"""Constrained decoding: which tokens the grammar of an answer allows next, and which it forces."""

from __future__ import annotations

from typing import Any

import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer

from engine.api.errors import BadRequest, Internal


def grammar_tokenizer(tokenizer: Any, size: int, ends: list[int]) -> LLTokenizer:
    """Return the tokenizer as llguidance needs it: `size` logits, of which `ends` finish an answer."""
    return from_tokenizer(tokenizer, n_vocab=max(size, len(tokenizer)), eos_token=ends)


class Grammar:
    """How far one answer has come in its grammar.

    Raises BadRequest where the grammar is too much for this tokenizer, Internal where it breaks later.
    """

    def __init__(self, tokens: LLTokenizer, grammar: str) -> None:
        self._matcher = LLMatcher(tokens, grammar)
        if self._matcher.is_error():
            reason = self._matcher.get_error().splitlines()[0].rstrip(".")
            raise BadRequest(f"response_format: this schema cannot be kept to: {reason}.", param="response_format")

    @property
    def is_over(self) -> bool:
        """Whether nothing but the end may follow."""
        return bool(self._matcher.is_stopped())

    def consume(self, tokens: list[int]) -> None:
        """Take the answer's next tokens."""
        self._matcher.consume_tokens(tokens)
        self._check()

    def forced(self) -> list[int]:
        """Return the next tokens as far as there is no choice, and take them."""
        tokens: list[int] = self._matcher.compute_ff_tokens()
        if tokens:
            self.consume(tokens)
        return tokens

    def allowed(self) -> torch.Tensor:
        """Return, for each token (tokens,), whether it may be next."""
        bias = torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8)
        self._check()
        return bias != 0

    def _check(self) -> None:
        if self._matcher.is_error():
            raise Internal(f"The grammar of this answer broke: {self._matcher.get_error().splitlines()[0]}")


class GrammarLogitsProcessor:
    """A transformers logits processor for one answer of one sequence."""

    def __init__(self, tokens: LLTokenizer, grammar: str) -> None:
        self._grammar = Grammar(tokens, grammar)
        self._consumed: int | None = None

    def __call__(self, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the next token's scores (1, tokens), -inf where the grammar forbids it, after the ids (1, n)."""
        if self._consumed is not None:
            self._grammar.consume(ids[0, self._consumed :].tolist())
        self._consumed = ids.shape[1]
        allowed = self._grammar.allowed()[: scores.shape[1]].to(scores.device)
        return scores.masked_fill(~allowed, float("-inf"))
