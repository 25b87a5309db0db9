"""Counts every HTTP request by its route and status, with its seconds."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.jobs.metrics import OTHER, Metrics

GONE = 499
"""The status under which a request is counted whose client left before the response began."""


class MetricsMiddleware:
    """The outermost middleware. `routes` are the paths with a label of their own; the longest match counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: tuple[str, ...]) -> None:
        self._app, self._metrics = app, metrics
        self._routes = tuple(sorted(routes, key=len, reverse=True))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), GONE

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        finally:
            self._metrics.answered(self._route(scope["path"]), status, time.perf_counter() - began)

    def _route(self, path: str) -> str:
        return next((route for route in self._routes if path == route or path.startswith(f"{route}/")), OTHER)
