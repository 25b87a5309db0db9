"""`python -m tests.cluster.head FILE`: `serve run FILE` on a Ray of its own, a small one without the dashboard."""

from __future__ import annotations

import sys

import ray
from ray.serve.scripts import run

STORE_BYTES = 80 << 20

if __name__ == "__main__":
    ray.init("local", num_cpus=8, object_store_memory=STORE_BYTES, include_dashboard=False)
    run.main(sys.argv[1:])
