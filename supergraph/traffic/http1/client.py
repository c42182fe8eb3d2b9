"""POST to one target: the whole of an exchange, and what is done when a connection was stale."""

import asyncio
import ssl
from collections.abc import Mapping

from supergraph.traffic.http1.answer import Answer, AnswerReader
from supergraph.traffic.http1.connection import Connection
from supergraph.traffic.http1.content_coding import ACCEPTED_CODINGS
from supergraph.traffic.http1.errors import StaleConnectionError
from supergraph.traffic.http1.head import RequestHead
from supergraph.traffic.http1.pool import ConnectionPool, expire
from supergraph.traffic.http1.target import Target
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
        self._pool = ConnectionPool(
            self._connect,
            connections_max=settings.connections_max,
            connect_seconds=settings.connect_timeout_seconds,
            idle_seconds=settings.idle_seconds,
        )

    def __repr__(self) -> str:
        return f"<Http1Client {self._pool!r}>"

    async def post(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        timeout_seconds: float,
        is_safe_to_repeat: bool,
    ) -> Answer:
        """Send a request and read the answer, whatever its status is.

        Only a request that is safe to repeat is ever sent twice: once more, on a fresh connection,
        when a kept one turns out to be closed before any byte of an answer. Raises `Http1Error`,
        TimeoutError and OSError. Cancelling closes the connection.
        """
        if timeout_seconds <= 0:
            raise TimeoutError
        deadline = self._loop.time() + timeout_seconds
        message = self._head.render(len(body), headers) + body
        connection = self._pool.take() or await self._pool.acquire(deadline)
        try:
            if not is_safe_to_repeat:
                await _see_what_came()
            if connection.is_closed:
                connection = await self._pool.open(deadline)
            try:
                return await self._exchange(connection, message, deadline)
            except StaleConnectionError:
                if not is_safe_to_repeat:
                    raise
                connection = await self._pool.open(deadline)
                return await self._exchange(connection, message, deadline)
        finally:
            self._pool.release(connection)

    async def close(self) -> None:
        """Close every connection; requests on their way fail."""
        await self._pool.close()

    async def _exchange(self, connection: Connection, message: bytes, deadline: float) -> Answer:
        waiter = connection.send(message)
        timer = self._loop.call_at(deadline, expire, waiter)
        try:
            return await waiter
        finally:
            timer.cancel()

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
        return Connection(reader, self._pool.lost)


async def _see_what_came() -> None:
    """Let the loop read its sockets, so that a connection closed by the server is known as such.

    It takes two rounds: in the first, what was ready before the sockets were read goes first.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)
