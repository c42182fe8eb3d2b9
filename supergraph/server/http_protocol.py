"""uvicorn's HTTP protocol, with bounds on a request's head and less work per request.

Without the bounds a client that never ends its head (or sends a byte of it now and then) holds
memory and a connection for as long as it likes. The body's bounds are in `body`. Start and end of
the server are uvicorn's own; requests run in `http_cycle`, WebSockets in `websocket_protocol`.
"""

import asyncio
from collections import deque
from functools import lru_cache
from typing import Any, cast
from urllib.parse import unquote

import httptools
import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, service_unavailable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from supergraph.server.http_cycle import CANCEL_WHEN_LEFT, Cycle, default_lines
from supergraph.server.stall_watch import StallWatch
from supergraph.server.websocket_protocol import WebSocketProtocol

__all__ = ["BoundedConfig", "BoundedHttpProtocol"]

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
_UNAVAILABLE = cast("ASGIApp", service_unavailable)  # uvicorn has ASGI types of its own
#: Request targets that are kept in parts, and how long one of them may be.
KEPT_TARGETS = 256
KEPT_TARGET_BYTES = 256


class BoundedConfig(uvicorn.Config):
    """uvicorn's settings and the bounds of a head; handed to worker processes as it is."""

    def __init__(
        self,
        app: Any,
        *,
        head_bytes: int,
        head_seconds: float,
        stall_seconds: float,
        **settings: Any,
    ) -> None:
        super().__init__(app, http=BoundedHttpProtocol, ws=WebSocketProtocol, **settings)
        self.head_bytes = head_bytes
        self.head_seconds = head_seconds
        self.stall_seconds = stall_seconds


