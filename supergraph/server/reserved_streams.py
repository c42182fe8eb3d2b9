"""Event streams that clients reserve: one connection that carries the results of many operations.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#single-connection-mode. A stream
is reserved, then open, then gone; operations may start before it is open. What they send waits in
a short outbox and then with them, so a client that does not read stops its own operations only,
and a subscription's buffer applies its policy.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeAlias

from supergraph.config.gateway import SubscriptionConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.protocols import event_stream

__all__ = ["Operation", "ReservedStream", "ReservedStreams", "Send"]

#: Events of a stream that wait to be written; the next one waits with its operation.
OUTBOX_EVENTS = 1
#: Nobody guesses a token of that many random bytes: it is all that opens a stream.
TOKEN_BYTES = 24
#: How long the end of the gateway waits for operations to end at the subgraphs.
END_SECONDS = 5.0

#: Hands one event to the stream; returns once there is room for it.
Send: TypeAlias = Callable[[bytes], Awaitable[None]]


class Operation:
    """An operation's place on a stream: taken before it is prepared, so that ids stay unique."""

    __slots__ = ("id", "is_stopped", "task")

    def __init__(self, operation_id: str) -> None:
        self.id = operation_id
        self.is_stopped = False
        self.task: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """Nothing of it is sent any more, whether it has begun or not."""
        self.is_stopped = True
        if self.task is not None:
            self.task.cancel()


class ReservedStream:
    """One client's stream.

    `closed` is called once, when it is over; `tasks` holds what may take a moment longer to end.
    """

    def __init__(
        self,
        config: SubscriptionConfig,
        closed: Callable[["ReservedStream"], None],
        tasks: set[asyncio.Task[None]],
    ) -> None:
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        self.is_open = False
        self._is_closed = False
        self._config = config
        self._closed = closed
        self._tasks = tasks
        self._operations: dict[str, Operation] = {}
        self._outbox: asyncio.Queue[tuple[Operation, bytes] | None] = asyncio.Queue(OUTBOX_EVENTS)
        self._expiry = self._expires()

    def __repr__(self) -> str:
        """Without the token, which is a secret."""
        state = "closed" if self._is_closed else "open" if self.is_open else "reserved"
        return f"<ReservedStream {state}, {len(self._operations)} operations>"

    def open(self) -> AsyncGenerator[bytes, None]:
        """What is to be written, from now on to the end; only one connection may have it."""
        if self.is_open:
            raise ClientError(codes.EVENT_STREAM_TAKEN, "The event stream is open already")
        self.is_open = True
        # Who opens it has time anew: its connection may break before the first event is asked for.
        self._expiry.cancel()
        self._expiry = self._expires()
        return self._events()

    def place(self, operation_id: str) -> Operation:
        """Take a place for an operation; `run` or `leave` follows."""
        if self._is_closed:  # since it was found
            raise ClientError(codes.EVENT_STREAM_NOT_FOUND, "The event stream has ended")
        if operation_id in self._operations:
            message = f"An operation with the id {operation_id!r} is running"
            raise ClientError(codes.OPERATION_ID_TAKEN, message)
        if len(self._operations) >= self._config.stream_operations:
            message = f"Over {self._config.stream_operations} operations on one event stream"
            raise ClientError(codes.TOO_MANY_OPERATIONS, message)
        operation = Operation(operation_id)
        self._operations[operation_id] = operation
        return operation

    def run(self, operation: Operation, work: Callable[[Send], Awaitable[None]]) -> None:
        """Run what sends an operation's events; its place is free when it is done."""

        async def send(event: bytes) -> None:
            await self._outbox.put((operation, event))

        async def run() -> None:
            try:
                await work(send)
            finally:
                self.leave(operation)

        task = asyncio.create_task(run())
        operation.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def leave(self, operation: Operation) -> None:
        """Free an operation's place."""
        if self._operations.get(operation.id) is operation:
            del self._operations[operation.id]

    def stop(self, operation_id: str) -> None:
        """End an operation, if there is one of that id."""
        operation = self._operations.pop(operation_id, None)
        if operation is not None:
            operation.stop()

    def close(self) -> None:
        """End the stream and its operations."""
        if self._is_closed:
            return
        self._is_closed = True
        self._expiry.cancel()
        self._closed(self)
        for operation in self._operations.values():
            operation.stop()
        self._operations.clear()
        if self._outbox.empty():  # else its reader does not wait
            self._outbox.put_nowait(None)

    def _expires(self) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        return loop.call_later(self._config.reservation_seconds, self.close)

    async def _events(self) -> AsyncGenerator[bytes, None]:
        self._expiry.cancel()
        try:
            # The headers alone are nothing that every proxy passes on.
            yield event_stream.HEARTBEAT
            while (event := await self._next()) is not None:
                yield event
        finally:
            self.close()

    async def _next(self) -> bytes | None:
        while not self._is_closed:
            try:
                async with asyncio.timeout(self._config.heartbeat_seconds):
                    item = await self._outbox.get()
            except TimeoutError:
                return event_stream.HEARTBEAT
            if item is not None and not item[0].is_stopped:
                return item[1]
        return None


class ReservedStreams:
    """All streams of a gateway, by their tokens."""

    def __init__(self, config: SubscriptionConfig) -> None:
        self._config = config
        self._streams: dict[str, ReservedStream] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<ReservedStreams: {len(self._streams)}, {len(self._tasks)} operations>"

    def reserve(self) -> ReservedStream:
        """A new stream."""
        if len(self._streams) >= self._config.reserved_streams:
            message = f"Over {self._config.reserved_streams} event streams"
            raise ClientError(codes.SUBSCRIPTION_MAX_LIMIT, message)
        stream = ReservedStream(self._config, self._forget, self._tasks)
        self._streams[stream.token] = stream
        return stream

    def find(self, token: str) -> ReservedStream | None:
        """The stream of that token, if there is one."""
        return self._streams.get(token)

    async def close(self) -> None:
        """End all streams, and wait until their operations have ended."""
        for stream in tuple(self._streams.values()):
            stream.close()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=END_SECONDS)

    def _forget(self, stream: ReservedStream) -> None:
        self._streams.pop(stream.token, None)
