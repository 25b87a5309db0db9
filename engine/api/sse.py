"""Server-sent events: the engine writes them, the client reads them in bounded memory."""

from __future__ import annotations

import msgspec

COMMENT = b":\n\n"
"""Sent each second, so that proxies keep the connection open and the writer notices a closed one."""

DONE = b"data: [DONE]\n\n"
"""The end of a streamed chat answer, as OpenAI's servers send it."""


def format_event(message: object, name: str | None = None) -> bytes:
    """Return one event: its optional name, and the message as JSON in its data."""
    head = b"event: %b\n" % name.encode() if name else b""
    return head + b"data: " + msgspec.json.encode(message) + b"\n\n"


class TooLong(Exception):
    """One event is larger than the reader accepts."""


class EventReader:
    """Takes chunks of a stream and returns the data of each complete event; never holds more than `limit` bytes.

    `sends_comments` turns true with the first comment: such a server sends one each second.
    """

    def __init__(self, limit: int) -> None:
        self.sends_comments = False
        self._limit = limit
        self._line = bytearray()
        self._data = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events that end in this chunk. Raises TooLong."""
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
        elif field == b"data":
            if self._data:
                self._data += b"\n"
            self._data += value.removeprefix(b" ")
