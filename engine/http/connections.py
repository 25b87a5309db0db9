"""The connections of the engine's HTTP server: how many may be open, and how long a request may take to arrive.

Invariant: a client without the API key can neither use up the process's files nor keep others from connecting, nor hold
a connection for longer than HEAD_S, BODY_S and STALL_S allow; a response that the client reads may take as long as its
job does.
"""

from __future__ import annotations

import asyncio
import hmac
import resource
from functools import partial
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""From an open connection, or the end of the last response on it, to the end of the next request's head."""
BODY_S = 120.0
"""From the end of a head to the end of its body: 32 MiB at 280 kB/s."""
STALL_S = 120.0
"""How long a client may leave an answer unread that no longer fits the buffers."""
MAX_FILES = 65_536
MAX_CONNECTIONS = 1_024
FILES_PER_CONNECTION = 4
"""One is the connection itself; the others are kept for models, start pictures, and connections being closed."""


def raise_file_limit() -> int:
    """Raise the process's soft limit of open files as far as it may be, up to MAX_FILES; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MAX_FILES if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


class ConnectionLimit:
    """How many connections may be open at once, and which of them give way to a new one.

    Where there is an API key, connections that never showed it do, also amid a request, and they end after an answer
    where more requests were sent ahead: one client could otherwise hold all of them, and the processor, by asking on
    and on for what needs no key.
    """

    def __init__(self, files: int, api_key: str | None = None) -> None:
        self.most = min(MAX_CONNECTIONS, files // FILES_PER_CONNECTION)
        self._expected = f"Bearer {api_key}".encode() if api_key else None
        self.awaiting_head: dict[BoundedProtocol, None] = {}
        """In the order in which they began to wait."""
        self.strangers: dict[BoundedProtocol, None] = {}
        """Those that never showed the key, oldest first; none where there is no key."""

    @property
    def backlog(self) -> int:
        """How many connections one turn of the event loop may accept before any of them is counted."""
        return max(8, self.most // FILES_PER_CONNECTION)

    def protocol(self) -> Any:
        """Return what uvicorn calls for a new connection."""
        return partial(BoundedProtocol, self)

    def enter(self, connection: BoundedProtocol) -> None:
        """Count a new connection among the strangers."""
        if self._expected is not None:
            self.strangers[connection] = None

    def shows_key(self, authorization: bytes) -> bool:
        """Tell whether a request's header holds the key."""
        return self._expected is not None and hmac.compare_digest(authorization, self._expected)

    def make_room(self) -> bool:
        """Close the connection that has waited for a head for the longest, else the oldest stranger; False for none."""
        oldest = next(iter(self.awaiting_head), None) or next(iter(self.strangers), None)
        if oldest is None:
            return False
        oldest.abort()
        return True


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with a deadline for each head and body, counted by a ConnectionLimit."""

    def __init__(self, limit: ConnectionLimit, /, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._limit = limit
        self._phase: object = None
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection; where too many are open, in place of one that the limit gives up for it."""
        if len(self.connections) >= self._limit.most and not self._limit.make_room():
            self.transport = transport
            transport.abort()
            return
        super().connection_made(transport)
        self._limit.enter(self)
        self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._limit.strangers.pop(self, None)
        self._forget()
        self._end_stall()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        if self in self._limit.strangers and self.scope is not None:
            given = dict(self.scope["headers"]).get(b"authorization", b"")
            if self._limit.shows_key(given):
                del self._limit.strangers[self]
        self._set_deadline()

    def on_response_complete(self) -> None:
        if self in self._limit.strangers and self.conn.trailing_data[0]:
            self.transport.close()  # requests that were sent ahead are work without end for one packet
        super().on_response_complete()
        self._set_deadline()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(STALL_S, self.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._end_stall()

    def abort(self) -> None:
        """Close the connection at once, without an answer."""
        self._limit.strangers.pop(self, None)
        self._forget()
        self._end_stall()
        self.connections.discard(self)
        self.transport.abort()

    def _set_deadline(self) -> None:
        """Start the deadline of the head or body that the client now owes, unless it runs already."""
        if self.transport.is_closing():
            return
        phase = self._owed()
        if phase is self._phase:
            return
        self._forget()
        self._phase = phase
        if phase is None:
            return
        if phase is h11.IDLE:
            self._limit.awaiting_head[self] = None
        self._deadline = self.loop.call_later(HEAD_S if phase is h11.IDLE else BODY_S, self.abort)

    def _owed(self) -> object:
        """Return IDLE where the client owes a head, SEND_BODY where it owes a body, else None.

        Who has the answer before the body is whole, as without a key, owes a head: the rest of the body is for nobody.
        """
        if self.conn.their_state is h11.SEND_BODY and self.conn.our_state is h11.DONE:
            return h11.IDLE
        return self.conn.their_state if self.conn.their_state in (h11.IDLE, h11.SEND_BODY) else None

    def _end_stall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _forget(self) -> None:
        self._phase = None
        self._limit.awaiting_head.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
