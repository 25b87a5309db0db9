"""Error answers of other servers (OpenAI's error object, FastAPI's details, HTML pages) as Limner's errors.

Invariant: the message is one short line for a person and holds no API key.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import msgspec

from engine.api.errors import (
    UNREADABLE,
    BadRequest,
    ContentBlocked,
    EngineError,
    Internal,
    OutOfMemory,
    QueueFull,
    TooLarge,
    Unauthorized,
    Unavailable,
    seconds,
)

MAX_LINE_CHARS = 300

_BLOCKED = {"moderation_blocked", "content_policy_violation", "content_filter", "content_blocked"}
_NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_MEMORY = {"out_of_memory"}
_SECRET = re.compile(r"\b(?:sk|pk|key|api)[-_][\w*.\-]{6,}|(?i:bearer)\s+\S+", re.ASCII)
_NOT_TAKEN = re.compile(
    r"unknown|unrecogni[sz]ed|unsupported|unexpected|only supported|does not support|verified"
    r"|not (?:be )?(?:supported|permitted|allowed|recogni[sz]ed|available)|extra (?:inputs|fields)|additional propert",
    re.IGNORECASE,
)


def read_service_error(status: int, body: bytes, retry_after: str | None = None) -> EngineError:
    """Return the error that a hosted service's answer means; a body that cannot be read is judged by its status."""
    message, code, param = _parse_error(body)
    wait = seconds(retry_after)
    if code in _BLOCKED:
        return ContentBlocked(message or "The service does not draw this.", param=param)
    if status == 401 or code in _NO_CREDIT or status == 402:
        why = "has no credit left for this" if code in _NO_CREDIT or status == 402 else "refuses the key"
        return Unauthorized(f"The service {why}.")
    if status == 429 or code == "rate_limit_exceeded":
        return QueueFull(message or "The service takes no more requests for now.", retry_after=wait)
    if code in _MEMORY:
        return OutOfMemory(message or "The service is out of memory.")
    if status in (502, 503, 504, 529):
        return Unavailable("The service cannot answer at the moment.", retry_after=wait)
    if status == 413:
        return TooLarge(message or "The request is too large for the service.")
    if 300 <= status < 500:
        return BadRequest(message or f"The service answered with status {status}.", param=param)
    return Internal(message or f"The service answered with status {status}.", param=param)


def unsupported_field(error: BadRequest, optional: Collection[str]) -> str | None:
    """Return the optional field that this refusal says is not supported; None where it refuses for another reason.

    OpenAI names the field in `param`, others in the sentence alone.
    """
    if error.param is not None:
        named = re.split(r"[.\[]", error.param)[0]
        return named if named in optional else None
    if not _NOT_TAKEN.search(str(error)):
        return None
    words = set(re.findall(r"\w+", str(error).casefold()))
    if "streaming" in words:
        words.add("stream")
    return next((field for field in sorted(optional) if field in words), None)


def _parse_error(body: bytes) -> tuple[str, str | None, str | None]:
    """Return message, code and param of an error body, in whatever of the known shapes."""
    try:
        answer = msgspec.json.decode(body)
    except UNREADABLE:
        return "", None, None
    if not isinstance(answer, dict):
        return "", None, None
    error: Any = answer.get("error") or answer.get("detail") or answer
    if isinstance(error, list) and error:  # FastAPI: one entry a field, `loc` ends with its name
        error = error[0]
    if isinstance(error, str):
        return _line(error), None, None
    if not isinstance(error, dict):
        return "", None, None
    message, code, param = error.get("message") or error.get("msg"), error.get("code"), error.get("param")
    place = error.get("loc")
    if param is None and isinstance(place, list) and place:
        param = place[-1]
    return (
        _line(message) if isinstance(message, str) else "",
        code if isinstance(code, str) else None,
        param if isinstance(param, str) else None,
    )


def _line(text: str) -> str:
    line = _SECRET.sub("…", " ".join(text.split()))
    return line if len(line) <= MAX_LINE_CHARS else f"{line[: MAX_LINE_CHARS - 1]}…"
