"""Finished pictures under addresses of the engine's own, for clients that ask for `response_format: url`.

Invariant: a picture is kept for LIFETIME_S at most and within MAX_BYTES of all; its address is signed with a key of
this process, and stands for the API key: who has it can fetch that picture, and nothing else.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from engine.api.errors import NotFound

PREFIX = "/v1/pictures"
LIFETIME_S = 600.0
MAX_BYTES = 64 << 20
UNKNOWN = "This is no picture's address here."


@dataclass(frozen=True, slots=True)
class _Kept:
    file: bytes
    kind: str
    expires: float
    """Seconds of the clock."""


class PictureAddresses:
    """The pictures by name, the oldest first. `clock` returns seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def add(self, file: bytes, kind: str) -> str:
        """Keep a picture of this format; return the path that it is fetched at."""
        name, expires = secrets.token_urlsafe(16), self._clock() + LIFETIME_S
        self._kept[name] = _Kept(file, kind, expires)
        self._prune()
        asyncio.get_running_loop().call_later(LIFETIME_S, self._prune)
        return f"{PREFIX}/{name}.{kind}?expires={int(expires)}&signature={self._signature(name, int(expires))}"

    def find(self, name: str, expires: str, signature: str) -> tuple[bytes, str]:
        """Return the picture and its format. Raises NotFound where the address is not one of these, or too old."""
        self._prune()
        if not hmac.compare_digest(signature.encode(), self._signature(name, expires).encode()):
            raise NotFound(UNKNOWN)
        kept = self._kept.get(name)
        if kept is None:
            raise NotFound(
                f"This picture is no longer kept; an address is good for {LIFETIME_S / 60:.0f} minutes at most."
            )
        return kept.file, kept.kind

    def _prune(self) -> None:
        """Forget what is too old, and the oldest while all are too large together; never the newest."""
        size = sum(len(kept.file) for kept in self._kept.values())
        for name, kept in list(self._kept.items()):
            too_large = size > MAX_BYTES and len(self._kept) > 1
            if not (too_large or kept.expires <= self._clock()):
                break
            size -= len(kept.file)
            del self._kept[name]

    def _signature(self, name: str, expires: int | str) -> str:
        return hmac.digest(self._key, f"{name} {expires}".encode(), "sha256").hex()


async def send_picture(request: Request) -> Response:
    """Answer with the picture of a signed address. Raises NotFound."""
    addresses: PictureAddresses | None = request.app.state.picture_addresses
    if addresses is None:
        raise NotFound(UNKNOWN)
    given = request.query_params
    name = request.path_params["name"].partition(".")[0]
    file, kind = addresses.find(name, given.get("expires", ""), given.get("signature", ""))
    return Response(file, media_type=f"image/{kind}", headers={"Cache-Control": "private, no-store"})
