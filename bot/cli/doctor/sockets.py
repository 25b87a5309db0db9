"""Checks that the engine and the language model answer at their addresses."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec

from bot.cli.doctor.finding import Finding, fails, ok, warning
from bot.cli.doctor.inputs import Inputs
from bot.host.engines import addresses_of, own_engines
from bot.services.listed_engine import difference
from engine.api.address import Address
from engine.api.messages import Model, ModelList

READY, NOT_FOUND = 200, 404
REFUSED = (401, 403)


async def check_sockets(inputs: Inputs) -> AsyncIterator[Finding]:
    settings, key = inputs.settings, inputs.settings.engine_api_key
    if not settings.engines:
        for finding in await _own_all(inputs):
            yield finding
    for address in settings.engines:
        yield await _elsewhere(inputs, "ENGINE", address, key)
    if len(settings.engines) > 1:
        async for finding in _differing(inputs, addresses_of(settings, ()), key):
            yield finding
    if settings.planner is not None:
        yield await _elsewhere(inputs, "PLANNER", settings.planner, settings.planner_api_key)


async def _own_all(inputs: Inputs) -> list[Finding]:
    """Look at the sockets of the engines that the bot starts, and at their models where several answer."""
    probes, home = inputs.probes, inputs.settings.home
    if inputs.refused is not None or not home.is_dir():
        return [ok("doctor-sockets-none")]
    try:
        engines = own_engines(inputs.settings, home, probes.output)
    except OSError as error:
        return [fails("doctor-sockets-directory", why=str(error))]
    findings = [await _own(inputs, engine.socket) for engine in engines]
    return findings + [finding async for finding in _differing(inputs, addresses_of(inputs.settings, engines))]


async def _differing(inputs: Inputs, addresses: Mapping[str, Address], key: str = "") -> AsyncIterator[Finding]:
    """Tell of each engine of a list whose models are not those of the first that answers: it is left out."""
    first: tuple[str, list[Model]] | None = None
    for name, address in addresses.items():
        try:
            answer = await inputs.probes.get(address.url("models"), _headers(key), address.socket)
            models = msgspec.json.decode(answer.body, type=ModelList).data if answer.status == READY else None
        except (OSError, msgspec.MsgspecError):
            continue
        if models is None:
            continue
        if first is None:
            first = name, models
        elif differs := difference(models, *first):
            facts = {"fact": differs.fact, "has": differs.has, "other": differs.other, "others": differs.others}
            yield warning("doctor-sockets-differs", engine=name, **facts)


async def _own(inputs: Inputs, path: Path) -> Finding:
    """Look at the socket of an engine that the bot starts; none, or one that a crash left, is as it should be."""
    is_socket = _is_socket(path)
    if is_socket is None:
        return ok("doctor-sockets-none")
    if not is_socket:
        return fails("doctor-sockets-file", path=str(path))
    try:
        answer = await inputs.probes.get("http://engine/readyz", {}, path)
    except OSError:
        return ok("doctor-sockets-stale", path=str(path))
    return _readiness(answer.status, str(path))


def _is_socket(path: Path) -> bool | None:
    """Return None where nothing is there."""
    try:
        return stat.S_ISSOCK(path.lstat().st_mode)
    except OSError:
        return None


async def _elsewhere(inputs: Inputs, setting: str, address: Address, key: str) -> Finding:
    where = address.where
    try:
        answer = await inputs.probes.get(address.url("models"), _headers(key), address.socket)
    except OSError as error:
        return fails("doctor-sockets-unreachable", setting=setting, where=where, why=_short(str(error)))
    if answer.status in REFUSED:
        return fails("doctor-sockets-key", setting=setting, where=where)
    if answer.status == READY or answer.status == NOT_FOUND:  # some services list no models
        return ok("doctor-sockets", where=where)
    return _readiness(answer.status, where)


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _readiness(status: int, where: str) -> Finding:
    return ok("doctor-sockets", where=where) if status == READY else warning("doctor-sockets-loading", where=where)


def _short(why: str) -> str:
    return why.replace(str(Path.home()), "~")[:200]
