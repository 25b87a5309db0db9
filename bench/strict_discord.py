"""`python -m bench.strict_discord`: the sandbox with more members and a limit on posts; for `bench/flood.py`."""

from __future__ import annotations

import sys

from bench import crowd
from bot.sandbox.__main__ import main
from bot.sandbox.server import Sandbox
from harness.post_limit import limit_posts


class Strict(Sandbox):
    """A sandbox that limits posts."""

    def __init__(self, port: int, token: str | None = None) -> None:
        super().__init__(port, token)
        limit_posts(self)


if __name__ == "__main__":
    crowd.invite()
    sys.exit(main(Strict))
