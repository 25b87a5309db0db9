"""`python -m bench.strict_discord`: the sandbox with more members and Discord's limits; for `bench/flood.py`."""

from __future__ import annotations

import sys

from bench import crowd
from bot.sandbox.__main__ import main
from bot.sandbox.server import Sandbox
from harness.discord_limits import limit_calls


class Strict(Sandbox):
    """A sandbox that limits calls."""

    def __init__(self, port: int, token: str | None = None) -> None:
        super().__init__(port, token)
        limit_calls(self)


if __name__ == "__main__":
    crowd.invite()
    sys.exit(main(Strict))
