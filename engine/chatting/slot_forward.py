"""The forwards of a decoder: a span of one slot's tokens, or one token of every slot, on CUDA as a captured graph.

Invariant: a slot's logits do not depend on its neighbours, beyond the rounding of sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from engine.api.light_structlog import structlog
from engine.chatting.kv_cache import KvCache
from engine.errors import is_out_of_memory

STRIDE = 64
"""Without graphs, a step looks at as many positions as the fullest slot has, rounded up to this."""

Capture = Callable[[Callable[[], torch.Tensor]], tuple[Callable[[], object], torch.Tensor]]
log = structlog.get_logger()


class SlotForward:
    """Computes with a model and one cache. `capture` makes graphs; None where each forward is launched anew."""

    def __init__(self, model: Any, cache: KvCache, capture: Capture | None = None) -> None:
        self.cache = cache
        self._model = model
        self._capture = capture
        self._graphs: dict[int, StepGraph] = {}
        """By number of rows."""
        layer_types = getattr(model.config, "layer_types", None) or ()
        self._window: int | None = model.config.sliding_window if "sliding_attention" in layer_types else None

    @torch.no_grad()
    def read(self, row: int, start: int, ids: Sequence[int]) -> torch.Tensor:
        """Read tokens into a row from position `start` on; return the logits (1, tokens) after the last one."""
        stop = start + len(ids)
        self.cache.select_span(row, start, stop)
        positions = torch.arange(start, stop, device=self._model.device)[None]
        return self._logits(self._tensor([ids]), positions, stop)

    @torch.no_grad()
    def step(self, ids: Sequence[int], positions: Sequence[int]) -> torch.Tensor:
        """Read one token of each of the first rows, at its position; return the logits (rows, tokens) after them."""
        if self._capture is not None:
            try:
                return self._graph(len(ids), self._capture)(ids, positions)
            except Exception as error:
                if is_out_of_memory(error):
                    raise
                log.warning("decoder.no_graph", rows=len(ids), reason=str(error))
                self._capture = None
        length = min(self.cache.length, -(-(max(positions) + 1) // STRIDE) * STRIDE)
        return self._each(self._tensor(ids)[:, None], self._tensor(positions)[:, None], length)

    def _each(self, ids: torch.Tensor, positions: torch.Tensor, length: int) -> torch.Tensor:
        self.cache.select_each(positions[:, 0], length)
        return self._logits(ids, positions, length)

    def _logits(self, ids: torch.Tensor, positions: torch.Tensor, length: int) -> torch.Tensor:
        output = self._model(
            input_ids=ids,
            attention_mask=self._mask(positions, length),
            position_ids=positions,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: torch.Tensor = output.logits[:, -1]
        return logits

    def _mask(self, positions: torch.Tensor, length: int) -> torch.Tensor | dict[str, torch.Tensor]:
        """Return what each token may look at, (rows, 1, tokens, length); by type of layer where there are several."""
        places = torch.arange(length, device=positions.device)
        full = (places <= positions[:, :, None])[:, None]
        if self._window is None:
            return full
        near = (places > positions[:, :, None] - self._window)[:, None]
        return {"full_attention": full, "sliding_attention": full & near}

    def _graph(self, rows: int, capture: Capture) -> StepGraph:
        """Return the graph for at least so many rows."""
        size = min(1 << (rows - 1).bit_length(), self.cache.rows)
        if size not in self._graphs:
            device, length = self._model.device, self.cache.length
            self._graphs[size] = StepGraph(size, device, lambda ids, at: self._each(ids, at, length), capture)
        return self._graphs[size]

    def _tensor(self, values: Sequence[Any]) -> torch.Tensor:
        return torch.tensor(values, device=self._model.device)


class StepGraph:
    """One captured step of so many rows: it reads and writes the same memory each time.

    Rows without a slot compute at position 0 of their row, which is written anew before a slot uses it.
    """

    def __init__(
        self,
        rows: int,
        device: torch.device,
        each: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        capture: Capture,
    ) -> None:
        self._rows = rows
        self._input = torch.zeros((2, rows), dtype=torch.long, device=device)
        self._each = each
        self._capture = capture
        self._captured: tuple[Callable[[], object], torch.Tensor] | None = None

    def __call__(self, ids: Sequence[int], positions: Sequence[int]) -> torch.Tensor:
        """Return the logits (rows, tokens), which the next call overwrites."""
        unused = [0] * (self._rows - len(ids))
        self._input.copy_(torch.tensor([[*ids, *unused], [*positions, *unused]]))
        if self._captured is None:  # not earlier: what is computed for a capture is written into the cache, too
            self._captured = self._capture(lambda: self._each(self._input[0, :, None], self._input[1, :, None]))
        replay, output = self._captured
        replay()
        return output[: len(ids)]


def capture_cuda(call: Callable[[], torch.Tensor]) -> tuple[Callable[[], object], torch.Tensor]:
    """Capture what a call launches; return how to launch it again, and the tensor that then holds its result."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # kernels are loaded, and libraries take their workspaces, before the capture
        for _ in range(2):
            call()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = call()
    return graph.replay, output
