"""Deliveries in this worker's hands: waiting for their moment, being sent, or with a result.

Nothing here touches the database. What is waiting can be handed back at any time; what is being
sent can only be waited for.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

from subgraphs.tasks.channels.port import (
    AccountUnusable,
    MessageChannel,
    NotSent,
    SendOutcome,
    Throttled,
    UnknownOutcomeError,
)
from subgraphs.tasks.settings import WorkerSettings
from subgraphs.tasks.worker.claim import ClaimedDelivery
from subgraphs.tasks.worker.results import NOT_SENT, UNKNOWN, Result
from subgraphs.tasks.worker.send_window import SendWindow

__all__ = ["Outbox"]

log = logging.getLogger(__name__)

#: Long enough for the result to be recorded, after which nothing is claimed for the account.
UNUSABLE_REST_SECONDS = 2.0


class Outbox:
    """Sends each delivery at its moment and collects the results."""

    def __init__(self, channel: MessageChannel, settings: WorkerSettings) -> None:
        self._channel = channel
        self._send_timeout_seconds = settings.send_timeout_seconds
        self._window = SendWindow(settings.messages_per_second)
        self._waiting: dict[str, tuple[asyncio.TimerHandle, ClaimedDelivery]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._results: list[Result] = []
        self._is_closing = False
        #: Accounts that were told to wait, and until when; those of one worker's campaigns.
        self._resting: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._waiting) + len(self._sending) + len(self._results)

    def add(self, claimed: Sequence[ClaimedDelivery]) -> None:
        """Send these when they are due."""
        now = time.time()
        for delivery in claimed:
            self._wait(delivery.due_at - now, delivery)

    def take_results(self) -> list[Result]:
        """The results since the last call; the caller answers for them from now on."""
        results, self._results = self._results, []
        return results

    def put_back(self, results: Sequence[Result]) -> None:
        """Take results again that could not be recorded."""
        self._results.extend(results)

    async def close(self, timeout_seconds: float) -> None:
        """Hand back what has not begun and wait for what has; slower sends are abandoned."""
        self._is_closing = True
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

    def _rest(self, account_id: str, outcome: SendOutcome) -> None:
        """Let an account rest from this moment on; recording the result makes it so for all."""
        match outcome:
            case Throttled(retry_after_seconds=seconds) | NotSent(retry_after_seconds=seconds):
                pass
            case AccountUnusable():
                seconds = UNUSABLE_REST_SECONDS
            case _:
                return
        until = time.time() + seconds
        self._resting[account_id] = max(self._resting.get(account_id, 0.0), until)
        waiting = [
            (timer, delivery)
            for timer, delivery in self._waiting.values()
            if delivery.message.account_id == account_id and delivery.due_at < until
        ]
        for timer, delivery in waiting:
            timer.cancel()
            del self._waiting[delivery.message.delivery_id]
            self._results.append(Result(delivery, NOT_SENT))

    def _is_resting(self, account_id: str) -> bool:
        until = self._resting.get(account_id)
        if until is not None and until <= time.time():
            del self._resting[account_id]
            return False
        return until is not None

    def _wait(self, seconds: float, delivery: ClaimedDelivery) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, self._begin, delivery)
        self._waiting[delivery.message.delivery_id] = (timer, delivery)

    def _begin(self, delivery: ClaimedDelivery) -> None:
        del self._waiting[delivery.message.delivery_id]
        task = asyncio.create_task(self._send(delivery))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, delivery: ClaimedDelivery) -> None:
        # A process that stood still may wake up when its lease has ended or is about to. Then
        # another worker may already have given the delivery up, so it must not be sent.
        account_id = delivery.message.account_id
        is_late = time.time() + self._send_timeout_seconds > delivery.lease_until
        if is_late or self._is_closing or self._is_resting(account_id):
            self._results.append(Result(delivery, NOT_SENT))
            return
        # Counted in the step that sends: a stall in between would let two seconds' messages meet.
        channel, now = delivery.message.channel, time.monotonic()
        if (wait := self._window.wait_seconds(account_id, channel, now)) > 0:
            self._wait(wait, delivery)
            return
        try:
            async with asyncio.timeout(self._send_timeout_seconds):
                outcome = await self._channel.send(delivery.message)
        except UnknownOutcomeError as error:
            log.warning("no answer for %s: %s", delivery.message.delivery_id, error)
            self._results.append(Result(delivery, UNKNOWN))
        except Exception:
            log.warning("no answer for %s", delivery.message.delivery_id, exc_info=True)
            self._results.append(Result(delivery, UNKNOWN))
        else:
            self._results.append(Result(delivery, outcome))
            self._rest(account_id, outcome)
