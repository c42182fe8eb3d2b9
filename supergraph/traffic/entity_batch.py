"""One `_entities` request for several callers: what they ask for, and when it is sent."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiodataloader import DataLoader, Loader, dispatch_queue

from supergraph.traffic.entity_slices import Entity
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["EntityBatch", "canonical_json"]

#: The same bytes for the same JSON value, whatever the order of its keys; a file is like no other.
canonical_json = msgspec.json.Encoder(order="sorted", enc_hook=id).encode


class EntityBatch(DataLoader[dict[str, Any], Entity]):
    """Collects representations, each once, and asks for all of them when it is sent.

    That is after `window_seconds`, or as soon as there are `batch_max`, and only once; `on_sent` is
    called then. `send` makes the request and answers with what came for each. A caller joins
    before it loads and leaves in the end: a batch that nobody waits for any more is given up.
    """

    def __init__(
        self,
        request: SubgraphRequest,
        send: Callable[[SubgraphRequest, int], Awaitable[list[Entity]]],
        on_sent: Callable[[], object],
        *,
        window_seconds: float,
        batch_max: int,
    ) -> None:
        super().__init__(max_batch_size=batch_max, get_cache_key=canonical_json)
        self._request = request
        self._send = send
        self._on_sent = on_sent
        self._callers = 0
        self._deadline = 0.0
        self._is_shareable = True
        self._is_sent = False
        self._task: asyncio.Task[Any] | None = None
        # A batch is nobody's request, so it must not log under the name of one.
        self._context = contextvars.Context()
        self._timer = self.loop.call_later(window_seconds, self._dispatch, context=self._context)

    def __repr__(self) -> str:
        return f"<EntityBatch callers={self._callers} sent={self._is_sent}>"

    @property
    def has_callers(self) -> bool:
        """Whether anybody waits for it."""
        return self._callers > 0

    def join(self, request: SubgraphRequest, deadline: float) -> None:
        """Take a caller in: the batch has the time of the most patient one."""
        self._callers += 1
        self._deadline = max(self._deadline, deadline)
        self._is_shareable = self._is_shareable and request.is_shareable

    def leave(self) -> None:
        """Let a caller go, whether it has its answer or not."""
        self._callers -= 1
        if not self._callers:
            self._end()

    def fail(self, error: Exception) -> None:
        """Give up, and tell those who wait."""
        self._end()
        for waiter in self._cache.values():
            if not waiter.done():
                waiter.set_exception(error)

    async def batch_load_fn(self, keys: list[dict[str, Any]]) -> list[Entity]:
        """Ask for all; called once."""
        self._task = asyncio.current_task()
        if not self._callers:
            raise asyncio.CancelledError
        request = self._request
        variables = {**request.variables, str(request.entities_variable): keys}
        return await self._send(
            msgspec.structs.replace(
                request,
                variables=variables,
                timeout_seconds=max(0.0, self._deadline - self.loop.time()),
                is_shareable=self._is_shareable,
            ),
            len(keys),
        )

    def do_resolve_reject(self, key: dict[str, Any], future: "asyncio.Future[Entity]") -> None:
        """Queue a representation; the loader's own way is to send at the loop's next turn."""
        self._queue.append(Loader(key, future))
        if len(self._queue) == self.max_batch_size:
            self._context.run(self._dispatch)

    def _dispatch(self) -> None:
        if not self._is_sent:
            self._close()
            dispatch_queue(self)

    def _end(self) -> None:
        self._close()
        if self._task is not None:
            self._task.cancel()

    def _close(self) -> None:
        """Take nobody in any more."""
        self._timer.cancel()
        if not self._is_sent:
            self._is_sent = True
            self._on_sent()
