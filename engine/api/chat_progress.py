"""How a client says that a language model works at an answer; apart from the clients, which bring sockets along."""

from __future__ import annotations

from collections.abc import Callable

OnProgress = Callable[[bool], None]
"""Called with True at each token of an answer, its thoughts among them; with False where Limner's engine says that its
models work, for whomever."""


def ignore_progress(own: bool) -> None:
    """Take no note of it."""
