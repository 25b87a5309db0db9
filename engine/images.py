"""POST /v1/images/generations and DELETE /v1/jobs/{key}: OpenAI's shapes around the painter's pictures."""

from __future__ import annotations

import secrets
import time
from typing import cast

import msgspec
from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from engine.api.errors import BadRequest, NotFound
from engine.api.messages import (
    MAX_SEED,
    Completed,
    Image,
    ImageEvent,
    ImageRequest,
    ImagesResponse,
    PartialImage,
    Progress,
    Queued,
)
from engine.api.sse import format_event
from engine.follow import PlainAnswer, StreamedAnswer
from engine.intake import read
from engine.job import Event
from engine.office import Office

MAX_KEY_CHARS = 200


async def generate_images(request: Request) -> Response:
    """Paint, and answer plain or streamed; a key that is known joins the work that was asked for under it."""
    message = await read(request, ImageRequest)
    office: Office = request.app.state.office
    office.check_model(message.model, "painter")
    work = office.models.painter.preset.plan(message, secrets.randbelow(MAX_SEED + 1))
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= MAX_KEY_CHARS:
        raise BadRequest(f"Idempotency-Key: must have 1 to {MAX_KEY_CHARS} characters.")
    job = office.jobs.submit(work, message.user or "", key, same=_substance(message))
    if message.stream:
        return StreamedAnswer(office.jobs, job, lambda event: _event(message, event))
    return PlainAnswer(office.jobs, job, _whole)


async def cancel_job(request: Request) -> Response:
    """Cancel what was asked for under a key, and forget it."""
    office: Office = request.app.state.office
    key = request.path_params["key"]
    if not office.jobs.cancel_key(key):
        raise NotFound("No work is known under this key.")
    return Response(status_code=204)


def _substance(message: ImageRequest) -> ImageRequest:
    """Return the request without the fields that only say how it is to be answered."""
    return structs.replace(message, stream=False, x_progress=False, partial_images=0, response_format=None)


def _event(message: ImageRequest, event: Event) -> bytes:
    """Return the event as this request wants to have it; nothing where it wants none."""
    match event:
        case Queued() | Progress() if not message.x_progress:
            return b""
        case PartialImage() if not message.partial_images:
            return b""
        case _:
            return format_event(event, str(cast(ImageEvent, event).__struct_config__.tag))


def _whole(events: list[Event]) -> bytes:
    pictures = [event for event in events if isinstance(event, Completed)]
    first = pictures[0]
    return msgspec.json.encode(
        ImagesResponse(
            created=int(time.time()),
            data=[Image(b64_json=picture.b64_json, seed=picture.seed) for picture in pictures],
            size=first.size,
            steps=first.steps,
            model=first.model,
            output_format=first.output_format,
        )
    )
