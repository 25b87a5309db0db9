"""The engine's ASGI app: its routes, the API key, and every error as OpenAI's error object.

Invariant: nothing here blocks the event loop.
"""

from __future__ import annotations

import hmac
import math
from typing import cast

from msgspec import structs
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.api.errors import BadRequest, EngineError, Internal, Unauthorized
from engine.api.metrics_registry import CONTENT_TYPE
from engine.chatting.grammar import GrammarCompiler
from engine.frontend import Frontend
from engine.http.chat import complete_chat
from engine.http.images import cancel_job, edit_images, find_job, generate_images
from engine.http.metrics_middleware import MetricsMiddleware
from engine.http.models import list_models, show_model
from engine.http.picture_addresses import PREFIX, PictureAddresses, send_picture
from engine.jobs.registry import stopping

KEYLESS_PATHS = ("/healthz", "/readyz", "/metrics")
"""And pictures' addresses, whose signature stands for the key."""

OPENAI_ROUTES = ("/v1/chat/completions", "/v1/images/generations", "/v1/images/edits", "/v1/models")
ROUTES = (*OPENAI_ROUTES, PREFIX, "/v1/jobs", "/healthz", "/readyz", "/metrics")
"""The paths that metrics have a label of their own for; all others share one."""


def routes() -> list[Route]:
    """Return every path that the engine has; docs/api.md tells of each what its function's docstring does."""
    return [
        Route("/v1/chat/completions", complete_chat, methods=["POST"]),
        Route("/v1/images/generations", generate_images, methods=["POST"]),
        Route("/v1/images/edits", edit_images, methods=["POST"]),
        Route(f"{PREFIX}/{{name}}", send_picture),
        Route("/v1/jobs/{key:path}", find_job),
        Route("/v1/jobs/{key:path}", cancel_job, methods=["DELETE"]),
        Route("/v1/models", list_models),
        Route("/v1/models/{name:path}", show_model),
        Route("/healthz", answer_healthz),
        Route("/readyz", answer_readyz),
        Route("/metrics", answer_metrics),
    ]


def create_app(frontend: Frontend, api_key: str | None) -> Starlette:
    """Return the app; with a key, every path but KEYLESS_PATHS asks for it."""
    app = Starlette(
        routes=routes(),
        middleware=[
            Middleware(MetricsMiddleware, metrics=frontend.jobs.metrics, routes=ROUTES),
            *([Middleware(ApiKeyMiddleware, api_key=api_key)] if api_key else []),
        ],
        exception_handlers={
            EngineError: engine_error,
            HTTPException: http_error,
            ClientDisconnect: client_gone,
            Exception: handler_fault,
        },
    )
    app.state.frontend = frontend
    app.state.grammar_compiler = GrammarCompiler()
    app.state.picture_addresses = PictureAddresses()
    return app


async def answer_healthz(request: Request) -> Response:
    """Answer that the process is alive."""
    return JSONResponse({"status": "alive"})


async def answer_readyz(request: Request) -> Response:
    """Answer 200 with the state of the queue, or 503 with the reason: models are loading or failed, or it drains."""
    frontend: Frontend = request.app.state.frontend
    models = [model.id for model in frontend.models.describe()]
    if frontend.jobs.closing:
        raise stopping()
    return JSONResponse({"status": "ready", "models": models, **structs.asdict(frontend.jobs.status())})


async def answer_metrics(request: Request) -> Response:
    """Answer with the metrics in Prometheus's text format; no label holds a prompt or a user, so this needs no key."""
    frontend: Frontend = request.app.state.frontend
    return Response(frontend.jobs.exposition(), headers={"Content-Type": CONTENT_TYPE})


async def engine_error(request: Request, error: Exception) -> Response:
    error = cast(EngineError, error)
    frontend: Frontend = request.app.state.frontend
    frontend.jobs.metrics.refused(error)
    headers = {"Retry-After": str(math.ceil(error.retry_after))} if error.retry_after is not None else None
    return JSONResponse(error.body(), error.status, headers)


async def http_error(request: Request, error: Exception) -> Response:
    """Answer for an unknown path or method."""
    error = cast(HTTPException, error)
    longer = f"/v1{request.url.path}"
    there = (
        f"end the base URL with /v1, for {longer}" if longer in OPENAI_ROUTES else f"it has {', '.join(OPENAI_ROUTES)}"
    )
    body = BadRequest(f"{request.method} {request.url.path} is nothing that this engine knows; {there}.").body()
    return JSONResponse(body, error.status_code, error.headers)


async def client_gone(request: Request, error: Exception) -> Response:
    """The client closed the connection amid its own body; no one reads this answer."""
    return Response(status_code=499)


async def handler_fault(request: Request, error: Exception) -> Response:
    """Answer for an exception that no handler expects; uvicorn logs its traceback."""
    return await engine_error(request, Internal("The engine failed at this; its log says why."))


class ApiKeyMiddleware:
    """Refuses a request without the API key before its body is read."""

    def __init__(self, app: ASGIApp, api_key: str) -> None:
        self._app = app
        self._expected = f"Bearer {api_key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_keyless(scope["path"]):
            given = Headers(scope=scope).get("authorization", "").encode("latin-1")
            if not hmac.compare_digest(given, self._expected):
                error = Unauthorized("The API key is missing or wrong; send it as a bearer token.")
                await JSONResponse(error.body(), error.status)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_keyless(path: str) -> bool:
    return path in KEYLESS_PATHS or path.startswith(f"{PREFIX}/")
