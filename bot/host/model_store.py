"""Lists, fetches and removes models by the engine's `python -m engine.model_store`, a process of its own.

Invariant: the process ends with whoever reads its lines; it is given no secret but the hub's own token.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, cast

import msgspec

from bot.host.engine_process import SECRETS
from bot.host.env_file_editor import changed, write_private
from bot.operator_errors import OperatorError
from engine.api.env_settings import ENV_FILE
from engine.api.installation import has_engine, install_command
from engine.api.model_catalog import OWN_READERS, entry_of
from engine.api.model_store import Event, Failed, Kind, Plan, Stored

Verb = Literal["list", "look", "fetch", "remove"]
MAX_LINE = 1 << 22
AUTO, STARTER, ONE_STEP = "auto", "starter", "starter-one-step"
BUNDLED = {STARTER: "", ONE_STEP: ONE_STEP}
"""What LIMNER_MODEL is for each bundled painter, by its name; both have the same language model."""


class ModelsFailed(OperatorError):
    """What was asked of the models was not done."""


async def store_events(verb: Verb, *names: str) -> AsyncGenerator[Event, None]:
    """Yield what the process says; closing the generator ends it, and what came so far is kept.

    Raises ModelsFailed with its sentence.
    """
    if not has_engine():
        raise ModelsFailed("start-engine-not-installed", command=install_command())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.model_store", verb, *names,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, limit=MAX_LINE,
        env={**os.environ, **dict.fromkeys(SECRETS, "")},
    )  # fmt: skip
    try:
        async for line in cast(asyncio.StreamReader, process.stdout):
            event = msgspec.json.decode(line, type=Event)
            if isinstance(event, Failed):
                raise ModelsFailed(event.key, **event.facts)
            yield event
        if await process.wait():
            raise ModelsFailed("models-broke", code=process.returncode or 0)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def stored_models() -> Stored:
    """Return what the hub's cache holds. Raises ModelsFailed."""
    events = [event async for event in store_events("list")]
    return next(event for event in events if isinstance(event, Stored))


async def look_up(name: str) -> Plan:
    """Ask the hub what a model is and how large. Raises ModelsFailed."""
    events = [event async for event in store_events("look", name)]
    return next(event for event in events if isinstance(event, Plan))


def settings_for(name: str, kind: Kind, before: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that make a model the painter, or the language model.

    A painter beside which no language model was named gets one that fits, or its own text encoder.
    """
    if name == AUTO:
        return {"LIMNER_MODEL": AUTO, "LIMNER_PLANNER": AUTO}
    if name in BUNDLED:
        return {"LIMNER_MODEL": BUNDLED[name], "LIMNER_PLANNER": ""}
    if kind == "model":
        return {"LIMNER_PLANNER": name}
    reader = before.get("LIMNER_PLANNER", "")
    if (entry := entry_of(name)) and entry.reader and reader in ("", AUTO):
        return {"LIMNER_MODEL": name, "LIMNER_PLANNER": entry.reader}
    return {"LIMNER_MODEL": name, "LIMNER_PLANNER": AUTO if name in OWN_READERS or not reader else reader}


def write_settings(values: Mapping[str, str]) -> None:
    """Change settings in .env, which is made where it is not there. Raises ModelsFailed."""
    file = Path(ENV_FILE)
    try:
        old = file.read_text("utf-8") if file.exists() else ""
        write_private(file, changed(old, values))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ModelsFailed("init-unwritable", file=ENV_FILE, why=why) from error
