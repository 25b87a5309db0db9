"""Checks that the engine and the language model answer at their addresses."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

from bot.cli.doctor.finding import Finding, fails, ok, warning
from bot.cli.doctor.inputs import Inputs
from engine.api.address import Address, socket_path

READY, NOT_FOUND = 200, 404
REFUSED = (401, 403)


async def check_sockets(inputs: Inputs) -> AsyncIterator[Finding]:
    settings = inputs.settings
    if settings.engine is None:
        yield await _own(inputs)
    else:
        yield await _elsewhere(inputs, "ENGINE", settings.engine, settings.engine_api_key)
    if settings.planner is not None:
        yield await _elsewhere(inputs, "PLANNER", settings.planner, settings.planner_api_key)


async def _own(inputs: Inputs) -> Finding:
    """Look at the socket of the engine that the bot starts; none, or one that a crash left, is as it should be."""
    if not inputs.settings.home.is_dir():
        return ok("doctor-sockets-none")
    try:
        path = socket_path(inputs.settings.home)
    except OSError as error:
        return fails("doctor-sockets-directory", why=str(error))
    if not path.exists():
        return ok("doctor-sockets-none")
    if not stat.S_ISSOCK(path.lstat().st_mode):
        return fails("doctor-sockets-file", path=str(path))
    try:
        answer = await inputs.probes.get("http://engine/readyz", {}, path)
    except OSError:
        return ok("doctor-sockets-stale", path=str(path))
    return _readiness(answer.status, str(path))


async def _elsewhere(inputs: Inputs, setting: str, address: Address, key: str) -> Finding:
    where = str(address.socket or address.base)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = await inputs.probes.get(address.url("models"), headers, address.socket)
    except OSError as error:
        return fails("doctor-sockets-unreachable", setting=setting, where=where, why=_short(str(error)))
    if answer.status in REFUSED:
        return fails("doctor-sockets-key", setting=setting, where=where)
    if answer.status == READY or answer.status == NOT_FOUND:  # some services list no models
        return ok("doctor-sockets", where=where)
    return _readiness(answer.status, where)


def _readiness(status: int, where: str) -> Finding:
    return ok("doctor-sockets", where=where) if status == READY else warning("doctor-sockets-loading", where=where)


def _short(why: str) -> str:
    return why.replace(str(Path.home()), "~")[:200]
