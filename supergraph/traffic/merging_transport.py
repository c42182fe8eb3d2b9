"""Entity fetches of different client requests as one request to the subgraph.

Fetches are merged when the subgraph could tell them apart by their entities only: the same
operation, the same other variables, the same forwarded headers. The first one waits a moment for
others, and what has come together by then is one batch. Nothing joins a batch once it is sent, so
nobody gets an answer that is older than the question.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
"""

import asyncio
from collections.abc import AsyncGenerator, Hashable, Sequence
from typing import Any

from supergraph.error_codes import runtime as codes
from supergraph.names import SubgraphName
from supergraph.traffic.entity_batch import EntityBatch, canonical_json
from supergraph.traffic.entity_slices import Entity, cut, put_together
from supergraph.traffic.failure import failure
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest, SubgraphTransport

__all__ = ["MergingTransport"]

#: Batches that wait for their window to end; a fetch that would begin another is sent by itself.
OPEN_MAX = 1_000


class MergingTransport:
    """A transport that merges entity fetches, and hands everything else to the one behind it.

    A caller loses what its own entities cost and no more: not by another's errors, time limit or
    going away. A batch that fails, fails for all who are in it.
    """

    def __init__(
        self,
        name: SubgraphName,
        transport: SubgraphTransport,
        *,
        window_seconds: float,
        batch_max: int,
    ) -> None:
        self._name = name
        self._transport = transport
        self._window_seconds = window_seconds
        self._batch_max = batch_max
        self._open: dict[Hashable, EntityBatch] = {}
        self._joined: set[EntityBatch] = set()

    def __repr__(self) -> str:
        return f"<MergingTransport {self._name} open={len(self._open)} joined={len(self._joined)}>"

    async def start(self) -> None:
        """Start the transport behind."""
        await self._transport.start()

    async def close(self) -> None:
        """End the batches, then close the transport behind."""
        for batch in tuple(self._joined):
            batch.fail(failure(self._name, codes.SUBGRAPH_UNREACHABLE, "is no longer asked"))
        await self._transport.close()

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """Answer; an entity fetch by its part of a batch."""
        variable = request.entities_variable
        representations = request.variables.get(variable) if variable is not None else None
        if not representations or not request.is_safe_to_repeat or len(self._open) >= OPEN_MAX:
            return await self._transport.execute(request)
        joined: list[EntityBatch] = []
        try:
            waiters = self._load(request, representations, joined)
            async with asyncio.timeout(request.timeout_seconds):
                # Shielded: others wait for the same entities.
                loaded = await asyncio.shield(asyncio.gather(*waiters, return_exceptions=True))
        except TimeoutError as error:
            raise failure(self._name, codes.SUBGRAPH_TIMEOUT, "did not answer in time") from error
        finally:
            for batch in joined:
                self._leave(batch)
        return put_together(loaded, self._name)

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Subscriptions are not merged."""
        return self._transport.subscribe(request)

    def _load(
        self,
        request: SubgraphRequest,
        representations: Sequence[dict[str, Any]],
        joined: list[EntityBatch],
    ) -> list["asyncio.Future[Entity]"]:
        """Join as many batches as it takes; those that were joined are added to the list."""
        key = _key(request)
        deadline = asyncio.get_running_loop().time() + request.timeout_seconds
        waiters = []
        for representation in representations:
            batch = self._open.get(key)
            if batch is None:
                batch = self._open[key] = self._begin(request, key)
            if not joined or joined[-1] is not batch:
                batch.join(request, deadline)
                joined.append(batch)
                self._joined.add(batch)
            waiters.append(batch.load(representation))
        return waiters

    def _begin(self, request: SubgraphRequest, key: Hashable) -> EntityBatch:
        return EntityBatch(
            request,
            self._send,
            lambda: self._open.pop(key, None),
            window_seconds=self._window_seconds,
            batch_max=self._batch_max,
        )

    def _leave(self, batch: EntityBatch) -> None:
        batch.leave()
        if not batch.has_callers:
            self._joined.discard(batch)

    async def _send(self, request: SubgraphRequest, count: int) -> list[Entity]:
        return cut(await self._transport.execute(request), count, self._name)


def _key(request: SubgraphRequest) -> Hashable:
    """All that the subgraph gets to see of a fetch but the entities."""
    variables = dict(request.variables)
    del variables[request.entities_variable or ""]
    headers = tuple(sorted(request.headers.items()))
    return request.query, request.operation_name, canonical_json(variables), headers
