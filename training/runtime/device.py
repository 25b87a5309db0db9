"""Where training runs: on a GPU or the CPU, in one process or several, as accelerate finds them."""

from functools import cache
from typing import Any

from accelerate import Accelerator
from accelerate.utils import is_bf16_available


@cache
def accelerator() -> Any:
    """The one Accelerator of this process; it calculates in bfloat16 where the device can."""
    return Accelerator(mixed_precision="bf16" if is_bf16_available() else "no")
