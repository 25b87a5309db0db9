"""`limner run` without a token: the sandbox, in the bot's own process; imported then alone.

Invariant: the sandbox stops after the bot, which it is Discord for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.cli.model_desk import Desk
from bot.operator_errors import CannotStart
from bot.sandbox.connect import point_discord_at
from bot.sandbox.server import LOCAL, Sandbox
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.sandbox_messages import SandboxMessages
from bot.ui.i18n import text

IN_CONTAINER = "container"
"""Set in our image, as systemd and podman do in theirs."""


@asynccontextmanager
async def sandbox_token(settings: Settings, database: Database, *, has_engine: bool) -> AsyncIterator[str]:
    """Run the sandbox meanwhile, and yield its token for Discord. Raises CannotStart where its port is taken.

    With an engine of the bot's own, the sandbox's page looks after the models.
    """
    desk = Desk(settings.home) if has_engine else None
    store = SandboxMessages(database)
    sandbox = Sandbox(settings.sandbox_port, models=desk, host=settings.sandbox_host, store=store)
    try:
        await sandbox.start()
    except OSError as error:
        raise CannotStart("start-port-taken", port=str(settings.sandbox_port), name="LIMNER_SANDBOX_PORT") from error
    try:
        point_discord_at(sandbox.url)
        print(text(settings.locale, sandbox_line(settings), url=sandbox.url, port=str(sandbox.port)), file=sys.stderr)
        yield sandbox.token
    finally:
        if desk:
            await desk.close()
        await sandbox.stop()


def sandbox_line(settings: Settings) -> str:
    """Return the key of the sentence that says where the page is; of a container, a published port alone is reached."""
    if settings.sandbox_host != LOCAL:
        return "start-sandbox-published"
    return "start-sandbox-inside" if os.environ.get(IN_CONTAINER) else "start-sandbox"
