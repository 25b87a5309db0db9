"""Reads a JSON body into a message; what is wrong with it becomes one sentence that names the field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from engine.api.errors import BadRequest, TooLarge
from engine.http.field_tables import without_nulls

MAX_BODY_BYTES = 1 << 20

Message = TypeVar("Message")

_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
_NAMES = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_LIMITS = (
    (re.compile(r"Expected `(?:str|array)` of length >= (\d+)"), r"must have a length of at least \1"),
    (re.compile(r"Expected `(?:str|array)` of length <= (\d+)"), r"must have a length of at most \1"),
    (re.compile(r"Expected `(?:int|float)` >= (\S+)"), r"must be at least \1"),
    (re.compile(r"Expected `(?:int|float)` <= (\S+)"), r"must be at most \1"),
    (re.compile(r"Expected `(?:int|float)` > (\S+)"), r"must be more than \1"),
    (re.compile(r"Expected `(?:int|float)` < (\S+)"), r"must be less than \1"),
    (re.compile(r"Expected `str` matching regex .*"), "must not be blank"),
    (re.compile(r"Invalid enum value (.*)"), r"the value \1 is not one of those possible"),
    (re.compile(r"Object missing required field `.*`"), "is missing"),
)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
MAX_SHOWN_CHARS = 64

Settle = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a request's fields, and returns those that the message has; one of `engine.http.field_tables`."""


async def read_json(request: Request, kind: type[Message], settle: Settle) -> Message:
    """Return the body as this message. A field that is null counts as left out.

    Raises BadRequest with one sentence, TooLarge.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"The request is larger than {MAX_BODY_BYTES} bytes.")
    try:
        fields = without_nulls(msgspec.json.decode(body))
        return msgspec.convert(settle(fields) if isinstance(fields, dict) else fields, kind)
    except msgspec.ValidationError as error:
        raise validation_error(str(error)) from None
    except RecursionError:
        raise BadRequest("The request's body is nested too deeply.") from None
    except ValueError as error:  # msgspec's, of UTF-8, or of a number with more digits than Python reads
        raise BadRequest(f"The request's body is not valid JSON: {error}.") from None


def request_id(request: Request) -> str:
    """Return the X-Request-Id, for the logs; empty where it is missing or not a plain identifier."""
    name = request.headers.get("X-Request-Id", "")
    return name if _ID.fullmatch(name) else ""


def validation_error(fault: str) -> BadRequest:
    """Turn msgspec's message into a sentence that names the field."""
    match = _PLACE.search(fault)
    place = match[1] if match else ""
    what = _PLACE.sub("", fault)
    if unknown := _UNKNOWN.fullmatch(what):
        name = " ".join(unknown[1].split())[:MAX_SHOWN_CHARS]
        place = f"{place}.{name}" if place else name
        return BadRequest(f"{place}: the engine knows no such field; leave it out.", param=place)
    if missing := _MISSING.fullmatch(what):
        place = f"{place}.{missing[1]}" if place else missing[1]
    for pattern, sentence in _LIMITS:
        what = pattern.sub(sentence, what)
    what = re.sub(r"Expected `([^`]*)`, got `([^`]*)`", _mismatch, what)
    return BadRequest(f"{place}: {what}." if place else f"The request: {what}.", param=place or None)


def _mismatch(match: re.Match[str]) -> str:
    expected = " or ".join(_NAMES.get(kind, kind) for kind in match[1].split(" | ") if kind != "null")
    return f"must be {expected}, not {_NAMES.get(match[2], match[2])}"
