"""Every way in which the engine can fail, one class each, mapped once to a wire code.

EngineError
├── BadRequest          the request cannot be served as it is; the message says what to change
│   ├── NotFound        … because what it names is not there
│   │   └── ModelNotFound  … a model that is not loaded here; the code is OpenAI's
│   └── TooLarge        … because its body is too long
├── Unauthorized        a key is missing or wrong
├── ContentBlocked      the prompt or the picture is not allowed
├── QueueFull           too much is waiting; retry_after says for how long
├── ModelLoading        the models are not loaded yet
├── OutOfMemory         the device has too little memory for this request
├── CheckFailed         the picture check or the prompt guard cannot be loaded or run, so nothing is drawn
├── Cancelled           someone asked for this work to stop
├── Internal            a fault of the engine's own
└── Unavailable         no answer, or one cut short (raised by the client alone)
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from engine.api.model_store import Loading


class EngineError(Exception):
    """A failure that both sides know: `code` and `status` go over the wire, `str()` is one sentence for a person."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    kind: ClassVar[str] = "server_error"

    def __init__(self, message: str, *, retry_after: float | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.param = param

    def body(self) -> dict[str, object]:
        """Return OpenAI's error object."""
        return {"error": {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}}


class BadRequest(EngineError):
    code, status, kind = "bad_request", 400, "invalid_request_error"


class NotFound(BadRequest):
    status = 404


class ModelNotFound(NotFound):
    """Carries the code by which OpenAI's clients know it."""

    code = "model_not_found"


class TooLarge(BadRequest):
    status = 413


class Unauthorized(EngineError):
    code, status, kind = "unauthorized", 401, "invalid_request_error"


class ContentBlocked(EngineError):
    code, status, kind = "content_blocked", 400, "invalid_request_error"


class QueueFull(EngineError):
    code, status, kind = "queue_full", 429, "rate_limit_error"


class ModelLoading(EngineError):
    """`progress` says how far the engine is, where it tells."""

    code, status = "model_loading", 503

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        param: str | None = None,
        progress: Loading | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after, param=param)
        self.progress = progress

    def body(self) -> dict[str, object]:
        told = {"limner": msgspec.to_builtins(self.progress)} if self.progress else {}
        return {**super().body(), **told}


class OutOfMemory(EngineError):
    code, status = "out_of_memory", 503


class CheckFailed(EngineError):
    code = "check_failed"


class Cancelled(EngineError):
    code, status, kind = "cancelled", 409, "invalid_request_error"


class Internal(EngineError):
    pass


class Unavailable(EngineError):
    code, status = "unavailable", 503


LONGEST_WAIT_S = 3_600.0
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading foreign JSON raises: it is none, of another shape, not in UTF-8, or nested without an end."""
NOTHING_LEFT = "Nothing is left of the words without mentions, ids, addresses and numbers; add a description."

WIRE_ERRORS: dict[str, type[EngineError]] = {
    error.code: error
    for error in (
        BadRequest, ModelNotFound, Unauthorized, ContentBlocked, QueueFull, ModelLoading, OutOfMemory, CheckFailed,
        Cancelled, Internal,
    )
}  # fmt: skip


class _Detail(msgspec.Struct):
    message: str = ""
    code: str | None = None
    param: str | None = None


class _Body(msgspec.Struct):
    error: _Detail
    limner: Loading | None = None


def from_wire(status: int, body: bytes, retry_after: str | None = None) -> EngineError:
    """Rebuild the error that a server sent, Limner's engine or any other that speaks OpenAI's API.

    A code that is not Limner's, or a body that is no error object, is judged by its HTTP status. A fault without an
    error object comes from something in between, such as a cluster's proxy whose replica died: Unavailable.
    """
    try:
        read = msgspec.json.decode(body, type=_Body)
        detail, progress = read.error, read.limner
    except UNREADABLE:
        if status >= 500:
            return Unavailable(f"The engine answered with status {status}.", retry_after=seconds(retry_after))
        detail, progress = _Detail(message=f"The engine answered with status {status}."), None
    by_status = {error.status: error for error in (Internal, ModelLoading, QueueFull, Unauthorized, BadRequest)}
    fallback = by_status.get(status) or (BadRequest if 400 <= status < 500 else Internal)
    error = WIRE_ERRORS.get(detail.code or "", fallback)
    if error is ModelLoading:
        return ModelLoading(detail.message, retry_after=seconds(retry_after), param=detail.param, progress=progress)
    return error(detail.message, retry_after=seconds(retry_after), param=detail.param)


def error_code(body: bytes) -> str | None:
    """Return the code of an error object; None where the body is another thing."""
    try:
        return msgspec.json.decode(body, type=_Body).error.code
    except UNREADABLE:
        return None


def seconds(header: str | None) -> float | None:
    """Read a Retry-After, an hour at most; None where there is none."""
    try:
        return min(max(0.0, float(header)), LONGEST_WAIT_S) if header is not None else None
    except ValueError:  # the header may also be a date, which no OpenAI-shaped server is known to send
        return None
