"""The models behind the sandbox's page: lists them, fetches one at a time, and switches by writing .env.

Invariant: one fetch at a time, which ends with the bot; a switch is a change of .env, so it outlives a restart.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from bot.cli.host_painter import is_for_hosts, this_machine
from bot.domain.model_offers import Gpu, Offer, offers
from bot.host.engine_settings import set_elsewhere
from bot.host.gpu import this_gpu
from bot.host.model_store import (
    AUTO,
    STARTER,
    ModelsFailed,
    settings_for,
    store_events,
    stored_models,
    write_settings,
)
from bot.host.picture_speed import known_seconds, measure_seconds
from bot.sandbox.page_models import DeskRefused
from bot.ui.i18n import text
from bot.ui.model_offers import described, how_it_fits
from engine.api.env_settings import ENV_FILE
from engine.api.model_catalog import entry_of
from engine.api.model_store import Progress, Stored


class Desk:
    """Implements page_models.ModelDesk."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._task: asyncio.Task[None] | None = None
        self._fetching, self._is_measuring = "", False
        self._progress: Progress | None = None
        self._failed: ModelsFailed | None = None
        self._stored: Stored | None = None
        """What was here at the last look; None after a change."""
        self._gpu: Gpu | None = None
        self._has_looked = False
        self._has_measured = False

    async def close(self) -> None:
        """End a fetch; what came is kept."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def listed(self, locale: str) -> dict[str, Any]:
        if not self._has_looked:
            self._gpu, self._has_looked = await asyncio.to_thread(this_gpu), True
        try:
            stored = self._stored = self._stored or await stored_models()
        except ModelsFailed as error:
            raise DeskRefused(text(locale, error.key, **error.facts)) from error
        machine = this_machine(self._home)
        painters = [offer for offer in offers(self._gpu, stored.models, machine=machine) if offer.entry.paints]
        using = dotenv_values(ENV_FILE).get("LIMNER_MODEL") or STARTER
        return {
            "texts": {
                key: text(locale, f"models-page-{key}") for key in ("title", "fetch", "use", "stop", "starter", "close")
            },
            "using": using,
            "models": [self._row(locale, offer) for offer in painters],
            "fetching": self._state(locale),
            "failed": text(locale, self._failed.key, **self._failed.facts) if self._failed else None,
        }

    def _row(self, locale: str, offer: Offer) -> dict[str, Any]:
        return {
            "name": offer.entry.name,
            "about": described(locale, offer),
            "fits": how_it_fits(locale, offer, has_gpu=self._gpu is not None),
            "here": offer.here,
            "may": offer.fits is not None,
        }

    def _state(self, locale: str) -> dict[str, Any] | None:
        if self._task is None or self._task.done():
            return None
        if self._is_measuring:
            return {"name": self._fetching, "percent": 0, "text": text(locale, "models-measuring")}
        progress = self._progress
        percent = 100 * progress.done // progress.total if progress and progress.total else 0
        line = text(locale, "models-page-fetching", name=self._fetching, percent=percent)
        return {"name": self._fetching, "percent": percent, "text": line}

    async def act(self, verb: str, name: str, locale: str) -> None:
        try:
            match verb:
                case "fetch":
                    self._start(name)
                case "stop":
                    await self.close()
                case "use":
                    self._use(name)
                case _:
                    raise ValueError(verb)
        except ModelsFailed as error:
            raise DeskRefused(text(locale, error.key, **error.facts)) from error

    def _start(self, name: str) -> None:
        """Fetch one of the table. Raises ModelsFailed."""
        if self._task and not self._task.done():
            raise ModelsFailed("models-busy", name=self._fetching)
        entry = entry_of(name)
        if entry is None:
            raise ModelsFailed("models-not-offered", name=name)
        self._fetching, self._progress, self._failed = name, None, None
        if (
            self._has_looked
            and is_for_hosts(entry, self._gpu)
            and known_seconds(self._home) is None
            and not self._has_measured
        ):
            # The row then says how long a picture takes here, and the next press of Fetch is the yes.
            self._has_measured = True
            self._task = asyncio.create_task(self._measure(), name="picture-speed")
        else:
            self._task = asyncio.create_task(self._fetch(name), name="model-fetch")

    async def _measure(self) -> None:
        self._is_measuring = True
        try:
            await measure_seconds(self._home)
        finally:
            self._is_measuring = False

    async def _fetch(self, name: str) -> None:
        try:
            async with aclosing(store_events("fetch", name)) as events:
                async for event in events:
                    if isinstance(event, Progress):
                        self._progress = event
        except ModelsFailed as error:
            self._failed = error
        finally:
            self._stored = None

    def _use(self, name: str) -> None:
        """Switch to one of the table, auto or the starter. Raises ModelsFailed."""
        if taken := set_elsewhere():
            raise ModelsFailed("models-environment", names=", ".join(taken))
        entry = entry_of(name)
        if name not in (AUTO, STARTER) and (entry is None or not entry.paints):
            raise ModelsFailed("models-not-offered", name=name)
        before = {key: value or "" for key, value in dotenv_values(ENV_FILE).items()}
        write_settings(settings_for(name, "painter", before))
