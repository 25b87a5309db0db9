"""Opens the engines that the settings name: our own, others elsewhere, a hosted service, or one for each task.

Invariant: a key goes only to the addresses that it was set for; words for a hosted service are scrubbed.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.outgoing import scrub
from bot.host.gpu import ORDER, VISIBLE, chosen_gpus, run_program
from bot.services.engine_pool import EnginePool
from bot.services.ports.engine import Engine
from bot.services.split_engine import SplitEngine
from bot.settings import Settings
from engine.api.address import Address, socket_path
from engine.api.auto_client import AutoClient
from engine.api.client import EngineClient


@dataclass(frozen=True, slots=True)
class OwnEngine:
    """An engine that Limner starts itself: its socket, its name among others, and variables for it alone."""

    socket: Path
    name: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> Address:
        return Address("http://engine", self.socket)


def own_engines(
    settings: Settings,
    folder: Path,
    output: Callable[..., str | None] = run_program,
    environment: Mapping[str, str] = os.environ,
) -> tuple[OwnEngine, ...]:
    """Return the engines to start, with sockets of this folder: one, or one a GPU. Raises CannotStart.

    `output` returns what a program prints, as the driver's does of the GPUs. PCI_BUS_ID is that program's order, where
    the environment names no other.
    """
    if settings.gpus is None:
        return (OwnEngine(socket_path(folder)),)
    devices = chosen_gpus(settings.gpus, output, environment)
    order = environment.get(ORDER) or "PCI_BUS_ID"
    return tuple(
        OwnEngine(
            socket_path(folder) if len(devices) == 1 else socket_path(folder, f"engine-gpu{number}"),
            f"gpu{number}",
            {VISIBLE: device, ORDER: order},
        )
        for number, device in devices
    )


def addresses_of(settings: Settings, own: Sequence[OwnEngine]) -> dict[str, Address]:
    """Return the engines in use by their names: those of ENGINE_URL in their order, else our own."""
    return {f"engine{number}": address for number, address in enumerate(settings.engines, start=1)} or {
        engine.name: engine.address for engine in own
    }


@asynccontextmanager
async def open_engine(settings: Settings, own: Sequence[OwnEngine]) -> AsyncIterator[Engine]:
    """Lend what paints and reads: one engine, or a pool of several; the reading at PLANNER_URL where that is set."""
    async with _painter(settings, addresses_of(settings, own)) as painter:
        if settings.planner is None:
            yield painter
            return
        key = settings.planner_api_key or None
        async with AutoClient(settings.planner, key, scrub, planner=settings.planner_model) as planner:
            yield SplitEngine(painter, planner)


def not_for_the_engine(settings: Settings) -> Sequence[str]:
    """Return the settings that an engine of our own must not see, because they name a hosted service's model."""
    return ["LIMNER_PLANNER"] if settings.planner else []


@asynccontextmanager
async def _painter(settings: Settings, addresses: Mapping[str, Address]) -> AsyncIterator[Engine]:
    async with AsyncExitStack() as stack:
        clients = {name: _client(settings, address) for name, address in addresses.items()}
        for client in clients.values():
            stack.push_async_callback(client.close)
        if len(clients) == 1:
            yield next(iter(clients.values()))
            return
        pool = EnginePool(clients)
        stack.push_async_callback(pool.close)
        yield pool


def _client(settings: Settings, address: Address) -> EngineClient | AutoClient:
    key = settings.engine_api_key or None
    if not settings.engines:
        return EngineClient(address, key)
    planner = None if settings.planner else settings.planner_model or None
    return AutoClient(address, key, scrub, painter=settings.painter_model, planner=planner)
