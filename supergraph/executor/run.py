"""Run the nodes of one plan for one request.

A run owns the data collected so far, the errors and the loaders; nothing of it outlives the
request, so nothing can reach another client.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from supergraph.errors import SubgraphError, broken_invariant
from supergraph.executor.entities import EntityLoader
from supergraph.executor.errors import ErrorList
from supergraph.executor.flatten import objects_at
from supergraph.executor.merge import deep_merge
from supergraph.executor.representations import build_representation
from supergraph.executor.result import ExecutionContext
from supergraph.names import ResponsePath
from supergraph.planner.plan_nodes import (
    ConditionNode,
    FetchNode,
    FlattenNode,
    FlattenPath,
    KeySegment,
    ParallelNode,
    PlanNode,
    SequenceNode,
    SubscriptionNode,
)
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest

__all__ = ["Run"]


class Run:
    """One execution of a plan, or of the rest of a subscription's plan for one event."""

    def __init__(
        self,
        variables: Mapping[str, Any],
        context: ExecutionContext,
        deadline: float,
        *,
        caches_entities: bool,
    ) -> None:
        self.data: dict[str, Any] = {}
        self.errors = ErrorList()
        self._variables = variables
        self._context = context
        self._deadline = deadline
        self._caches_entities = caches_entities
        self._loaders: dict[tuple[str, str], EntityLoader] = {}

    async def node(self, node: PlanNode) -> None:
        """Run a node and everything below it."""
        match node:
            case FetchNode():
                await self._fetch(node)
            case FlattenNode():
                await self._fetch_entities(node)
            case SequenceNode():
                for item in node.nodes:
                    await self.node(item)
            case ParallelNode():
                async with asyncio.TaskGroup() as group:
                    for item in node.nodes:
                        group.create_task(self.node(item))
            case ConditionNode():
                if self._variables.get(node.condition.variable) is node.condition.includes:
                    await self.node(node.node)
            case SubscriptionNode():
                broken_invariant("a subscription is opened, not run")

    def take_reply(self, reply: SubgraphReply, fetch: FetchNode) -> None:
        """Merge the answer of a root fetch."""
        if reply.data is not None:
            deep_merge(self.data, reply.data)
        for error in reply.errors:
            path = tuple(error.get("path") or ())
            self.errors.add_from_subgraph(error, fetch.service_name, path)

    def request_for(self, fetch: FetchNode, **variables: Any) -> SubgraphRequest:
        """The request of a fetch, with the variables it uses and the time that is left."""
        for name in fetch.variable_usages:
            if name in self._variables:
                variables[name] = self._variables[name]
        return SubgraphRequest(
            query=fetch.operation,
            variables=variables,
            operation_name=fetch.operation_name,
            headers=self._context.headers,
            timeout_seconds=max(0.0, self._deadline - asyncio.get_running_loop().time()),
        )

    async def _fetch(self, fetch: FetchNode) -> None:
        transport = self._context.transports[fetch.service_name]
        try:
            reply = await transport.execute(self.request_for(fetch))
        except SubgraphError as error:
            self.errors.add_failure(error, ())
            return
        self.take_reply(reply, fetch)

    async def _fetch_entities(self, node: FlattenNode) -> None:
        fetch = node.node
        positions: list[tuple[dict[str, Any], ResponsePath]] = []
        representations: list[dict[str, Any]] = []
        for entity, position in objects_at(self.data, node.path):
            representation = build_representation(entity, fetch.requires)
            if representation is not None:
                positions.append((entity, position))
                representations.append(representation)
        if not representations:
            return
        loader = self._loader(fetch, node.path)
        loaded_entities = await loader.load_many(representations)
        for (entity, position), loaded in zip(positions, loaded_entities, strict=True):
            fields = loaded.take()
            if fields is not None:
                deep_merge(entity, fields)
            for path, error in loaded.errors:
                self.errors.add_from_subgraph(error, fetch.service_name, (*position, *path))

    def _loader(self, fetch: FetchNode, path: FlattenPath) -> EntityLoader:
        # Fetches that ask the same of the same subgraph share a loader wherever they stand.
        key = (fetch.service_name, fetch.selection)
        loader = self._loaders.get(key)
        if loader is None:
            loader = self._loaders[key] = self._new_loader(fetch, path)
        return loader

    def _new_loader(self, fetch: FetchNode, path: FlattenPath) -> EntityLoader:
        transport = self._context.transports[fetch.service_name]
        # An error of the whole batch is put at the field all of its entities stand below.
        common = tuple(item.response_key for item in path[:1] if isinstance(item, KeySegment))

        async def send(representations: list[dict[str, Any]]) -> SubgraphReply:
            return await transport.execute(self.request_for(fetch, representations=representations))

        def on_batch_error(error: SubgraphError | dict[str, Any]) -> None:
            if isinstance(error, SubgraphError):
                self.errors.add_failure(error, common)
            else:
                self.errors.add_from_subgraph(error, fetch.service_name, common)

        return EntityLoader(
            send, on_batch_error, self._context.entity_batch_max, caches=self._caches_entities
        )
