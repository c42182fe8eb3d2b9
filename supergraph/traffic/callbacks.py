"""The subscriptions whose events subgraphs POST to the gateway, by their ids.

They live in this process only: `public_url` has to lead to it, and to no other gateway.
"""

import asyncio
import hmac
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from supergraph.protocols.callback import CallbackMessage
from supergraph.protocols.transport_ws.client import Completed, Failed, ResultReceived
from supergraph.traffic.subscription_socket import Stream

__all__ = ["Callback", "Callbacks", "TooManyCallbacksError"]

#: Subscriptions that wait for callbacks at once.
CALLBACKS_MAX = 100_000
#: How long an emitter waits while a consumer takes nothing, until the subscription is given up.
STALL_SECONDS = 10.0


class TooManyCallbacksError(Exception):
    """As many subscriptions wait for callbacks as may."""


class Callback:
    """One subscription: who may send, and what was sent.

    `heard_at` is the time of the last message, None before the first.
    """

    def __init__(self, public_url: str, events_max: int) -> None:
        self.id = str(uuid.uuid4())
        self.url = f"{public_url}/{self.id}"
        self.verifier = secrets.token_urlsafe(32)
        self.stream = Stream(self.id, events_max)
        self.heard_at: float | None = None
        self.is_over = False

    def __repr__(self) -> str:
        return f"<Callback {self.stream!r}>"

    def is_verified(self, verifier: str) -> bool:
        """Whether the sender knows the secret; takes the same time whatever it sent."""
        return hmac.compare_digest(verifier.encode(), self.verifier.encode())

    async def take(self, message: CallbackMessage) -> bool:
        """Take a verified message; false when the subscription is over, and nobody gets it.

        Waits while the consumer is behind, which is how an emitter feels the back-pressure.
        """
        self.heard_at = asyncio.get_running_loop().time()
        if self.is_over:
            return False
        if message.action == "next":
            return await self._put(ResultReceived(self.id, message.payload or {}))
        if message.action == "complete":
            self.is_over = True
            errors = tuple(message.errors or ())
            await self.stream.put(Failed(self.id, errors) if errors else Completed(self.id))
        return True

    async def _put(self, event: ResultReceived) -> bool:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                await self.stream.put(event)
        except TimeoutError:
            self.lose(f"its consumer took nothing for {STALL_SECONDS:g} s")
        return not self.is_over

    def lose(self, why: str) -> None:
        """End it on our side."""
        if not self.is_over:
            self.is_over = True
            self.stream.lose(why)


class Callbacks:
    """All of a gateway. `heartbeat_seconds` is how often emitters have to check; 0 for never."""

    def __init__(self, public_url: str, heartbeat_seconds: float) -> None:
        self.heartbeat_seconds = heartbeat_seconds
        self._public_url = public_url.rstrip("/")
        self._live: dict[str, Callback] = {}

    def __repr__(self) -> str:
        return f"<Callbacks {len(self._live)} live>"

    @contextmanager
    def opened(self, events_max: int) -> Iterator[Callback]:
        """A subscription that can be called back within the block, and is unknown after it."""
        if len(self._live) >= CALLBACKS_MAX:
            raise TooManyCallbacksError(f"{CALLBACKS_MAX} wait for callbacks")
        callback = Callback(self._public_url, events_max)
        self._live[callback.id] = callback
        try:
            yield callback
        finally:
            del self._live[callback.id]
            callback.is_over = True
            callback.stream.abandon()

    def find(self, subscription_id: str) -> Callback | None:
        """The subscription, unless it is over."""
        callback = self._live.get(subscription_id)
        return None if callback is None or callback.is_over else callback
