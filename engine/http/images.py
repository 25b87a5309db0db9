"""POST /v1/images/generations and /edits, GET and DELETE /v1/jobs/{key}: requests and pictures in OpenAI's format."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
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
    StartImage,
)
from engine.api.openai_fields import IMAGES
from engine.api.sse import WITH_FILES, format_event, format_file_event
from engine.frontend import Frontend
from engine.http.edit_form import read_edit_form
from engine.http.field_tables import settle
from engine.http.picture_addresses import PictureAddresses
from engine.http.request_body import read_json, request_id
from engine.http.responses import JobJsonResponse, JobStreamResponse
from engine.jobs.job import Event
from engine.jobs.requests import Painting
from engine.painting.painter_spec import PainterSpec

MAX_KEY_CHARS = 200
GENERATION, EDIT = "image_generation", "image_edit"
"""Prefixes of OpenAI's event types. Limner's own types, `queued` and `progress`, have the first on both paths."""


async def generate_images(request: Request) -> Response:
    """Paint from a prompt. A repeated Idempotency-Key joins the job that it started."""
    message = await read_json(request, ImageRequest, partial(settle, table=IMAGES))
    return _answer(
        request, message, _painter_spec(request, message).plan(message, secrets.randbelow(MAX_SEED + 1)), None
    )


async def edit_images(request: Request) -> Response:
    """Paint from a picture and a prompt, sent as a multipart form."""
    message, start = await read_edit_form(request)
    spec, frontend = _painter_spec(request, message), _frontend(request)
    async with frontend.decoding:
        work = await asyncio.to_thread(spec.plan, message, secrets.randbelow(MAX_SEED + 1), start)
    return _answer(request, message, work, start)


def _answer(request: Request, message: ImageRequest, work: Painting, start: StartImage | None) -> Response:
    links = _links(request) if message.response_format == "url" else None
    if links and message.stream:
        raise BadRequest(
            "response_format: a stream has the pictures themselves; take b64_json.", param="response_format"
        )
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= MAX_KEY_CHARS:
        raise BadRequest(f"Idempotency-Key: must have 1 to {MAX_KEY_CHARS} characters.")
    jobs = _frontend(request).jobs
    job = jobs.submit(work, message.user or "", key, _fingerprint(message, start), request_id(request))
    if message.stream:
        kind = GENERATION if start is None else EDIT
        if WITH_FILES in request.headers.get("Accept", ""):
            return JobStreamResponse(
                jobs, job, lambda event: _format_event(message, event, kind, files=True), media_type=WITH_FILES
            )
        return JobStreamResponse(jobs, job, lambda event: _format_event(message, event, kind))
    return JobJsonResponse(jobs, job, partial(_images_response, links=links))


def _links(request: Request) -> Callable[[Completed], str]:
    """Return what keeps a picture and makes its address, at the host by which the client reached the engine.

    Raises BadRequest where the next request may reach another engine.
    """
    addresses: PictureAddresses | None = request.app.state.picture_addresses
    if addresses is None:
        raise BadRequest("response_format: a cluster keeps no pictures; take b64_json.", param="response_format")
    base = str(request.base_url).rstrip("/")
    return lambda picture: base + addresses.add(picture.b64_json, picture.output_format)


def _painter_spec(request: Request, message: ImageRequest) -> PainterSpec:
    """Return the loaded painter's spec. Raises ModelNotFound for another's name, ModelLoading."""
    frontend = _frontend(request)
    frontend.check_model(message.model, "painter")
    return frontend.models.painter.spec


def _frontend(request: Request) -> Frontend:
    frontend: Frontend = request.app.state.frontend
    return frontend


async def find_job(request: Request) -> Response:
    """Answer 204 where a request with this Idempotency-Key would join a job or get its pictures, else 404."""
    if not _frontend(request).jobs.holds(request.path_params["key"]):
        raise NotFound("No work is known under this key.")
    return Response(status_code=204)


async def cancel_job(request: Request) -> Response:
    """Cancel the job of this Idempotency-Key, and forget the key."""
    key = request.path_params["key"]
    if not _frontend(request).jobs.cancel_key(key):
        raise NotFound("No work is known under this key.")
    return Response(status_code=204)


def _fingerprint(message: ImageRequest, start: StartImage | None) -> object:
    """Return what must be equal in a request that repeats an Idempotency-Key: all fields but `user` and how to answer.

    `user` is left out because a client that was restored from a backup may hash its users otherwise.
    """
    asked = structs.replace(message, user=None, stream=False, x_progress=False, partial_images=0, response_format=None)
    if start is None:
        return asked
    pictures = [sha256(file).digest() for file in start.pictures]
    return asked, start.strength, start.upscale, sha256(start.mask or b"").digest(), pictures


def _format_event(message: ImageRequest, event: Event, kind: str, *, files: bool = False) -> bytes:
    """Return the event's bytes in the format that the request asked for; none for an event that it did not ask for.

    With `files` a picture follows its event, as it is.
    """
    match event:
        case Queued() | Progress() if not message.x_progress:
            return b""
        case PartialImage() if not message.partial_images:
            return b""
    name = str(cast(ImageEvent, event).__struct_config__.tag)
    if files and isinstance(event, PartialImage | Completed):
        return format_file_event(structs.replace(event, b64_json=b""), name, event.b64_json)
    if kind == EDIT and isinstance(event, PartialImage | Completed):
        name = name.replace(GENERATION, EDIT)
        return format_event({**msgspec.to_builtins(event), "type": name}, name)
    return format_event(event, name)


def _images_response(events: list[Event], links: Callable[[Completed], str] | None) -> bytes:
    pictures = [event for event in events if isinstance(event, Completed)]
    first = pictures[0]
    return msgspec.json.encode(
        ImagesResponse(
            created=int(time.time()),
            data=[
                Image(
                    b64_json=None if links else picture.b64_json,
                    url=links(picture) if links else None,
                    seed=picture.seed,
                    nsfw_score=picture.nsfw_score,
                    unread=picture.unread,
                )
                for picture in pictures
            ],
            size=first.size,
            steps=first.steps,
            model=first.model,
            output_format=first.output_format,
        )
    )
