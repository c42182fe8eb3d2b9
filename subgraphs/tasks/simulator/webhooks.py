"""Webhooks that the simulated providers send: in time or late, once or again, in order or not.

Events wait in a heap by the moment they are due. Like the platforms, the simulator puts several
WhatsApp events into one request, sends again what is not answered with 200, and promises no order.
"""

import asyncio
import contextlib
import hashlib
import heapq
import hmac
import itertools
import logging
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

__all__ = ["WebhookSender", "WebhookTarget", "signature_of"]

log = logging.getLogger(__name__)

#: Events that wait; beyond it new ones are dropped and counted.
PENDING_MAX = 100_000
#: Events in one request. https://developers.facebook.com/docs/graph-api/webhooks/getting-started
EVENTS_PER_REQUEST_MAX = 100
REQUESTS_AT_ONCE = 8
TRIES_MAX = 6
RETRY_SECONDS = 0.2
REQUEST_SECONDS = 10.0
IDLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where events go: `secret` is Meta's app secret, or Telegram's secret token of the bot."""

    platform: str
    url: str
    secret: str


class WebhookSender:
    """Sends events in the background while `running`."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, WebhookTarget, dict[str, Any]]] = []
        self._numbers = itertools.count()
        self._changed = asyncio.Event()
        self._slots = asyncio.Semaphore(REQUESTS_AT_ONCE)
        self._requests: set[asyncio.Task[None]] = set()
        self.counters = {"sent": 0, "repeated": 0, "refused": 0, "givenUp": 0, "dropped": 0}

    @property
    def pending(self) -> int:
        """Events that wait or are on their way."""
        return len(self._heap) + len(self._requests)

    def add(self, delay_seconds: float, target: WebhookTarget, event: dict[str, Any]) -> None:
        """Send an event after a while."""
        if len(self._heap) >= PENDING_MAX:
            self.counters["dropped"] += 1
            return
        due = time.monotonic() + delay_seconds
        heapq.heappush(self._heap, (due, next(self._numbers), target, event))
        self._changed.set()

    def clear(self) -> None:
        """Forget what waits, and the numbers."""
        self._heap.clear()
        self.counters = dict.fromkeys(self.counters, 0)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Send while the block runs; what waits at its end is lost."""
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            task = asyncio.create_task(self._run(session), name="webhooks")
            try:
                yield
            finally:
                for running in (task, *self._requests):
                    running.cancel()
                await asyncio.gather(task, *self._requests, return_exceptions=True)

    async def _run(self, session: aiohttp.ClientSession) -> None:
        while True:
            self._changed.clear()
            wait = self._heap[0][0] - time.monotonic() if self._heap else IDLE_SECONDS
            if wait > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
                continue
            await self._slots.acquire()
            for target, events in self._take_due().items():
                request = asyncio.create_task(self._deliver(session, target, events))
                self._requests.add(request)
                request.add_done_callback(self._requests.discard)
            self._slots.release()

    def _take_due(self) -> dict[WebhookTarget, list[dict[str, Any]]]:
        now = time.monotonic()
        taken: dict[WebhookTarget, list[dict[str, Any]]] = {}
        count = 0
        while self._heap and self._heap[0][0] <= now and count < EVENTS_PER_REQUEST_MAX:
            _, _, target, event = heapq.heappop(self._heap)
            taken.setdefault(target, []).append(event)
            count += 1
        return taken

    async def _deliver(
        self, session: aiohttp.ClientSession, target: WebhookTarget, events: list[dict[str, Any]]
    ) -> None:
        async with self._slots:
            if target.platform == "telegram":
                for update in events:
                    await self._post(session, target, update)
            else:
                await self._post(session, target, _whatsapp_request(events))

    async def _post(
        self, session: aiohttp.ClientSession, target: WebhookTarget, content: Mapping[str, Any]
    ) -> None:
        body = orjson.dumps(content)
        headers = {"Content-Type": "application/json"} | _proof(target, body)
        for attempt in range(TRIES_MAX):
            try:
                async with session.post(target.url, data=body, headers=headers) as reply:
                    if reply.status == 200:
                        self.counters["sent"] += 1
                        return
                    self.counters["refused"] += 1
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                log.info("webhook: %s", type(error).__name__)
            self.counters["repeated"] += 1
            await asyncio.sleep(RETRY_SECONDS * 2**attempt)
        self.counters["givenUp"] += 1


def signature_of(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _proof(target: WebhookTarget, body: bytes) -> dict[str, str]:
    if target.platform == "telegram":
        return {"X-Telegram-Bot-Api-Secret-Token": target.secret}
    return {"X-Hub-Signature-256": signature_of(target.secret, body)}


def _whatsapp_request(values: list[dict[str, Any]]) -> dict[str, Any]:
    changes = [{"field": "messages", "value": value} for value in values]
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "100000000000001", "changes": changes}],
    }
