"""The connections to one target: at most so many, kept for a while, handed out in turn.

Whoever holds a slot has a connection or opens one in it; a slot that becomes free goes to the
request that has waited longest. So nobody is overtaken, and no more connections are open than
there are slots.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

from supergraph.traffic.deadlines import Deadlines
from supergraph.traffic.http1.connection import Connection
from supergraph.traffic.http1.errors import ClosedEarlyError, TooManyWaitingError

__all__ = ["ConnectionPool"]

#: Requests that wait for a slot; over it they are refused, since they would time out anyway.
WAITING_MAX = 10_000
#: How long a closing pool waits for its connections' ends.
CLOSE_SECONDS = 1.0


class ConnectionPool:
    """Slots for connections.

    `take` or `acquire` gives a slot with the connection in it; `release` gives it back. `open_one`
    connects; its connection calls `lost` in the end. `deadlines` are those of all who wait for
    something of the pool's.
    """

    def __init__(
        self,
        open_one: Callable[[], Awaitable[Connection]],
        *,
        connections_max: int,
        connect_seconds: float,
        idle_seconds: float,
    ) -> None:
        self.deadlines = Deadlines()
        self._open_one = open_one
        self._connections_max = connections_max
        self._connect_seconds = connect_seconds
        self._idle_seconds = idle_seconds
        self._loop = asyncio.get_running_loop()
        self._slots = 0
        #: The one used last is on the right, and is the next to be used.
        self._idle: deque[Connection] = deque()
        #: In the order they came; None hands over a slot without a connection.
        self._waiting: OrderedDict[asyncio.Future[Connection | None], None] = OrderedDict()
        self._open: set[Connection] = set()
        self._all_lost: asyncio.Future[None] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._is_closed = False

    def __repr__(self) -> str:
        return (
            f"<ConnectionPool slots={self._slots} open={len(self._open)} "
            f"idle={len(self._idle)} waiting={len(self._waiting)}>"
        )

    def take(self) -> Connection | None:
        """An idle connection, if there is one."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed:
                return connection
            self._slots -= 1
        return None

    async def acquire(self, deadline: float) -> Connection:
        """A connection: a new one, or another request's as soon as that is done with it.

        Raises TimeoutError and what `open_one` does; then no slot is held.
        """
        if self._is_closed:
            raise ClosedEarlyError("the gateway closed the pool")
        if self._slots < self._connections_max:
            self._slots += 1
        else:
            connection = await self._wait(deadline)
            if connection is not None:
                return connection
        try:
            return await self.open(deadline)
        except BaseException:
            self._free_slot()
            raise

    async def open(self, deadline: float) -> Connection:
        """A fresh connection, for a slot that is held."""
        async with asyncio.timeout_at(min(deadline, self._loop.time() + self._connect_seconds)):
            connection = await self._open_one()
        # Only now: of one that was cancelled while it connected, uvloop never tells the end.
        if not connection.is_closed:
            self._open.add(connection)
        if self._is_closed:
            connection.close()
        return connection

    def release(self, connection: Connection) -> None:
        """Put a connection back; it is closed if its exchange is not over."""
        if self._is_closed or not connection.is_free:
            connection.close()
            self._free_slot()
            return
        if not self._hand_over(connection):
            connection.idle_since = self._loop.time()
            self._idle.append(connection)
            if self._expiry is None:
                self._expiry = self._loop.call_later(self._idle_seconds, self._expire_idle)

    def lost(self, connection: Connection) -> None:
        """A connection has ended; if it was idle, its slot is free."""
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
            self._slots -= 1
        if self._all_lost is not None and not self._open and not self._all_lost.done():
            self._all_lost.set_result(None)

    async def close(self) -> None:
        """End everything; requests on their way, and waiting ones, fail."""
        self._is_closed = True
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        while self._waiting:
            waiter, _ = self._waiting.popitem()
            if not waiter.done():
                waiter.set_exception(ClosedEarlyError("the gateway closed the pool"))
        if not self._open:
            return
        self._all_lost = self._loop.create_future()
        for connection in tuple(self._open):
            connection.close()
        await asyncio.wait([self._all_lost], timeout=CLOSE_SECONDS)

    async def _wait(self, deadline: float) -> Connection | None:
        if len(self._waiting) >= WAITING_MAX:
            raise TooManyWaitingError(f"{WAITING_MAX} requests wait for a connection")
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting[waiter] = None
        self.deadlines.add(waiter, deadline)
        try:
            return await waiter
        except asyncio.CancelledError:
            # The slot may have come together with the cancellation.
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._give_up(waiter.result())
            raise
        finally:
            self.deadlines.discard(waiter)
            self._waiting.pop(waiter, None)

    def _give_up(self, connection: Connection | None) -> None:
        if connection is None:
            self._free_slot()
        else:
            self.release(connection)

    def _free_slot(self) -> None:
        if not self._hand_over(None):
            self._slots -= 1

    def _hand_over(self, connection: Connection | None) -> bool:
        while self._waiting:
            waiter, _ = self._waiting.popitem(last=False)
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _expire_idle(self) -> None:
        self._expiry = None
        newest_to_close = self._loop.time() - self._idle_seconds
        while self._idle:
            oldest = self._idle[0]
            if oldest.idle_since > newest_to_close:
                self._expiry = self._loop.call_at(
                    oldest.idle_since + self._idle_seconds, self._expire_idle
                )
                return
            self._idle.popleft()
            self._slots -= 1
            oldest.close()
