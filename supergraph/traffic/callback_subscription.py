"""Subscriptions of one subgraph over HTTP callbacks: opened by a request, fed by POSTs to us.

https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/callback-protocol
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.protocols.callback import ACCEPTED, subscription_extension
from supergraph.protocols.transport_ws.client import Completed, Failed, ResultReceived
from supergraph.traffic.callbacks import Callback, Callbacks, TooManyCallbacksError
from supergraph.traffic.failure import failure
from supergraph.traffic.reply import read_reply, reply_from_json
from supergraph.traffic.response_stream import PASSING_STATUSES, OpenStream
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.stream_opening import StreamOpening
from supergraph.traffic.subscription_socket import Lost, StreamEvent
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest

__all__ = ["CallbackSubscriptions"]

#: An emitter counts as gone once it was silent for so many heartbeats.
HEARTBEATS_MISSED_MAX = 3


class CallbackSubscriptions:
    """Opens subscriptions and hands out what `callbacks` gets for them."""

    def __init__(
        self,
        name: SubgraphName,
        open_stream: OpenStream,
        settings: TransportSettings,
        callbacks: Callbacks,
    ) -> None:
        self._name = name
        self._settings = settings
        self._callbacks = callbacks
        self._opening = StreamOpening(name, open_stream, settings.response_bytes_max)
        self._live: set[Callback] = set()

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the results of a subscription; once the generator is closed, callbacks get 404.

        Raises `SubgraphError` when it cannot be opened in the request's time, and when the emitter
        has fallen silent. A subscription that is refused is one reply with its errors.
        """
        with self._opened() as callback:
            refusal = await self._ask(request, callback)
            if refusal is not None:
                yield refusal
                return
            while True:
                match await self._next(callback):
                    case ResultReceived(_, payload):
                        yield reply_from_json(payload, self._name)
                    case Failed(_, errors):
                        yield reply_from_json({"errors": list(errors)}, self._name)
                        return
                    case Completed():
                        return

    async def close(self) -> None:
        """End every subscription; those who read one see it lost."""
        await self._opening.close()
        for callback in self._live:
            callback.lose("the gateway closed it")

    @contextmanager
    def _opened(self) -> Iterator[Callback]:
        try:
            with self._callbacks.opened(self._settings.stream_events_max) as callback:
                self._live.add(callback)
                try:
                    yield callback
                finally:
                    self._live.discard(callback)
        except TooManyCallbacksError as error:
            what = f"was not asked: {error}"
            raise failure(self._name, codes.SUBGRAPH_SUBSCRIPTION_FAILED, what) from error

    async def _ask(self, request: SubgraphRequest, callback: Callback) -> SubgraphReply | None:
        """Send the operation; None once the subgraph has taken it, else what it says instead."""
        extensions = subscription_extension(
            callback.url, callback.id, callback.verifier, self._callbacks.heartbeat_seconds
        )
        try:
            async with (
                asyncio.timeout(request.timeout_seconds),
                self._opening.opened(request, {"accept": ACCEPTED}, extensions) as stream,
            ):
                status, body = stream.status, await self._opening.whole_body(stream)
        except TimeoutError as error:
            what = "did not open a subscription in time"
            raise failure(self._name, codes.SUBGRAPH_TIMEOUT, what, may_pass=True) from error
        return self._refusal(status, body, callback)

    def _refusal(self, status: int, body: bytes, callback: Callback) -> SubgraphReply | None:
        """An answer with errors, or one of a subgraph that does not know the protocol."""
        try:
            reply = read_reply(body, status, self._name)
        except SubgraphError as error:
            # {"data": null} without errors is no result, and how the protocol says yes.
            if not 200 <= status < 300:
                error.may_pass = status in PASSING_STATUSES
                raise
        else:
            if reply.errors:
                return reply
        if callback.heard_at is None:
            what = "took a subscription without checking that it can call back"
            raise failure(self._name, codes.SUBGRAPH_SUBSCRIPTION_FAILED, what)
        return None

    async def _next(self, callback: Callback) -> StreamEvent:
        patience = self._callbacks.heartbeat_seconds * HEARTBEATS_MISSED_MAX
        loop = asyncio.get_running_loop()
        while True:
            heard_at = callback.heard_at or 0.0
            try:
                async with asyncio.timeout_at(heard_at + patience if patience else None):
                    return await callback.stream.get()
            except TimeoutError as error:
                if loop.time() >= (callback.heard_at or 0.0) + patience:
                    raise self._lost("the emitter fell silent", may_pass=True) from error
            except Lost as error:
                raise self._lost(str(error), may_pass=False) from error

    def _lost(self, why: str, *, may_pass: bool) -> SubgraphError:
        code, what = codes.SUBGRAPH_SUBSCRIPTION_FAILED, f"lost a subscription: {why}"
        return failure(self._name, code, what, was_open=True, may_pass=may_pass)