class BoundedHttpProtocol(HttpToolsProtocol):
    """A connection whose requests must finish their head in time and within the size.

    It has one deadline: for a head that is awaited, else for the pause between two requests, and
    none while a request is answered. The timer is left running when the deadline moves on, and
    looks again when it fires: setting one for every request costs more than parsing its head.
    """

    app: ASGIApp
    config: BoundedConfig
    # uvicorn's own have its own kind of cycle.
    cycle: Cycle | None  # type: ignore[assignment]
    pipeline: deque[tuple[Cycle, ASGIApp, Scope]]  # type: ignore[assignment]

    #: The request that is being answered; `cycle` is the one that is being received.
    _answered: Cycle | None = None
    _upgrades = False
    _awaits_head = False
    _head_size = 0
    _deadline: float | None = None
    _timer: asyncio.TimerHandle | None = None
    _default_headers: list[tuple[bytes, bytes]] | None = None
    _default_head = b""
    _stall: StallWatch | None = None

    def connection_made(self, transport: Any) -> None:
        """The first head is awaited from the start."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._expect_nothing()
        if self._stall is not None:
            self._stall.end()
        self.connections.discard(self)
        self.flow.resume_writing()
        self.pipeline.clear()
        for cycle in (self._answered, self.cycle):
            if cycle is not None:
                cycle.end(is_lost=True)
        if exc is None:
            self.transport.close()
        del self.parser  # it refers back to this

    def shutdown(self) -> None:
        """No further request is taken; answers in progress end, and endless ones learn of it."""
        super().shutdown()
        for cycle in (self._answered, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.keep_alive = False
                cycle.leave()

    def pause_writing(self) -> None:
        """The client does not read as fast as is written; it may be slow, but not stand still."""
        super().pause_writing()
        self.must_be_read()

    def resume_writing(self) -> None:
        """The client has read nearly everything."""
        super().resume_writing()
        if self._stall is not None:
            self._stall.end()

    def must_be_read(self) -> None:
        """Cut the connection off once the client leaves unread what waits for it."""
        if self._stall is None:
            self._stall = StallWatch(self.transport, self.config.stall_seconds)
        self._stall.begin()

    def data_received(self, data: bytes) -> None:
        """Parse, then count what belongs to a head that is still not complete."""
        super().data_received(data)
        if not self._awaits_head:
            return
        self._head_size += len(data)
        if self._head_size > self.config.head_bytes and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A later head is awaited from its first byte; until then keep-alive bounds the pause."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is there: begin to answer, or queue behind the request before."""
        self._awaits_head = False
        self._deadline = None
        self._head_size = 0
        parser = self.parser
        scope: Any = self.scope
        version = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        if version != "1.1":
            scope["http_version"] = version
        parts = _kept_target if len(self.url) <= KEPT_TARGET_BYTES else _target
        scope["path"], scope["raw_path"], scope["query_string"] = parts(self.url)
        if self.root_path:
            scope["path"] = self.root_path + scope["path"]
            scope["raw_path"] = self.root_path.encode("ascii") + scope["raw_path"]
        self._upgrades = parser.should_upgrade() and self._should_upgrade()
        if self._upgrades:
            self._expect_nothing()  # a timer would keep this for a while; it is not needed any more
            return
        keep_alive = version != "1.0" and parser.should_keep_alive()
        previous = self.cycle
        cycle = Cycle(
            self,
            is_head=scope["method"] == "HEAD",
            keep_alive=keep_alive,
            waits=self.expect_100_continue,
        )
        self.cycle = cycle
        scope["extensions"] = {CANCEL_WHEN_LEFT: cycle.cancel_when_left}
        if previous is None or previous.response_complete:
            self._begin(cycle, self._app(), scope)
        else:  # no more is read, so at most what one read brought is queued
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self._app(), scope))

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        cycle = self._received()
        if cycle is not None and cycle.add_to_body(body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        """The end of the body."""
        cycle = self._received()
        if cycle is not None:
            cycle.end()

    def on_response_complete(self) -> None:
        """Go on with the request that waits, or wait for one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._begin(*self.pipeline.pop())
        elif not self._awaits_head:
            self._set_deadline(self.timeout_keep_alive)

    def handle_websocket_upgrade(self) -> None:
        """The connection is a WebSocket from now on, and this is forgotten."""
        self.connections.discard(self)
        protocol = WebSocketProtocol(self.config, self.server_state)
        self.transport.set_protocol(protocol)
        protocol.begin(self.transport, cast("Any", self.scope))
        # They refer to this, and this to them.
        del self.parser, self.scope, self.headers, self.flow

    def default_head(self) -> bytes:
        """The lines that every answer has; uvicorn makes new ones every second."""
        headers = self.server_state.default_headers
        if headers is not self._default_headers:
            self._default_headers, self._default_head = headers, default_lines(headers)
        return self._default_head

    def _received(self) -> Cycle | None:
        """The request that a body belongs to, unless nobody wants it any more."""
        cycle = self.cycle
        return None if cycle is None or cycle.response_complete or self._upgrades else cycle

    def _app(self) -> ASGIApp:
        limit = self.limit_concurrency
        if limit is not None and (len(self.connections) >= limit or len(self.tasks) >= limit):
            self.logger.warning("Exceeded concurrency limit.")
            return _UNAVAILABLE
        return self.app

    def _begin(self, cycle: Cycle, app: ASGIApp, scope: Scope) -> None:
        self._answered = cycle
        cycle.task = self.loop.create_task(cycle.run(app, scope))
        self.tasks.add(cycle.task)

    def _await_head(self) -> None:
        self._awaits_head = True
        self._head_size = 0
        self._set_deadline(self.config.head_seconds)

    def _set_deadline(self, seconds: float) -> None:
        self._deadline = deadline = self.loop.time() + seconds
        timer = self._timer
        if timer is None:
            self._timer = self.loop.call_at(deadline, self._look_at_deadline)
        elif timer.when() > deadline:
            timer.cancel()
            self._timer = self.loop.call_at(deadline, self._look_at_deadline)

    def _expect_nothing(self) -> None:
        self._deadline = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at_deadline(self) -> None:
        self._timer = None
        if self._deadline is None:
            return
        if self.loop.time() >= self._deadline:
            self.transport.close()
            self.must_be_read()
        else:
            self._timer = self.loop.call_at(self._deadline, self._look_at_deadline)


def _target(url: bytes) -> tuple[str, bytes, bytes]:
    """Path, path as it was sent, and query of a request's target."""
    parsed = httptools.parse_url(url)
    path = parsed.path.decode("ascii")
    return (unquote(path) if "%" in path else path), parsed.path, parsed.query or b""


_kept_target = lru_cache(KEPT_TARGETS)(_target)
