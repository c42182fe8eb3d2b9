"""Exchanges with a subgraph that are on their way, so that who asks the same shares the answer.

What is shared are the answer's bytes: each caller decodes its own, since callers change what they
get. Usually whoever asks first runs the exchange, and sharing costs no more than an entry in a
table. Only when it goes away and others stay does something else have to carry the exchange on.
"""

import asyncio
from typing import Generic, TypeVar

from supergraph.traffic.deadlines import Deadlines

__all__ = ["Flight", "InFlight"]

#: Exchanges in the table; one more is not shared.
FLIGHTS_MAX = 10_000
#: Callers that wait for one exchange; one more begins another exchange.
FOLLOWERS_MAX = 10_000

T = TypeVar("T")


class InFlight(Generic[T]):
    """The table of exchanges, by all that the subgraph gets to see.

    `deadlines` watches those who wait.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadlines = deadlines
        self._flights: dict[object, Flight[T]] = {}
        self._carriers: set[asyncio.Future[T]] = set()

    def __repr__(self) -> str:
        return f"<InFlight flights={len(self._flights)} carried={len(self._carriers)}>"

    def find(self, key: object) -> "Flight[T] | None":
        """The exchange to share, if there is one."""
        flight = self._flights.get(key)
        return flight if flight is not None and flight.has_room else None

    def begin(self, key: object) -> "Flight[T] | None":
        """A new exchange that others may share from now on; None when the table is full."""
        if len(self._flights) >= FLIGHTS_MAX:
            return None
        flight = self._flights[key] = Flight(self, key)
        return flight

    async def close(self) -> None:
        """End what is carried; those who wait for it fail with an OSError."""
        carriers = tuple(self._carriers)
        for carrier in carriers:
            carrier.cancel()
        if carriers:
            await asyncio.wait(carriers)

    async def wait(self, waiter: "asyncio.Future[T | Exception]", deadline: float) -> T:
        """The outcome that comes with a future, or TimeoutError at the deadline."""
        self._deadlines.add(waiter, deadline)
        try:
            outcome = await waiter
        finally:
            self._deadlines.discard(waiter)
        if isinstance(outcome, Exception):
            # Raised in several tasks, it would collect the tracebacks of all.
            raise outcome.with_traceback(None)
        return outcome

    def new_waiter(self) -> "asyncio.Future[T | Exception]":
        """A future for one caller."""
        return self._loop.create_future()

    def keep(self, carrier: "asyncio.Future[T]") -> None:
        """Hold on to what carries an exchange until it is done."""
        self._carriers.add(carrier)
        carrier.add_done_callback(self._carriers.discard)

    def forget(self, key: object, flight: "Flight[T]") -> None:
        """Let nobody join any more."""
        if self._flights.get(key) is flight:
            del self._flights[key]


class Flight(Generic[T]):
    """One exchange, and those who wait for its answer besides the one who runs it, if any."""

    __slots__ = ("_carrier", "_followers", "_key", "_table")

    def __init__(self, table: InFlight[T], key: object) -> None:
        self._table = table
        self._key = key
        self._followers: set[asyncio.Future[T | Exception]] = set()
        self._carrier: asyncio.Future[T] | None = None

    def __repr__(self) -> str:
        return f"<Flight followers={len(self._followers)} carried={self._carrier is not None}>"

    @property
    def has_followers(self) -> bool:
        """Whether anybody would miss the answer."""
        return bool(self._followers)

    @property
    def is_carried(self) -> bool:
        """Whether the exchange goes on by itself."""
        return self._carrier is not None

    @property
    def has_room(self) -> bool:
        """Whether one more may follow."""
        return len(self._followers) < FOLLOWERS_MAX

    async def follow(self, deadline: float) -> T:
        """Wait for the answer, or the failure that everybody gets, until one's own deadline."""
        waiter = self._table.new_waiter()
        self._followers.add(waiter)
        try:
            return await self._table.wait(waiter, deadline)
        finally:
            self._followers.discard(waiter)
            if self._carrier is not None and not self._followers:
                self._table.forget(self._key, self)
                self._carrier.cancel()

    def carry(self, carrier: asyncio.Future[T]) -> None:
        """Leave the exchange to a future, which is cancelled when nobody follows any more."""
        self._carrier = carrier
        self._table.keep(carrier)
        carrier.add_done_callback(self._carried)

    def land(self, outcome: T | Exception) -> None:
        """The exchange is over: give its outcome to those who follow."""
        self._table.forget(self._key, self)
        for waiter in self._followers:
            if not waiter.done():
                waiter.set_result(outcome)

    def _carried(self, carrier: asyncio.Future[T]) -> None:
        if carrier.cancelled():
            self.land(ConnectionAbortedError("the exchange was given up"))
            return
        error = carrier.exception()
        if error is None:
            self.land(carrier.result())
        else:
            self.land(error if isinstance(error, Exception) else ConnectionAbortedError())
