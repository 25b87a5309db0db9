"""The ASGI app: routes, the key, and every error as OpenAI's error object.

Invariant: it only passes requests on; nothing here blocks the event loop.
"""

from __future__ import annotations

import hmac
import math
from typing import cast

import msgspec
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
from engine.api.messages import ModelList
from engine.api.metrics_registry import CONTENT_TYPE
from engine.frontend import Frontend
from engine.http.chat import complete_chat
from engine.http.images import cancel_job, edit_images, generate_images
from engine.http.metrics_middleware import MetricsMiddleware
from engine.jobs.registry import stopping

OPEN_PATHS = ("/healthz", "/readyz", "/metrics")


ROUTES = (
    "/v1/chat/completions", "/v1/images/generations", "/v1/images/edits", "/v1/jobs", "/v1/models",
    "/healthz", "/readyz", "/metrics",
)  # fmt: skip
"""Paths that are counted apart."""


def create_app(frontend: Frontend, api_key: str | None) -> Starlette:
    """Return the engine's HTTP side; with a key, all but health checks and figures ask for it."""
    app = Starlette(
        routes=[
            Route("/v1/chat/completions", complete_chat, methods=["POST"]),
            Route("/v1/images/generations", generate_images, methods=["POST"]),
            Route("/v1/images/edits", edit_images, methods=["POST"]),
            Route("/v1/jobs/{key:path}", cancel_job, methods=["DELETE"]),
            Route("/v1/models", list_models),
            Route("/healthz", report_alive),
            Route("/readyz", report_ready),
            Route("/metrics", report_figures),
        ],
        middleware=[
            Middleware(MetricsMiddleware, metrics=frontend.jobs.metrics, routes=ROUTES),
            *([Middleware(RequireKey, api_key=api_key)] if api_key else []),
        ],
        exception_handlers={
            EngineError: answer_error,
            HTTPException: answer_http_error,
            ClientDisconnect: answer_nobody,
            Exception: answer_fault,
        },
    )
    app.state.frontend = frontend
    return app


async def list_models(request: Request) -> Response:
    frontend: Frontend = request.app.state.frontend
    return Response(msgspec.json.encode(ModelList(frontend.models.describe())), media_type="application/json")


async def report_alive(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def report_ready(request: Request) -> Response:
    """200 once both models work, with what waits; 503 with the reason before, after failing, and while it ends."""
    frontend: Frontend = request.app.state.frontend
    models = [model.id for model in frontend.models.describe()]
    if frontend.jobs.closing:
        raise stopping()
    return JSONResponse({"status": "ready", "models": models, **structs.asdict(frontend.jobs.status())})


async def report_figures(request: Request) -> Response:
    """Figures for Prometheus, from the first moment on; they hold nobody's words, so they need no key."""
    frontend: Frontend = request.app.state.frontend
    return Response(frontend.jobs.exposition(), headers={"Content-Type": CONTENT_TYPE})


async def answer_error(request: Request, error: Exception) -> Response:
    error = cast(EngineError, error)
    frontend: Frontend = request.app.state.frontend
    frontend.jobs.metrics.refused(error)
    headers = {"Retry-After": str(math.ceil(error.retry_after))} if error.retry_after is not None else None
    return JSONResponse(error.body(), error.status, headers)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Unknown paths and methods."""
    error = cast(HTTPException, error)
    body = BadRequest(f"{request.method} {request.url.path} is nothing that this engine knows.").body()
    return JSONResponse(body, error.status_code, error.headers)


async def answer_nobody(request: Request, error: Exception) -> Response:
    """The client left while it still sent; nobody reads this."""
    return Response(status_code=499)


async def answer_fault(request: Request, error: Exception) -> Response:
    """A fault in the handlers themselves; uvicorn logs it."""
    return await answer_error(request, Internal("The engine failed at this; its log says why."))


class RequireKey:
    """Refuses every request without the key, before its body is read."""

    def __init__(self, app: ASGIApp, api_key: str) -> None:
        self._app = app
        self._expected = f"Bearer {api_key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            given = Headers(scope=scope).get("authorization", "").encode("latin-1")
            if not hmac.compare_digest(given, self._expected):
                error = Unauthorized("The API key is missing or wrong; send it as a bearer token.")
                await JSONResponse(error.body(), error.status)(scope, receive, send)
                return
        await self._app(scope, receive, send)
