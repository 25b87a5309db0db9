"""Reads the multipart form of `POST /v1/images/edits`; what is wrong with it becomes one sentence.

Invariant: no more than `MAX_FORM_BYTES` are read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

import msgspec
from msgspec import structs
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
        images = await _files(form, *IMAGE_NAMES)
        masks = await _files(form, "mask")
    finally:
        await form.close()
    if not images:
        raise BadRequest("image: the file is missing.", param="image")
    if len(masks) > 1:
        raise BadRequest("mask: send one file.", param="mask")
    sent = {name: value for name, value in form.items() if name not in FILES and (name in WORDS or not _is_null(value))}
    fields = settle(sent, EDITS)
    try:
        if "loras" in fields:
            fields["loras"] = msgspec.json.decode(str(fields["loras"]))
        start = msgspec.convert(
            {
                "image": images[0],
                "mask": next(iter(masks), None),
                "strength": fields.pop("strength", None),
                "upscale": fields.pop("upscale", None),
            },
            StartImage,
            strict=False,
        )
        message = msgspec.convert(fields, ImageRequest, strict=False)
    except msgspec.ValidationError as fault:
        raise validation_error(str(fault)) from None
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest('loras: must be a list in JSON, such as [{"name": "ink"}].', param="loras") from None
    return message, structs.replace(start, references=tuple(images[1:]))


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


async def _files(form: FormData, *names: str) -> list[bytes]:
    """Return the files under these names, in their order in the form."""
    files = [part for name, part in form.multi_items() if name in names]
    uploads = [file for file in files if isinstance(file, UploadFile)]
    if len(uploads) < len(files):
        raise BadRequest(f"{names[0]}: must be sent as a file.", param=names[0])
    return [await upload.read() for upload in uploads]
