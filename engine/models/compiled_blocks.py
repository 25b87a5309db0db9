"""A denoiser's repeated blocks beside their compiled forms: compiled on a thread of its own, while others compute.

Invariant: the model thread never compiles and never waits for it. It computes the plain blocks until it is told
otherwise, and also then whatever was not compiled before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch.fx.experimental import _config


class CompiledBlocks:
    """The blocks of one denoiser; which form computes is switched between two forwards."""

    def __init__(self, denoiser: Any, compiler: str) -> None:
        """Raises ValueError or AttributeError where it has no repeated blocks. Nothing is compiled yet."""
        self.error: Exception | None = None
        self._is_used = False
        self._here = threading.local()
        """Has `compiles` on the thread that compiles."""
        self._thread: threading.Thread | None = None
        denoiser.compile_repeated_blocks(dynamic=True, backend=compiler)  # batches are of any size
        for block in denoiser.modules():
            if block._compiled_call_impl is not None:
                block._compiled_call_impl = partial(self._compute, block._compiled_call_impl, block._call_impl)

    @property
    def is_busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def compile(self, forwards: Sequence[Callable[[], object]]) -> None:
        """Begin to compile what these forwards of the denoiser need; `error` says in the end what failed."""
        self._thread = threading.Thread(target=self._compile, args=(forwards,), name="compiler", daemon=True)
        self._thread.start()

    def use(self, compiled: bool) -> None:
        """Compute with the compiled blocks from now on, or with the plain ones."""
        self._is_used = compiled
        torch.compiler.set_stance("eager_on_recompile" if compiled else "default")

    def _compile(self, forwards: Sequence[Callable[[], object]]) -> None:
        self._here.compiles = True
        torch.set_grad_enabled(False)  # as on the model thread: what is compiled holds for one of both
        try:
            # Else what is compiled for a square is for squares alone.
            with _config.patch(use_duck_shape=False):  # type: ignore[attr-defined]
                for forward in forwards:
                    forward()
        except Exception as error:  # compilers fail in ways of their own
            self.error = error

    def _compute(self, compiled: Callable[..., Any], plain: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        compiles = getattr(self._here, "compiles", False)
        return (compiled if compiles or self._is_used else plain)(*args, **kwargs)
