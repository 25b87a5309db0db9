"""How far a run is: a bar with the time left on a terminal, lines in a log elsewhere, and curves for TensorBoard."""

import logging
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from tqdm import tqdm

from training.runtime.device import accelerator

_log = logging.getLogger(__name__)
_BAR = "{desc} {percentage:3.0f} %|{bar}| {elapsed} gone, {remaining} left{postfix}"


class Progress:
    """Shows the share of the work that is done; of several processes the first one alone does."""

    def __init__(self, name: str, home: Path, first_step: int = 0, every_s: float = 8.0) -> None:
        self._name, self._every_s = name, every_s
        self._started = self._shown = time.monotonic()
        self._first: float | None = None
        main = accelerator().is_main_process
        self._quiet = not main
        self._bar: Any = None
        self._writer = _writer(home / "logs" / name, first_step) if main else None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._writer is not None:
            self._writer.close()

    def show(self, share: float, note: str) -> None:
        """`share` (0 to 1) of the work is done; the speed leaves out what an earlier process did."""
        if self._quiet:
            return
        if self._first is None:
            self._first = share
            if sys.stderr.isatty():
                self._bar = tqdm(desc=self._name, total=1.0, initial=share, bar_format=_BAR, mininterval=0.5)
            if share < 1:
                return
        if self._bar is not None:
            self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(share - self._bar.n)
            return
        now = time.monotonic()
        if now - self._shown < self._every_s and share < 1:
            return
        self._shown = now
        left_s = (now - self._started) * (1 - share) / max(share - self._first, 1e-6)
        _log.info("%s %.1f %%, %s left, %s", self._name, share * 100, _duration(left_s), note)

    def curve(self, tag: str, value: float, step: int) -> None:
        """One point of a curve."""
        if self._writer is not None:
            self._writer.add_scalar(tag, value, step)

    def sheet(self, tag: str, pixels: np.ndarray, step: int) -> None:
        """A picture, (height, width, 3) uint8."""
        if self._writer is not None:
            self._writer.add_image(tag, pixels, step, dataformats="HWC")

    def text(self, tag: str, text: str, step: int) -> None:
        if self._writer is not None:
            self._writer.add_text(tag, text, step)


def _writer(folder: Path, first_step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        _log.info("no curves are kept, for tensorboard is not installed: pip install 'limner[train]'")
        return None
    return SummaryWriter(folder, purge_step=first_step or None)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
