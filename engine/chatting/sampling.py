"""Chooses the next token of each answer from its logits, as transformers' `generate` would for that answer alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch


class TokenChoice:
    """How the tokens of one answer are chosen.

    `sampling` are generate's arguments; what they leave out is as the model's generation_config says. With a `seed`
    the same logits give the same tokens, whoever else is answered.
    """

    def __init__(self, model: Any, prompt: Sequence[int], sampling: dict[str, Any], seed: int | None = None) -> None:
        config, _ = model._prepare_generation_config(None, **sampling)
        model._prepare_special_tokens(config, device=model.device)
        ids = torch.tensor([prompt], device=model.device)
        self._processors = model._get_logits_processor(config, len(prompt), ids, device=model.device)
        self._samples = bool(config.do_sample)
        self._generator: torch.Generator | None = None
        if seed is not None:
            self._generator = torch.Generator(model.device).manual_seed(seed)

    @property
    def is_greedy(self) -> bool:
        """Whether the allowed token with the largest logit is taken."""
        return not self._samples and not self._processors

    def pick(self, ids: Sequence[int], scores: torch.Tensor) -> int:
        """Return the token after `ids`, from the scores (1, tokens) of those that are allowed."""
        scores = self._processors(torch.tensor([ids], device=scores.device), scores)
        if not self._samples:
            return int(scores.argmax(dim=-1))
        chances = torch.softmax(scores, dim=-1)
        return int(torch.multinomial(chances, 1, generator=self._generator))


class Choosing(Protocol):
    """An answer whose next token is due."""

    @property
    def choice(self) -> TokenChoice: ...
    @property
    def ids(self) -> Sequence[int]: ...
    @property
    def allowed(self) -> torch.Tensor | None:
        """Whether each token (tokens,) may be next; None where every one may."""


def choose(answers: Sequence[Choosing], logits: torch.Tensor) -> list[int]:
    """Return the next token of each answer, from the logits (answers, tokens)."""
    scores = logits.float()
    masks = {row: answer.allowed for row, answer in enumerate(answers) if answer.allowed is not None}
    if masks:
        allowed = torch.ones(scores.shape, dtype=torch.bool)
        for row, mask in masks.items():
            allowed[row] = mask[: scores.shape[1]]
        scores = scores.masked_fill(~allowed.to(scores.device), float("-inf"))
    best = scores.argmax(dim=-1).tolist()
    return [
        token if answer.choice.is_greedy else answer.choice.pick(answer.ids, scores[row : row + 1])
        for row, (answer, token) in enumerate(zip(answers, best, strict=True))
    ]
