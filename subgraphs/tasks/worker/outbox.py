"""Deliveries in this worker's hands: waiting for their moment, being sent, or with a result.

Nothing here touches the database. What is waiting can be handed back at any time; what is being
sent can only be waited for.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

from subgraphs.tasks.channels.port import MessageChannel
from subgraphs.tasks.worker.claim import ClaimedDelivery
from subgraphs.tasks.worker.results import NOT_SENT, UNKNOWN, Result

__all__ = ["Outbox"]

log = logging.getLogger(__name__)


class Outbox:
    """Sends each delivery at its moment and collects the results."""

    def __init__(self, channel: MessageChannel, send_timeout_seconds: float) -> None:
        self._channel = channel
        self._send_timeout_seconds = send_timeout_seconds
        self._waiting: dict[str, tuple[asyncio.TimerHandle, ClaimedDelivery]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._results: list[Result] = []

    def __len__(self) -> int:
        return len(self._waiting) + len(self._sending) + len(self._results)

    def add(self, claimed: Sequence[ClaimedDelivery]) -> None:
        """Send these when they are due."""
        loop = asyncio.get_running_loop()
        now = time.time()
        for delivery in claimed:
            timer = loop.call_later(delivery.due_at - now, self._begin, delivery)
            self._waiting[delivery.message.delivery_id] = (timer, delivery)

    def take_results(self) -> list[Result]:
        """The results since the last call; the caller answers for them from now on."""
        results, self._results = self._results, []
        return results

    def put_back(self, results: Sequence[Result]) -> None:
        """Take results again that could not be recorded."""
        self._results.extend(results)

    async def close(self, timeout_seconds: float) -> None:
        """Hand back what has not begun and wait for what has; slower sends are abandoned."""
        for timer, delivery in self._waiting.values():
            timer.cancel()
            self._results.append(Result(delivery, NOT_SENT))
        self._waiting.clear()
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=timeout_seconds)
            for task in late:
                task.cancel()
            # Their leases expire, and so they become UNCONFIRMED, which is the truth.
            await asyncio.gather(*late, return_exceptions=True)

    def _begin(self, delivery: ClaimedDelivery) -> None:
        del self._waiting[delivery.message.delivery_id]
        task = asyncio.create_task(self._send(delivery))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, delivery: ClaimedDelivery) -> None:
        # A process that stood still may wake up when its lease has ended or is about to. Then
        # another worker may already have given the delivery up, so it must not be sent.
        if time.time() + self._send_timeout_seconds > delivery.lease_until:
            self._results.append(Result(delivery, NOT_SENT))
            return
        try:
            async with asyncio.timeout(self._send_timeout_seconds):
                outcome = await self._channel.send(delivery.message)
        except Exception:
            log.warning("no answer for %s", delivery.message.delivery_id, exc_info=True)
            self._results.append(Result(delivery, UNKNOWN))
        else:
            self._results.append(Result(delivery, outcome))
