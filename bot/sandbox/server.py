"""The sandbox as one HTTP server; no web page but its own can drive it.

It listens on 127.0.0.1, but for a container, whose published port reaches no other address than all of its own.
"""

from __future__ import annotations

import base64
import secrets
from types import TracebackType

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox import discord_errors
from bot.sandbox.conversation_keeper import ConversationKeeper
from bot.sandbox.fault_injection import Troubles
from bot.sandbox.gateway import Gateway
from bot.sandbox.guild import BOT
from bot.sandbox.interactions import Interactions
from bot.sandbox.json_replies import refusals
from bot.sandbox.page_api import PageApi
from bot.sandbox.page_models import ModelDesk, PageModels
from bot.sandbox.page_view import Chat
from bot.sandbox.rest import Rest
from bot.sandbox.world import World
from bot.storage.sandbox_messages import SandboxMessages

API = "/api/v10"
LOCAL = "127.0.0.1"
LARGEST_REQUEST = 128 * 1024 * 1024  # ten files at their limit, and their envelope


class Sandbox:
    """A small Discord. Start it, give the bot `url` and `token`, and open `url` in a browser.

    With a store its conversations survive a restart.
    """

    def __init__(
        self,
        port: int = 8300,
        token: str | None = None,
        models: ModelDesk | None = None,
        host: str = LOCAL,
        store: SandboxMessages | None = None,
    ) -> None:
        self.port, self._host = port, host
        self.token = token or make_token()
        self.url = f"http://127.0.0.1:{port}"
        self.world = World(self.token)
        self.gateway = Gateway(self.world)
        self.interactions = Interactions(self.world)
        self.chat = Chat(self.world, self.gateway)
        self.acts = PageApi(self.world, self.gateway, self.interactions)
        self.models = PageModels(models)
        self.troubles = Troubles()
        self._keeper = ConversationKeeper(self.world, store) if store is not None else None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; raises OSError when the port is taken."""
        kept = await self._keeper.load() if self._keeper else []
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self.port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.world.files.base_url = self.url
        self.gateway.url = f"ws://127.0.0.1:{self.port}/gateway"
        if self._keeper:
            self._keeper.begin(kept)

    async def stop(self) -> None:
        if self._runner is not None:
            await self.gateway.close()
            await self.chat.close()
            await self._runner.cleanup()
            self._runner = None
            if self._keeper:
                await self._keeper.close()

    async def __aenter__(self) -> Sandbox:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard, refusals], client_max_size=LARGEST_REQUEST)
        discord = [*Rest(self.world, self.gateway).routes(), *self.interactions.routes()]
        app.add_routes([web.route(route.method, API + route.path, self._authorized(route)) for route in discord])
        app.add_routes([*self.chat.routes(), *self.acts.routes(), *self.models.routes(), *self.troubles.routes()])
        app.router.add_get("/gateway", self._connect)
        app.router.add_get(r"/attachments/{place:\d+}/{file_id:\d+}/{name}", self.world.files.serve)
        return app

    def _authorized(self, route: web.RouteDef) -> Handler:
        """The route's handler behind the bot's token, unless the route carries a token of its own."""

        async def handle(request: web.Request) -> web.StreamResponse:
            given = request.headers.get("Authorization", "").encode("utf-8", "replace")
            if "{token}" not in route.path and not secrets.compare_digest(given, f"Bot {self.token}".encode()):
                raise discord_errors.unauthorized()
            call = f"{request.method} {request.path.removeprefix(API)}"
            return await self.troubles.meet(call, request, route.handler)

        return handle

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        return await self.troubles.meet("CONNECT /gateway", request, self.gateway.serve)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn away requests that another site's page sends, or that reach us under another host's name."""
        hosts = (f"127.0.0.1:{self.port}", f"localhost:{self.port}")
        origin = request.headers.get("Origin")
        if request.host not in hosts or origin not in (None, *(f"http://{host}" for host in hosts)):
            raise web.HTTPForbidden(text="This address serves its own page alone.")
        response = await handler(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"  # another page must not put this one under someone's clicks
        return response


def make_token() -> str:
    """A token in the form of a real one: the application's id in base64, then two parts that say nothing."""
    first = base64.urlsafe_b64encode(str(BOT).encode()).decode().rstrip("=")
    return f"{first}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"
