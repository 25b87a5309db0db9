"""Keeps the bot's memory and environment, where its token is, from other processes of the same user."""

from __future__ import annotations

import ctypes
import sys

PR_SET_DUMPABLE = 4


def forbid_dumps() -> None:
    """Let no process but this and root's read /proc/<this>/environ and mem, or trace it; and leave no core file.

    Not inherited through exec: a child is as dumpable as any. Elsewhere than on Linux, nothing happens.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, ctypes.c_ulong(0), *[ctypes.c_ulong(0)] * 3)
