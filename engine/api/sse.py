"""Server-sent events: the engine writes them, the client reads them in bounded memory."""

from __future__ import annotations

import re

import msgspec

COMMENT = b":\n\n"
"""Sent each second, so that proxies keep the connection open and the writer notices a closed one."""

DONE = b"data: [DONE]\n\n"
"""The end of a streamed chat answer, as OpenAI's servers send it."""
_HEARTBEAT = re.compile(rb": \w+, (\d{1,7}\.\d) s without progress")
RECENT_S = 1.5
"""Comments come each second, so each progress is this recent in one of them."""


def heartbeat_comment(activity: str, silent_s: float) -> bytes:
    """Return the comment that says what the engine's model thread does, and how long ago it last progressed."""
    return f": {activity}, {silent_s:.1f} s without progress\n\n".encode()


def format_event(message: object, name: str | None = None) -> bytes:
    """Return one event: its optional name, and the message as JSON in its data."""
    head = b"event: %b\n" % name.encode() if name else b""
    return head + b"data: " + msgspec.json.encode(message) + b"\n\n"


class TooLong(Exception):
    """One event is larger than the reader accepts."""


class EventReader:
    """Takes chunks of a stream and returns the data of each complete event; never holds more than `limit` bytes.

    `sends_comments` turns true with the first comment: such a server sends one each second. `progressed` tells whether
    the last chunk held a comment by which an engine's models work, for whomever.
    """

    def __init__(self, limit: int) -> None:
        self.sends_comments = self.progressed = False
        self._limit = limit
        self._line = bytearray()
        self._data = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events that end in this chunk. Raises TooLong."""
        self.progressed = False
        *endings, rest = chunk.split(b"\n")
        events = []
        for ending in endings:
            self._line += ending
            line = bytes(self._line.removesuffix(b"\r"))
            self._line.clear()
            if line:
                self._take(line)
            elif self._data:
                events.append(bytes(self._data))
                self._data.clear()
        self._line += rest
        if len(self._line) + len(self._data) > self._limit:
            raise TooLong
        return events

    def _take(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if not field:
            self.sends_comments = True
            beat = _HEARTBEAT.match(line)
            self.progressed |= beat is not None and float(beat[1]) <= RECENT_S
        elif field == b"data":
            if self._data:
                self._data += b"\n"
            self._data += value.removeprefix(b" ")
