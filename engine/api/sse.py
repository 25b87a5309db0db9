"""Server-sent events: the engine writes them, the client reads them in bounded memory."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import msgspec

COMMENT = b":\n\n"
"""Sent each second, so that proxies keep the connection open and the writer notices a closed one."""

WITH_FILES = "application/vnd.limner.events"
"""The media type of server-sent events that files may follow, as they are: an event's field `file` is how many bytes.

Between Limner's own two processes, so that pictures need no base64; a client asks for it by Accept.
"""

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


def format_file_event(message: object, name: str, file: bytes) -> bytes:
    """Return one event and its file, of the media type WITH_FILES."""
    return b"".join((b"file: %d\n" % len(file), format_event(message, name), file))


class TooLong(Exception):
    """One event is larger than the reader accepts."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event's data, and the file that followed it; empty where none did."""

    data: bytes
    file: bytes = b""


class EventReader:
    """Takes chunks of a stream and returns each complete event; never holds more than `limit` bytes.

    `files`: whether files may follow events; each is held once. `sends_comments` turns true with the first comment:
    such a server sends one each second. `progressed`: whether the last chunk held a comment by which an engine's models
    work, for whomever.
    """

    def __init__(self, limit: int, *, files: bool = False) -> None:
        self.sends_comments = self.progressed = False
        self._limit, self._files = limit, files
        self._line = bytearray()
        self._data = bytearray()
        self._file = io.BytesIO()
        self._announced = self._missing = 0

    def feed(self, chunk: bytes) -> list[StreamEvent]:
        """Return the events that end in this chunk. Raises TooLong."""
        self.progressed = False
        events, rest = list[StreamEvent](), memoryview(chunk)
        while rest:
            if self._missing:
                part, rest = rest[: self._missing], rest[self._missing :]
                self._file.write(part)
                self._missing -= len(part)
                if not self._missing:
                    events.append(self._event())
                continue
            end = chunk.find(b"\n", len(chunk) - len(rest)) - (len(chunk) - len(rest))
            if end < 0:
                self._line += rest
                break
            self._line += rest[:end]
            rest = rest[end + 1 :]
            if line := bytes(self._line.removesuffix(b"\r")):
                self._take(line)
            elif self._data and self._announced:
                self._missing = self._announced
            elif self._data:
                events.append(self._event())
            self._line.clear()
        if len(self._line) + len(self._data) + self._announced > self._limit:
            raise TooLong
        return events

    def _event(self) -> StreamEvent:
        event = StreamEvent(bytes(self._data), self._file.getvalue())  # which gives its buffer away, without a copy
        self._data.clear()
        self._file, self._announced = io.BytesIO(), 0
        return event

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
        elif field == b"file" and self._files and (size := value.strip()).isdigit() and len(size) < 12:
            self._announced = int(size)
