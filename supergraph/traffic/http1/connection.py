"""One connection: a request at a time, each answered before the next is sent."""

import asyncio
from collections.abc import Callable
from typing import cast

from supergraph.traffic.http1.answer import Answer, AnswerReader
from supergraph.traffic.http1.errors import ClosedEarlyError, Http1Error, StaleConnectionError
from supergraph.traffic.http1.outbox import Outbox

__all__ = ["Connection"]


class Connection(asyncio.Protocol):
    """A client's end of a keep-alive connection.

    Once `is_closed`, it stays so. It closes itself when its state is in doubt: after an answer
    nobody waits for any more, unasked bytes, or a fault. `on_lost` is called in the end.
    """

    def __init__(
        self, reader: AnswerReader, outbox: Outbox, on_lost: Callable[["Connection"], None]
    ) -> None:
        self.is_closed = False
        #: When it was last put back, by the loop's clock.
        self.idle_since = 0.0
        self._loop = asyncio.get_running_loop()
        self._reader = reader
        self._outbox = outbox
        #: What waits in the outbox.
        self._unsent = b""
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._has_answered = False
        self._is_answer_begun = False

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "idle" if self._waiter is None else "busy"
        return f"<Connection {state}>"

    @property
    def is_free(self) -> bool:
        """Whether the next request may be sent."""
        return self._waiter is None and not self.is_closed

    def send(self, message: bytes, *, is_patient: bool) -> asyncio.Future[Answer]:
        """Send a whole request; its answer, or an `Http1Error`, comes with the future.

        A patient one is sent together with others. The connection may close before; so nothing that
        must not be repeated is patient.
        """
        waiter: asyncio.Future[Answer] = self._loop.create_future()
        if self.is_closed or self._transport is None:
            waiter.set_exception(StaleConnectionError("the connection was closed"))
            return waiter
        self._waiter = waiter
        self._is_answer_begun = False
        self._reader.begin()
        if is_patient:
            self._unsent = message
            self._outbox.add(self)
        else:
            self._transport.write(message)
        return waiter

    def send_now(self) -> None:
        """Send what waits in the outbox, unless it has come to nothing meanwhile."""
        unsent, self._unsent = self._unsent, b""
        if self._transport is not None and not self.is_closed:
            self._transport.write(unsent)

    def wait_anew(self) -> asyncio.Future[Answer]:
        """Another future for the answer to a request whose caller has given up."""
        self._waiter = self._loop.create_future()
        return self._waiter

    def close(self) -> None:
        """End at once; a request on its way fails."""
        self.is_closed = True
        if self._waiter is not None:
            self._settle(ClosedEarlyError("the connection was closed by the gateway"))
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read on; the answer may be whole now."""
        if self._waiter is None:
            self.close()
            return
        self._is_answer_begun = True
        self._reader.feed(data)
        outcome = self._reader.outcome
        if outcome is not None:
            self._settle(outcome)

    def eof_received(self) -> None:
        """The server has closed; some answers end like this."""
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, whoever wanted it."""
        self._end(exc)
        self._transport = None
        self._on_lost(self)

    def _end(self, exc: Exception | None) -> None:
        self.is_closed = True
        if self._waiter is None:
            return
        if not self._is_answer_begun and self._has_answered:
            self._settle(StaleConnectionError("the connection was closed"))
        elif exc is not None:
            self._settle(ClosedEarlyError("the connection was cut"))
        else:
            self._reader.finish()
            self._settle(self._reader.outcome or ClosedEarlyError("the connection was closed"))

    def _settle(self, outcome: Answer | Http1Error) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is None:
            return
        self._has_answered = True
        # A request that was given up has had no answer: what would come next is not known. One
        # that was answered before it was sent leaves a rest of it in the way of the next.
        if not self._reader.keeps_alive or waiter.done() or self._is_sending():
            self.close()
        if waiter.done():
            return
        if isinstance(outcome, Http1Error):
            waiter.set_exception(outcome)
        else:
            waiter.set_result(outcome)

    def _is_sending(self) -> bool:
        if self._unsent:
            return True
        return self._transport is not None and self._transport.get_write_buffer_size() > 0
