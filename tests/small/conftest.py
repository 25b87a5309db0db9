"""These tests need torchao and bitsandbytes, which slow each start of an engine and so lie in a folder of their own.

tests/engine/test_small_packages.py runs them in a process that has that folder; elsewhere they are not collected.
"""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torchao") and find_spec("bitsandbytes") else ["test_*.py"]
