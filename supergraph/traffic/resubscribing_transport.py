"""Heals subscriptions that a subgraph lost: it is asked again, and the client does not notice.

What is lost with the stream are the events of the time between; a stream that begins with the
present state makes up for them, and one with event ids is asked to go on after the last.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any

from msgspec import structs

from supergraph.errors import SubgraphError
from supergraph.telemetry.logs import logger
from supergraph.traffic.back_off import BackOff
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest, SubgraphTransport

__all__ = ["ResubscribingTransport"]

#: A stream that lived so long was healthy; one that ends sooner belongs to the same outage.
HEALTHY_SECONDS = 10.0
log = logger(__name__)


class ResubscribingTransport:
    """A transport whose subscriptions survive outages of up to `seconds`.

    Only a stream that was open and broke is opened again; what the subgraph refused, said as an
    error or completed is final, and so is a failure to open the first stream. After the time the
    client gets the last failure.
    """

    def __init__(
        self, transport: SubgraphTransport, seconds: float, back_off: BackOff | None = None
    ) -> None:
        self._transport = transport
        self._seconds = seconds
        self._back_off = back_off or BackOff()
        self._closed = asyncio.Event()

    async def start(self) -> None:
        """Start the transport."""
        self._closed.clear()
        await self._transport.start()

    async def close(self) -> None:
        """Close the transport; nothing is opened again."""
        self._closed.set()
        await self._transport.close()

    def execute(self, request: SubgraphRequest) -> Coroutine[Any, Any, SubgraphReply]:
        """Answer a query or mutation."""
        return self._transport.execute(request)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield a subscription's events, those after an outage behind those before."""
        now = asyncio.get_running_loop().time
        lost_at: float | None = None
        last_id = request.resume_after
        while True:
            began_at = now()
            try:
                async with aclosing(self._transport.subscribe(request)) as events:
                    async for event in events:
                        if event.event_id is not None:
                            last_id = event.event_id
                        yield event
            except SubgraphError as error:
                if error.was_open and now() - began_at >= HEALTHY_SECONDS:
                    lost_at = None
                is_outage = error.may_pass and (error.was_open or lost_at is not None)
                if not is_outage or self._closed.is_set():
                    raise
                lost_at = now() if lost_at is None else lost_at
                self._note(error, began_at, now())
                if not await self._turn(lost_at + self._seconds):
                    raise
                request = structs.replace(request, resume_after=last_id)
            else:
                return

    def _note(self, error: SubgraphError, began_at: float, now: float) -> None:
        if self._back_off.failed(began_at, now):
            log.warning(
                "subscriptions_lost" if error.was_open else "resubscribing_failed",
                subgraph=error.service_name,
                code=error.code.name,
                reason=error.message,
            )

    async def _turn(self, deadline: float) -> bool:
        """Wait for the next try; false when there is none any more."""
        now = asyncio.get_running_loop().time
        while now() < deadline:
            seconds = min(self._back_off.seconds(now()), deadline - now())
            try:
                async with asyncio.timeout(seconds):
                    await self._closed.wait()
            except TimeoutError:
                # Another subscription may have tried in the meantime, and failed.
                if now() >= self._back_off.retry_at:
                    return True
            else:
                return False
        return False
