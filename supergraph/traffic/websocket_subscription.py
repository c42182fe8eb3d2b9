"""Subscriptions of one subgraph, spread over few WebSockets.

Whoever shares a socket is one caller to the subgraph, because its headers are those of the
handshake: there is a pool of sockets for each set of forwarded headers. A socket takes a bounded
number of subscriptions, then the pool opens another. One that carries none is closed soon.
"""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from supergraph.error_codes import runtime as codes
from supergraph.names import SubgraphName
from supergraph.protocols.transport_ws.client import Completed, Failed, ResultReceived
from supergraph.protocols.transport_ws.messages import SubscribePayload
from supergraph.telemetry.logs import logger
from supergraph.traffic.failure import failure
from supergraph.traffic.forwarding import forwardable
from supergraph.traffic.payload import refuse_files
from supergraph.traffic.reply import reply_from_json
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_socket import (
    Lost,
    Socket,
    SocketRefusedError,
    Stream,
    SubscriptionSocket,
)
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest

__all__ = ["Socket", "SocketRefusedError", "SubscriptionSockets"]

#: How long a socket without subscriptions is kept for the next one.
IDLE_SECONDS = 5.0
#: How long a stream may hold up the others of its socket because its consumer takes nothing.
STALL_SECONDS = 10.0
#: Sockets to one subgraph. Callers with credentials of their own cannot share one, so this is of
#: the order of the clients that one process serves.
SOCKETS_MAX = 4_000
log = logger(__name__)

_Key: TypeAlias = frozenset[tuple[str, str]]


class _Slots:
    """A socket of the pool, how many use it, and its opening and closing."""

    def __init__(self, key: _Key, socket: SubscriptionSocket) -> None:
        self.key = key
        self.socket = socket
        self.used = 0
        self.opening: asyncio.Task[None] | None = None
        self.idle: asyncio.TimerHandle | None = None


