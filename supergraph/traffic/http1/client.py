"""POST to one target: the whole of an exchange, and what is done when a connection was stale."""

import asyncio
import math
import ssl
from collections.abc import Mapping

from supergraph.traffic.deadlines import CLOCK_SECONDS
from supergraph.traffic.http1.answer import Answer, AnswerReader
from supergraph.traffic.http1.connection import Connection
from supergraph.traffic.http1.content_coding import ACCEPTED_CODINGS
from supergraph.traffic.http1.errors import StaleConnectionError
from supergraph.traffic.http1.head import RequestHead
from supergraph.traffic.http1.outbox import Outbox
from supergraph.traffic.http1.pool import ConnectionPool
from supergraph.traffic.http1.target import Target
from supergraph.traffic.in_flight import Flight, InFlight
from supergraph.traffic.settings import TransportSettings

__all__ = ["Http1Client"]


class Http1Client:
    """POSTs bodies to one target over pooled connections; made inside a running loop.

    `ssl_context` is for a target with TLS, and `headers` are sent with every request.
    """

    def __init__(
        self,
        target: Target,
        settings: TransportSettings,
        headers: Mapping[str, str],
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._target = target
        self._settings = settings
        self._ssl_context = ssl_context
        self._loop = asyncio.get_running_loop()
        own = {"accept-encoding": ACCEPTED_CODINGS} if settings.accepts_compressed else {}
        self._head = RequestHead(target, {**headers, **own})
        self._outbox = Outbox()
        self._pool = ConnectionPool(
            self._connect,
            connections_max=settings.connections_max,
            connect_seconds=settings.connect_timeout_seconds,
            idle_seconds=settings.idle_seconds,
        )
        self._deadlines = self._pool.deadlines
        self._in_flight: InFlight[Answer] = InFlight(self._deadlines)

    def __repr__(self) -> str:
        return f"<Http1Client {self._pool!r}>"

    async def post(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        timeout_seconds: float,
        is_safe_to_repeat: bool,
        is_shareable: bool = False,
    ) -> Answer:
        """Send a request and read the answer, whatever its status is.

        Only a request that is safe to repeat is ever sent twice: once more, on a fresh connection,
        when a kept one turns out to be closed before any byte of an answer. One that is shareable
        as well may get the answer of an equal one, byte for byte, that is on its way. Raises
        `Http1Error`, TimeoutError and OSError. Cancelling closes the connection, unless others
        wait for the answer.
        """
        if timeout_seconds <= 0:
            raise TimeoutError
        deadline = self._loop.time() + timeout_seconds
        message = self._head.render(len(body), headers) + body
        if not (is_shareable and is_safe_to_repeat):
            return await self._exchange(message, deadline, is_safe_to_repeat)
        flight = self._in_flight.find(message)
        if flight is not None:
            return await flight.follow(deadline)
        flight = self._in_flight.begin(message)
        if flight is None:
            return await self._exchange(message, deadline, is_safe_to_repeat)
        return await self._lead(flight, message, deadline)

    async def close(self) -> None:
        """Close every connection; requests on their way fail."""
        await self._pool.close()
        await self._in_flight.close()
        self._deadlines.close()

    async def _exchange(
        self,
        message: bytes,
        deadline: float,
        is_safe_to_repeat: bool,
        flight: Flight[Answer] | None = None,
    ) -> Answer:
        connection = self._pool.take() or await self._pool.acquire(deadline)
        try:
            if not is_safe_to_repeat:
                await _see_what_came()
            if connection.is_closed:
                connection = await self._pool.open(deadline)
            while True:
                waiter = connection.send(message, is_patient=is_safe_to_repeat)
                self._deadlines.add(waiter, deadline)
                try:
                    return await waiter
                except StaleConnectionError:
                    if not is_safe_to_repeat:
                        raise
                finally:
                    self._deadlines.discard(waiter)
                is_safe_to_repeat = False
                connection = await self._pool.open(deadline)
        finally:
            if (
                flight is None
                or not flight.has_followers
                or not self._is_handed_over(connection, flight, message)
            ):
                self._pool.release(connection)

    async def _lead(self, flight: Flight[Answer], message: bytes, deadline: float) -> Answer:
        """Run an exchange that others may follow, and that goes on for them without this caller."""
        try:
            answer = await self._exchange(message, deadline, True, flight)
        except (asyncio.CancelledError, Exception) as error:
            if not flight.is_carried:
                self._leave(flight, error, message, deadline)
            raise
        flight.land(answer)
        return answer

    def _leave(
        self, flight: Flight[Answer], error: BaseException, message: bytes, deadline: float
    ) -> None:
        """The exchange failed for everybody, or only the caller that ran it is gone."""
        is_failure = isinstance(error, Exception) and not (
            isinstance(error, TimeoutError) and self._loop.time() >= deadline - CLOCK_SECONDS
        )
        if flight.has_followers and not is_failure:
            # Those who follow have limits of their own.
            flight.carry(self._loop.create_task(self._exchange(message, math.inf, True)))
        else:
            flight.land(error if isinstance(error, Exception) else ConnectionAbortedError())

    def _is_handed_over(
        self, connection: Connection, flight: Flight[Answer], message: bytes
    ) -> bool:
        """Keep a connection whose answer others wait for, though its own caller has gone."""
        if connection.is_closed or connection.is_free:
            return False
        waiter = connection.wait_anew()
        waiter.add_done_callback(lambda _: self._pool.release(connection))
        task = self._loop.create_task(self._carry_on(waiter, message))
        task.add_done_callback(
            lambda _: waiter.cancel() or waiter.cancelled() or waiter.exception()
        )
        flight.carry(task)
        return True

    async def _carry_on(self, waiter: asyncio.Future[Answer], message: bytes) -> Answer:
        try:
            return await waiter
        except StaleConnectionError:
            return await self._exchange(message, math.inf, True)

    async def _connect(self) -> Connection:
        target = self._target
        if target.unix_path:
            _, connection = await self._loop.create_unix_connection(
                self._new_connection, target.unix_path
            )
            return connection
        _, connection = await self._loop.create_connection(
            self._new_connection,
            target.host,
            target.port,
            ssl=self._ssl_context if target.is_tls else None,
            server_hostname=target.host if target.is_tls else None,
        )
        return connection

    def _new_connection(self) -> Connection:
        reader = AnswerReader(self._settings.head_bytes_max, self._settings.response_bytes_max)
        return Connection(reader, self._outbox, self._pool.lost)


async def _see_what_came() -> None:
    """Let the loop read its sockets, so that a connection closed by the server is known as such.

    It takes two rounds: in the first, what was ready before the sockets were read goes first.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)
