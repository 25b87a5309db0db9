"""What holds for every test's process, and for the processes that it starts, before any of them imports torch."""

from __future__ import annotations

import os

# Threads that wait for each other are slower than one thread where the cores are busy with other tests.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the engine does
