"""Sees that the settings of the engine's models were changed in .env, and starts the engine anew; the bot stays.

Invariant: settings with a mistake start nothing, so that a slip in .env never takes the running engine away.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from bot.host.engine_process import SECRETS
from engine.api.env_settings import ENV_FILE, SettingsInvalid, read_environment
from engine.api.light_structlog import structlog
from engine.api.model_inventory import ModelInventory

log = structlog.get_logger(__name__)

NAMES = (
    "LIMNER_MODEL", "LIMNER_PLANNER", "LIMNER_EDITOR", "LIMNER_LORAS", "LIMNER_UPSCALER", "LIMNER_MODEL_ALIASES",
    "LIMNER_SAFETY", "LIMNER_PROMPT_GUARD",
    "LIMNER_DTYPE", "LIMNER_WEIGHTS", "LIMNER_ATTENTION", "LIMNER_COMPILE", "LIMNER_CHANNELS_LAST", "LIMNER_THREADS",
    "LIMNER_PROVENANCE",
)  # fmt: skip
"""What the engine reads when it loads its models."""
LOOK_S = 2.0


async def follow_settings(replace: Callable[[], object], blank: Sequence[str], look_s: float = LOOK_S) -> None:
    """Look at .env for ever, and `replace` the engine whenever one of NAMES has another value."""
    known, seen = _values(), _written()
    while True:
        await asyncio.sleep(look_s)
        if (written := _written()) == seen:
            continue
        seen, values = written, _values()
        if values is None or values == known:
            continue
        if known is not None and (wrong := await _mistakes(blank)):
            log.warning("engine.settings_wrong", names=wrong)
            continue
        changed = [name for name in NAMES if values.get(name) != (known or {}).get(name)]
        log.info("engine.replaced", changed=changed)
        known = values
        replace()


def set_elsewhere(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return those of NAMES that the environment sets, which wins over .env: changing the file changes nothing."""
    return [name for name in NAMES if environment.get(name, "").strip()]


def _values() -> dict[str, str] | None:
    """Return what is set of NAMES; None where .env cannot be read at this moment."""
    try:
        environment = read_environment(secrets=())
    except SettingsInvalid:
        return None
    return {name: environment[name] for name in NAMES if name in environment}


def _written() -> tuple[int, int]:
    """Return what changes when .env is written."""
    try:
        stat = Path(ENV_FILE).stat()
    except OSError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_ino)


async def _mistakes(blank: Sequence[str]) -> list[str]:
    """Have the engine read its settings without loading anything; return the names of those that are wrong."""
    environment = {**os.environ, **dict.fromkeys((*SECRETS, *blank), "")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.model_inventory",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip
    output, _ = await process.communicate()
    try:
        return [str(mistake.facts["name"]) for mistake in msgspec.json.decode(output, type=ModelInventory).mistakes]
    except msgspec.MsgspecError:
        return []
