"""One WebSocket to a subgraph, shared by many subscriptions (graphql-transport-ws).

A task reads the socket and hands each result to its stream. A stream holds a bounded number of
results; when a consumer falls that far behind, the socket is left unread until it catches up, so
the subgraph feels the back-pressure instead of the gateway collecting events. The other streams of
the same socket wait as well, which is the price of sharing it; a stream whose consumer takes
nothing at all for `stall_seconds` is therefore given up, unless it is the only one.

The socket is asked for a sign of life only while it is being read: silence of a socket that nobody
reads says nothing about the subgraph.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Protocol, TypeAlias

from supergraph.errors import broken_invariant
from supergraph.protocols.transport_ws import messages
from supergraph.protocols.transport_ws.client import (
    Acknowledged,
    ClientConnection,
    Completed,
    Event,
    Failed,
    Ignored,
    PingReceived,
    ResultReceived,
)
from supergraph.protocols.transport_ws.messages import Close, SubscribePayload
from supergraph.telemetry.logs import logger

__all__ = ["Lost", "Socket", "SocketRefusedError", "Stream", "StreamEvent", "SubscriptionSocket"]

#: After this long without a frame the subgraph is pinged; after as long again it counts as lost.
SILENCE_SECONDS = 20.0
#: How long saying goodbye may take, to a stream or to a socket.
END_SECONDS = 2.0
log = logger(__name__)


class SocketRefusedError(Exception):
    """The subgraph answered the handshake, but not with a WebSocket that serves us.

    `may_pass` says that it may do so a little later.
    """

    def __init__(self, why: str, *, may_pass: bool = False) -> None:
        super().__init__(why)
        self.may_pass = may_pass


class Socket(Protocol):
    """An open WebSocket that carries text.

    `receive` answers None once it is closed by either side; `close_code` is then known, or None
    when the connection broke. `send` raises OSError on a closed socket.
    """

    @property
    def close_code(self) -> int | None:
        """The code of the close frame that came, if one did."""

    async def send(self, text: str) -> None:
        """Write one frame; waits while the other side does not read."""

    async def receive(self) -> str | None:
        """The next frame."""

    async def close(self, code: int) -> None:
        """Close, in bounded time; does nothing when closed."""


class Lost(Exception):  # noqa: N818 # a thing that happens to a stream, like StopIteration
    """The socket ended while the stream was open; says why.

    `may_pass` says that the stream may be opened again a little later.
    """

    def __init__(self, why: str, *, may_pass: bool = False) -> None:
        super().__init__(why)
        self.may_pass = may_pass


StreamEvent: TypeAlias = ResultReceived | Failed | Completed


class Stream:
    """The results of one subscription on their way to its consumer."""

    def __init__(self, operation_id: str, events_max: int) -> None:
        self.id = operation_id
        # The queue has no bound of its own: the end of a stream must always find room.
        self._events: asyncio.Queue[StreamEvent | Lost] = asyncio.Queue()
        self._room = asyncio.Semaphore(events_max)

    def __repr__(self) -> str:
        return f"<Stream {self.id}, {self._events.qsize()} waiting>"

    async def put(self, event: StreamEvent) -> None:
        """Add a result; waits while the stream is full. The end of the stream never waits."""
        if isinstance(event, ResultReceived):
            await self._room.acquire()
        self._events.put_nowait(event)

    async def get(self) -> StreamEvent:
        """The next event; raises `Lost` after the last when the socket was lost."""
        event = await self._events.get()
        if isinstance(event, Lost):
            raise event
        self._room.release()
        return event

    def lose(self, why: str, *, may_pass: bool = False) -> None:
        """End the stream after what it holds."""
        self._events.put_nowait(Lost(why, may_pass=may_pass))

    def abandon(self) -> None:
        """Let whoever waits for room go on: nobody reads any more."""
        self._room.release()


class SubscriptionSocket:
    """A connection that is opened, acknowledged, shared and closed as one."""

    def __init__(
        self, open_socket: Callable[[], Awaitable[Socket]], events_max: int, stall_seconds: float
    ) -> None:
        self._open_socket = open_socket
        self._events_max = events_max
        self._stall_seconds = stall_seconds
        self._connection = ClientConnection()
        self._socket: Socket | None = None
        self._reader: asyncio.Task[None] | None = None
        self._streams: dict[str, Stream] = {}
        self._ids = (str(number) for number in count(1))
        self.is_lost = False

    def __repr__(self) -> str:
        return f"<SubscriptionSocket {self._connection!r}>"

    async def open(self, init_payload: dict[str, str], on_lost: Callable[[], None]) -> None:
        """Connect and wait for the acknowledgement; raises `Lost` or what opening raised.

        The caller sets the time limit. `on_lost` is called once when the socket ends later on, for
        whatever reason; the caller has to `close` it then.
        """
        self._socket = socket = await self._open_socket()
        try:
            await socket.send(self._connection.init(init_payload or None))
            await self._acknowledged(socket)
        except asyncio.CancelledError:
            # Given up by the caller's time limit, or nobody wants the socket any more.
            await self._shut(messages.CONNECTION_ACKNOWLEDGEMENT_TIMEOUT)
            raise
        except BaseException:
            await self._shut(messages.BAD_RESPONSE)
            raise
        # The socket outlives the request that opened it, and so must not log under its name.
        self._reader = asyncio.create_task(
            self._read(socket, on_lost), context=contextvars.Context()
        )

    async def subscribe(self, payload: SubscribePayload) -> Stream:
        """Start an operation; raises `Lost` when the socket has ended."""
        if self.is_lost or self._socket is None:
            raise Lost("the connection is closed", may_pass=True)
        stream = Stream(next(self._ids), self._events_max)
        frame = self._connection.subscribe(stream.id, payload)
        self._streams[stream.id] = stream
        try:
            await self._socket.send(frame)
        except OSError as error:
            self._streams.pop(stream.id, None)
            raise Lost("the connection broke", may_pass=True) from error
        except BaseException:
            await self.end(stream)
            raise
        return stream

    async def end(self, stream: Stream) -> None:
        """Tell the subgraph that nobody wants the stream, unless it has ended by itself."""
        self._streams.pop(stream.id, None)
        stream.abandon()
        frame = self._connection.complete(stream.id)
        if frame is None or self._socket is None:
            return
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await self._socket.send(frame)

    async def close(self) -> None:
        """Close the socket; streams that are still open are lost."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        await self._shut(messages.NORMAL)

    async def _acknowledged(self, socket: Socket) -> None:
        while True:
            text = await socket.receive()
            if text is None:
                code = socket.close_code
                raise Lost(messages.explain_close(code), may_pass=messages.close_may_pass(code))
            match self._connection.receive(text):
                case Acknowledged():
                    return
                case PingReceived(payload):
                    await socket.send(self._connection.pong(payload))
                case Close() as close:
                    raise Lost(close.reason)
                case _:
                    pass

    async def _read(self, socket: Socket, on_lost: Callable[[], None]) -> None:
        why, close = "the gateway closed the connection", messages.NORMAL
        may_pass = False
        try:
            while True:
                text = await self._receive(socket)
                if text is None:
                    why = messages.explain_close(socket.close_code)
                    may_pass = messages.close_may_pass(socket.close_code)
                    return
                event = self._connection.receive(text)
                if isinstance(event, Close):
                    why, close = event.reason, event
                    return
                await self._act(socket, event)
        except TimeoutError:
            why, close = "the subgraph fell silent", messages.KEEP_ALIVE_TIMEOUT
            may_pass = True
        except OSError as error:
            why = f"the connection broke: {error}"
            may_pass = True
        finally:
            self._lose(why, close, may_pass=may_pass)
            on_lost()

    async def _receive(self, socket: Socket) -> str | None:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                return await socket.receive()
        except TimeoutError:
            pass
        async with asyncio.timeout(SILENCE_SECONDS):
            await socket.send(self._connection.ping())
            return await socket.receive()

    async def _act(self, socket: Socket, event: Event) -> None:
        match event:
            case ResultReceived() | Failed() | Completed():
                stream = self._streams.get(event.id)
                if stream is not None:
                    await self._put(stream, event)
            case PingReceived():
                await socket.send(self._connection.pong(event.payload))
            case Ignored():
                pass
            case Acknowledged() | Close():
                broken_invariant(f"{event!r} is handled before, or illegal by now")

    async def _put(self, stream: Stream, event: StreamEvent) -> None:
        while True:
            try:
                async with asyncio.timeout(self._stall_seconds):
                    await stream.put(event)
            except TimeoutError:
                if len(self._streams) > 1:
                    stream.lose(f"its consumer took nothing for {self._stall_seconds:g} s")
                    await self.end(stream)
                    return
            else:
                return

    def _lose(self, why: str, close: Close, *, may_pass: bool = False) -> None:
        self.is_lost = True
        self._connection.close(close)
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.lose(why, may_pass=may_pass)

    async def _shut(self, close: Close) -> None:
        """Close with this code, or with that of an earlier end."""
        self._lose("the gateway closed the connection", close)
        close = self._connection.close(close)
        if self._socket is None:
            return
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._socket.close(close.code)
        except (OSError, TimeoutError):
            log.debug("subscription_socket_did_not_close")