class SubscriptionSockets:
    """Opens, shares and closes the sockets; `open_socket` makes one with a request's headers.

    Its failures are OSError when there is no connection and `SocketRefusedError` when there is no
    WebSocket behind it.
    """

    def __init__(
        self,
        name: SubgraphName,
        open_socket: Callable[[SubgraphRequest], Awaitable[Socket]],
        settings: TransportSettings,
        *,
        idle_seconds: float = IDLE_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._name = name
        self._open_socket = open_socket
        self._settings = settings
        self._idle_seconds = idle_seconds
        self._stall_seconds = stall_seconds
        self._pools: dict[_Key, list[_Slots]] = {}
        self._closings: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        used = [slots.used for pool in self._pools.values() for slots in pool]
        return f"<SubscriptionSockets {self._name}: {used}>"

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the results of a subscription; closing the generator completes it.

        Raises `SubgraphError` when it cannot be opened in the request's time, and when the socket
        is lost. A subscription that the subgraph refuses is one reply with its errors.
        """
        refuse_files(request, self._name)
        async with self._stream(request) as stream:
            while True:
                try:
                    event = await stream.get()
                except Lost as error:
                    raise failure(
                        self._name,
                        codes.SUBGRAPH_SUBSCRIPTION_FAILED,
                        f"lost a subscription: {error}",
                        was_open=True,
                        may_pass=error.may_pass,
                    ) from error
                match event:
                    case ResultReceived():
                        yield reply_from_json(event.payload, self._name)
                    case Failed():
                        yield reply_from_json({"errors": list(event.errors)}, self._name)
                        return
                    case Completed():
                        return

    async def close(self) -> None:
        """Close every socket; subscriptions that still run are lost."""
        for pool in list(self._pools.values()):
            for slots in list(pool):
                self._discard(slots)
        if self._closings:
            await asyncio.wait(tuple(self._closings))

    @asynccontextmanager
    async def _stream(self, request: SubgraphRequest) -> AsyncIterator[Stream]:
        """An open stream, on a slot of some socket, given back in the end."""
        slots = self._reserve(request)
        try:
            stream = await self._opened(slots, request)
            try:
                yield stream
            finally:
                await slots.socket.end(stream)
        finally:
            self._give_back(slots)

    async def _opened(self, slots: _Slots, request: SubgraphRequest) -> Stream:
        payload = SubscribePayload(
            request.query, request.operation_name, dict(request.variables) or None
        )
        try:
            async with asyncio.timeout(request.timeout_seconds):
                if slots.opening is not None:
                    # Shielded: others wait for the same socket.
                    await asyncio.shield(slots.opening)
                return await slots.socket.subscribe(payload)
        except TimeoutError as error:
            what = "did not open a subscription in time"
            raise failure(self._name, codes.SUBGRAPH_TIMEOUT, what, may_pass=True) from error
        except (SocketRefusedError, Lost) as error:
            raise failure(
                self._name,
                codes.SUBGRAPH_SUBSCRIPTION_FAILED,
                f"refused a subscription: {error}",
                may_pass=error.may_pass,
            ) from error
        except OSError as error:
            raise failure(
                self._name, codes.SUBGRAPH_UNREACHABLE, "cannot be reached", may_pass=True
            ) from error
        except asyncio.CancelledError as error:
            is_ours = slots.opening is not None and slots.opening.cancelled()
            if is_ours and not _is_cancelled():  # the socket was given up, not the caller
                raise failure(
                    self._name, codes.SUBGRAPH_SUBSCRIPTION_FAILED, "is no longer used"
                ) from error
            raise

    def _reserve(self, request: SubgraphRequest) -> _Slots:
        """A place on a socket; the first of a new one starts to open it."""
        headers = dict(forwardable(request.headers))
        key = frozenset(headers.items())
        pool = self._pools.get(key, ())
        maximum = self._settings.subscriptions_per_socket_max
        slots = next((item for item in pool if item.used < maximum), None)
        if slots is None:
            slots = self._open(key, request, headers)
        slots.used += 1
        if slots.idle is not None:
            slots.idle.cancel()
            slots.idle = None
        return slots

    def _open(self, key: _Key, request: SubgraphRequest, headers: dict[str, str]) -> _Slots:
        if sum(map(len, self._pools.values())) >= SOCKETS_MAX:
            what = f"has {SOCKETS_MAX} open sockets"
            raise failure(self._name, codes.SUBGRAPH_SUBSCRIPTION_FAILED, what)
        socket = SubscriptionSocket(
            lambda: self._open_socket(request),
            self._settings.stream_events_max,
            self._stall_seconds,
        )
        slots = _Slots(key, socket)
        self._pools.setdefault(key, []).append(slots)
        slots.opening = asyncio.create_task(
            self._connect(slots, headers), context=contextvars.Context()
        )
        # Those who waited for the socket may have gone before it failed.
        slots.opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return slots

    async def _connect(self, slots: _Slots, headers: dict[str, str]) -> None:
        try:
            async with asyncio.timeout(self._settings.connect_timeout_seconds):
                await slots.socket.open(headers, lambda: self._discard(slots))
        except BaseException:
            self._forget(slots)
            raise

    def _give_back(self, slots: _Slots) -> None:
        slots.used -= 1
        if not slots.used and slots in self._pools.get(slots.key, ()):
            loop = asyncio.get_running_loop()
            slots.idle = loop.call_later(self._idle_seconds, self._discard, slots)

    def _discard(self, slots: _Slots) -> None:
        """Take a socket out of the pool and close it; only the first call does it."""
        if not self._forget(slots):
            return
        if slots.idle is not None:
            slots.idle.cancel()
            slots.idle = None
        task = asyncio.create_task(self._close(slots), context=contextvars.Context())
        self._closings.add(task)
        task.add_done_callback(self._closings.discard)

    def _forget(self, slots: _Slots) -> bool:
        pool = self._pools.get(slots.key, [])
        if slots not in pool:
            return False
        pool.remove(slots)
        if not pool:
            del self._pools[slots.key]
        return True

    async def _close(self, slots: _Slots) -> None:
        if slots.opening is not None:
            slots.opening.cancel()
            await asyncio.wait([slots.opening])
        await slots.socket.close()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
