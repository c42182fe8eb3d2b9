"""One request and its answer on an HTTP connection: the server's side of ASGI.

https://asgi.readthedocs.io/en/latest/specs/www.html. It does what uvicorn's own cycle does, with
less per request: no event unless somebody has to wait, and head and body of a whole answer in one
write.
"""

import asyncio
import logging
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE

if TYPE_CHECKING:
    from supergraph.server.http_protocol import BoundedHttpProtocol

__all__ = ["CANCEL_WHEN_LEFT", "Cycle", "default_lines"]

#: The ASGI extension by which an application asks to be cancelled when its client leaves.
CANCEL_WHEN_LEFT = "supergraph.cancel_when_left"

#: Names of headers whose check is kept; an application sends always the same few.
KEPT_NAMES = 256
#: Statuses that never have a body (https://www.rfc-editor.org/rfc/rfc9112#section-6.3).
BODILESS = frozenset({204, 304})

_FAILURE: tuple[Message, Message] = (
    {
        "type": "http.response.start",
        "status": 500,
        "headers": [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"21"),
            (b"connection", b"close"),
        ],
    },
    {"type": "http.response.body", "body": b"Internal Server Error"},
)
log = logging.getLogger("uvicorn.error")


class Cycle:
    """A request whose head is there; the protocol adds its body as it comes."""

    __slots__ = (
        "_arrived",
        "_cancels",
        "_chunked",
        "_expects_continue",
        "_gave_end",
        "_head",
        "_is_head",
        "_leaving",
        "_length",
        "_news",
        "_protocol",
        "_started",
        "body",
        "disconnected",
        "keep_alive",
        "more_body",
        "response_complete",
        "task",
    )

    def __init__(
        self, protocol: "BoundedHttpProtocol", *, is_head: bool, keep_alive: bool, waits: bool
    ) -> None:
        self._protocol = protocol
        self._is_head = is_head
        self.keep_alive = keep_alive
        self._expects_continue = waits
        self.body: bytes | bytearray = b""
        self.more_body = True
        self.disconnected = False
        self.response_complete = False
        self.task: asyncio.Task[None] | None = None
        self._cancels = False
        self._arrived = False
        self._gave_end = False
        self._leaving = False
        self._news: asyncio.Event | None = None
        self._started = False
        self._head = b""
        self._chunked = False
        self._length = 0

    def add_to_body(self, part: bytes) -> int:
        """Take a part that came, and answer how much waits to be received."""
        if not self.body:
            self.body = part
        elif isinstance(self.body, bytes):
            self.body = bytearray(self.body) + part
        else:
            self.body += part
        self._wake()
        return len(self.body)

    def end(self, *, is_lost: bool = False) -> None:
        """Nothing more comes: the body is complete, or the connection is lost."""
        self.more_body = False
        self.disconnected = is_lost and not self.response_complete
        if self.disconnected and self._cancels and self.task is not None:
            self.task.cancel()
        self._wake()

    def cancel_when_left(self) -> None:
        """Cancel the application when the client leaves from now on.

        An application asks for it (`scope["extensions"]`) where nothing is lost by it.
        """
        self._cancels = True
        if self.disconnected and self.task is not None:
            self.task.cancel()

    def leave(self) -> None:
        """The server shuts down: whoever waits for the end of the connection is told of one.

        What is still sent arrives, so an answer that goes on for ever can say goodbye.
        """
        self._leaving = True
        self._wake()

    def _wake(self) -> None:
        """Something came: a part of the body, its end, or the end of the connection."""
        self._arrived = True
        if self._news is not None:
            self._news.set()

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Let the application answer; whatever it leaves undone ends the connection.

        The scope, which refers to this, is not kept: all would wait for the garbage collector.
        """
        try:
            await app(scope, self.receive, self.send)
        except BaseException as error:  # the server goes on whatever an application does
            if self.disconnected and self._cancels and isinstance(error, asyncio.CancelledError):
                return
            log.exception("Exception in ASGI application\n")
            await self._give_up()
        else:
            if not self.response_complete and not self.disconnected:
                log.error("ASGI callable returned without completing response.")
                await self._give_up()
        finally:
            # Not by a callback of the task, which is one more turn of the event loop.
            self._protocol.tasks.discard(asyncio.current_task())

    async def receive(self) -> Message:
        """The next part of the body, or the end of the connection."""
        protocol = self._protocol
        if self._expects_continue and not protocol.transport.is_closing():
            protocol.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._expects_continue = False
        if not self.disconnected and not self.response_complete:
            protocol.flow.resume_reading()
            if not self._arrived and not (self._leaving and self._gave_end):
                self._news = self._news or asyncio.Event()
                self._news.clear()
                await self._news.wait()
            self._arrived = False
        if self.disconnected or self.response_complete or (self._leaving and self._gave_end):
            return {"type": "http.disconnect"}
        self._gave_end = not self.more_body
        body, self.body = self.body, b""
        return {"type": "http.request", "body": bytes(body), "more_body": self.more_body}

    async def send(self, message: Message) -> None:
        """Take the application's answer."""
        flow = self._protocol.flow
        if flow.write_paused and not self.disconnected:
            await flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.start" and not self._started:
            self._start(message)
        elif kind == "http.response.body" and self._started and not self.response_complete:
            self._send_body(message.get("body", b""), is_last=not message.get("more_body", False))
        else:
            raise RuntimeError(f"the ASGI message {kind!r} is out of place")

    def _start(self, message: Message) -> None:
        self._chunked = False
        status = message["status"]
        head = [STATUS_LINE[status], self._protocol.default_head()]
        length, ends = self._add_headers(head, message.get("headers", ()))
        if not self.keep_alive and not ends:
            head.append(b"connection: close\r\n")
        if length is not None:
            self._length = length
        elif not self._chunked and not self._is_head and status not in BODILESS:
            self._chunked = True
            head.append(b"transfer-encoding: chunked\r\n")
        head.append(b"\r\n")
        self._head = b"".join(head)
        self._started = True  # a head that cannot be sent leaves room for another
        self._expects_continue = False
        if self._chunked:  # its reader may wait for the head long before the first part
            self._write(b"")

    def _add_headers(
        self, head: list[bytes], headers: Iterable[tuple[bytes, bytes]]
    ) -> tuple[int | None, bool]:
        """Add lines to the head; answers the declared length, and whether the answer says close."""
        length: int | None = None
        ends = False
        for given, value in headers:
            if HEADER_VALUE_RE.search(value):
                raise RuntimeError("Invalid HTTP header value.")
            name = _checked_name(given)
            if name == b"content-length" and not self._chunked:
                length = int(value)
            elif name == b"transfer-encoding" and value.lower() == b"chunked":
                length, self._chunked = None, True
            elif name == b"connection" and b"close" in _tokens(value):
                self.keep_alive = False
                ends = True
            head += (name, b": ", value, b"\r\n")
        return length, ends

    def _send_body(self, body: bytes, *, is_last: bool) -> None:
        if self._is_head:
            body, self._length = b"", 0
        elif self._chunked:
            body = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
            if is_last:
                body += b"0\r\n\r\n"
        else:
            self._length -= len(body)
            if self._length < 0 or (is_last and self._length):
                raise RuntimeError("the answer is not as long as its content-length says")
        self._write(body)
        if is_last:
            self._end()

    def _write(self, body: bytes) -> None:
        data = self._head + body
        self._head = b""
        if data:
            self._protocol.transport.write(data)

    def _end(self) -> None:
        self.response_complete = True
        self._wake()
        if not self.keep_alive:
            self._close()
        self._protocol.on_response_complete()

    async def _give_up(self) -> None:
        if self._started or self.disconnected:
            self._close()
            return
        for message in _FAILURE:
            await self.send(message)

    def _close(self) -> None:
        self._protocol.transport.close()
        self._protocol.must_be_read()


@lru_cache(KEPT_NAMES)
def _checked_name(name: bytes) -> bytes:
    if HEADER_RE.search(name):
        raise RuntimeError("Invalid HTTP header name.")
    return name.lower()


def _tokens(value: bytes) -> list[bytes]:
    return [token.strip() for token in value.lower().split(b",")]


def default_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The lines of headers that the server adds to every answer."""
    return b"".join(b"%s: %s\r\n" % header for header in headers)
