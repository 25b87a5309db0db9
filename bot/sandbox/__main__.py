"""`python -m bot.sandbox`: the sandbox alone; its first line on stdout says where it is and with which token."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from bot.sandbox.server import Sandbox


async def serve(port: int, token: str | None, kind: type[Sandbox]) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with kind(port, token) as sandbox:
        print(json.dumps({"url": sandbox.url, "token": sandbox.token}), flush=True)
        await stop.wait()


def main(kind: type[Sandbox] = Sandbox) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8300, help="0 takes a free one")
    parser.add_argument("--token", help="the token that the bot must show; made up if left out")
    given = parser.parse_args()
    try:
        asyncio.run(serve(given.port, given.token, kind))
    except OSError as error:
        print(f"Port {given.port} cannot be used: {error.strerror or error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
