"""The names of all settings that begin with LIMNER_, and those that are set beside them, which do nothing.

Invariant: the table holds the settings of both processes, as .env.example does; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.api.light_structlog import structlog

log = structlog.get_logger("settings")

PREFIX = "LIMNER_"
KNOWN = frozenset({
    "LIMNER_ATTENTION", "LIMNER_AT_ONCE", "LIMNER_BLOCKED_USERS", "LIMNER_CEILING", "LIMNER_CEILING_PER",
    "LIMNER_CHANNELS_LAST", "LIMNER_COMPILE", "LIMNER_DATA_KEY", "LIMNER_DATA_KEY_FILE", "LIMNER_DTYPE",
    "LIMNER_EDITOR", "LIMNER_ENGINE_WAIT", "LIMNER_GPUS", "LIMNER_GRACE_SECONDS", "LIMNER_HOME", "LIMNER_LIMIT",
    "LIMNER_LOCALE", "LIMNER_LOG", "LIMNER_LORAS", "LIMNER_METRICS_HOST", "LIMNER_METRICS_PORT", "LIMNER_MODEL",
    "LIMNER_MODEL_ALIASES",
    "LIMNER_PLANNER", "LIMNER_PROMPT_GUARD", "LIMNER_PROVENANCE", "LIMNER_RETENTION_DAYS", "LIMNER_SAFETY",
    "LIMNER_SANDBOX_HOST", "LIMNER_SANDBOX_PORT", "LIMNER_SERVERS", "LIMNER_STYLES", "LIMNER_THREADS",
    "LIMNER_UPSCALER", "LIMNER_WEIGHTS",
})  # fmt: skip
NO_SETTINGS = frozenset({"LIMNER_CHAOS_INSIDE", "LIMNER_DISCORD_OPENAPI", "LIMNER_FUZZ"})
"""What the project's own tests are told by the environment."""


def unknown_settings(names: Iterable[str]) -> dict[str, str]:
    """Return the names of no setting, each with the nearest that is one; empty where none is near."""
    strange = {name for name in names if name.upper().startswith(PREFIX)} - KNOWN - NO_SETTINGS
    return {name: _nearest(name.upper()) for name in sorted(strange)}


def warn_of_unknown(names: Iterable[str]) -> None:
    """Log each name of no setting once."""
    for name, nearest in unknown_settings(names).items():
        log.warning("settings.unknown", name=name, **({"nearest": nearest} if nearest else {}))


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # for a name with a slip alone

    ends = [known.removeprefix(PREFIX) for known in sorted(KNOWN)]  # the prefix would make all of them alike
    return next((PREFIX + end for end in get_close_matches(name.removeprefix(PREFIX), ends, 1)), "")
