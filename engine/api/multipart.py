"""Writes an ImageRequest and its StartImage as the multipart form of /v1/images/edits.

Invariant: what is None is left out, so that the server's defaults hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import aiohttp
from msgspec import json, to_builtins

from engine.api.messages import ImageRequest, StartImage

_SIGNATURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"RIFF": "webp"}


def image_form(request: ImageRequest, start: StartImage) -> aiohttp.FormData:
    """Return the form of a request that begins from a picture. A form can be sent once."""
    fields = {**to_builtins(request), "strength": start.strength, "upscale": start.upscale}
    mask = [] if start.mask is None else [("mask", start.mask)]
    return form(fields, [*(("image[]", picture) for picture in start.pictures), *mask])


def form(fields: Mapping[str, object], files: Iterable[tuple[str, bytes]]) -> aiohttp.FormData:
    """Return the fields as text, in JSON's spelling, and the files whose names tell their format alone.

    Several files may be for one field.
    """
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        if value is not None:
            data.add_field(name, value if isinstance(value, str) else json.encode(value).decode())
    for name, file in files:
        kind = image_format(file)
        data.add_field(name, file, filename=f"{name.removesuffix('[]')}.{kind}", content_type=f"image/{kind}")
    return data


def image_format(file: bytes) -> str:
    """Return png, jpeg or webp by the file's first bytes; png where they tell nothing."""
    return next((kind for signature, kind in _SIGNATURES.items() if file.startswith(signature)), "png")
