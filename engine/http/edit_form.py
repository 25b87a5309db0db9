"""Reads the multipart form of `POST /v1/images/edits`; what is wrong with it becomes one sentence.

Invariant: no more than `MAX_FORM_BYTES` are read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from engine.api.errors import BadRequest, TooLarge
from engine.api.messages import MAX_PROMPT_CHARS, ImageRequest, StartImage
from engine.api.openai_fields import EDITS
from engine.http.field_tables import settle
from engine.http.request_body import validation_error

MAX_FORM_BYTES = 32 << 20
MAX_FIELD_BYTES = 4 * MAX_PROMPT_CHARS + 1024
MAX_FIELDS = 64
MAX_FILES = 8
IMAGE_NAMES = ("image", "image[]")
FILES = (*IMAGE_NAMES, "mask")
WORDS = ("prompt", "negative_prompt", "user")


async def read_edit_form(request: Request) -> tuple[ImageRequest, StartImage]:
    """Return the form's fields and files. Raises BadRequest with one sentence, TooLarge."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise BadRequest("The request must be a form: multipart/form-data with the picture as the file `image`.")
    parser = MultiPartParser(
        request.headers,
        _bounded_stream(request),
        max_files=MAX_FILES,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as fault:
        raise BadRequest(f"The form cannot be read: {fault.message.rstrip('.')}.") from None
    try:
        image = await _file(form, *IMAGE_NAMES)
        mask = await _file(form, "mask")
    finally:
        await form.close()
    if image is None:
        raise BadRequest("image: the file is missing.", param="image")
    sent = {name: value for name, value in form.items() if name not in FILES and (name in WORDS or not _is_null(value))}
    fields = settle(sent, EDITS)
    try:
        start = {"image": image, "mask": mask, "strength": fields.pop("strength", None)}
        return msgspec.convert(fields, ImageRequest, strict=False), msgspec.convert(start, StartImage, strict=False)
    except msgspec.ValidationError as fault:
        raise validation_error(str(fault)) from None


async def _bounded_stream(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_FORM_BYTES:
            raise TooLarge(f"The request is larger than {MAX_FORM_BYTES >> 20} MiB.")
        yield chunk


def _is_null(value: UploadFile | str) -> bool:
    """Tell whether a form's text is the null of JSON or Python, as some clients write fields that are not set."""
    return value in ("null", "None")


async def _file(form: FormData, *names: str) -> bytes | None:
    """Return the one file under these names, None where there is none."""
    parts = [part for name in names for part in form.getlist(name)]
    if not parts:
        return None
    if len(parts) > 1:
        raise BadRequest(f"{names[0]}: send one file; painting starts from one picture.", param=names[0])
    if not isinstance(parts[0], UploadFile):
        raise BadRequest(f"{names[0]}: must be sent as a file.", param=names[0])
    return await parts[0].read()
