"""A painter's blocks compiled while it is idle, and taken where a measurement finds them faster than the plain ones.

Invariant: pictures wait for no compiler. Until the compiled blocks are taken, while there is no picture, the plain ones
compute.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.api.light_structlog import structlog
from engine.api.messages import ImageRequest
from engine.batching.gate import Call, identity
from engine.models.compiled_blocks import CompiledBlocks
from engine.painting.warm_up import Paint, stopped_at_first_forward

if TYPE_CHECKING:
    from engine.batching.batch_size import BatchSizes
    from engine.batching.fastest import Fastest
    from engine.painting.painter_spec import PainterSpec

PLAIN, COMPILED = WAYS = ("plain blocks", "compiled blocks")
BATCHES = (1, 2)
"""How many calls share the forwards that are compiled, and compared: what holds for two holds for more."""

log = structlog.get_logger()


class Compilation:
    """One denoiser's, by a compiler of torch's; what is faster is kept, and compiled anew at each start."""

    def __init__(
        self, denoiser: Any, compiler: Any, spec: PainterSpec, fastest: Fastest, sizes: Callable[[str], BatchSizes]
    ) -> None:
        """`sizes` are the caps on batches by what the denoiser then is, which are others once it is compiled."""
        self._denoiser = denoiser
        self._compiler = compiler
        self._spec = spec
        self._fastest = fastest
        self._what = f"compilation {spec.sizes['square']}"
        self._sizes = sizes
        self._blocks: CompiledBlocks | None = None
        self._is_over = fastest.find(self._what) == PLAIN

    @property
    def is_busy(self) -> bool:
        """Tell whether it compiles: what was measured meanwhile would say little."""
        return self._blocks is not None and self._blocks.is_busy

    def advance(self, paint: Paint, is_idle: Callable[[], bool]) -> bool:
        """Begin to compile, or take what is compiled where it is faster; return whether there was anything to do."""
        if self._is_over or self.is_busy or not is_idle():
            return False
        try:
            size = self._spec.sizes["square"]
            with stopped_at_first_forward(paint, self._spec.plan(ImageRequest("a boat", size=size), 0)) as call:
                if not isinstance(call, Call):
                    raise ValueError("its forwards are of an unknown kind")
                if self._blocks is None:
                    self._blocks = CompiledBlocks(self._denoiser, self._compiler)
                    self._blocks.compile([partial(call.gate.repeat, call, times) for times in BATCHES])
                else:
                    self._take_the_faster(self._blocks, call, is_idle)
        except Exception as error:  # compilers fail in ways of their own, and the plain blocks are good enough
            self._is_over = True
            reason = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
            log.warning("painter.not_compiled", reason=reason, remedy="LIMNER_COMPILE=off leaves it untried")
        return True

    def _take_the_faster(self, blocks: CompiledBlocks, call: Call, is_idle: Callable[[], bool]) -> None:
        if blocks.error is not None:
            raise blocks.error

        def compute(way: str) -> None:
            blocks.use(way == COMPILED)
            for times in BATCHES:
                call.gate.repeat(call, times)

        way = self._fastest.find(self._what)
        try:
            if way is None:
                way = self._fastest.choose(self._what, WAYS, compute, is_idle)
        finally:
            blocks.use(way == COMPILED)
        self._is_over = not self._fastest.is_open(self._what)
        if way == COMPILED:
            call.gate.batch_sizes = self._sizes(identity(self._denoiser, self._spec.name))
