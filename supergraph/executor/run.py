"""Run the nodes of one plan for one request.

A run owns the data collected so far, the errors and the loaders; nothing of it outlives the
request, so nothing can reach another client.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from supergraph.errors import SubgraphError, broken_invariant
from supergraph.executor.entities import EntityKey, EntityLoader
from supergraph.executor.errors import ErrorList
from supergraph.executor.flatten import objects_at
from supergraph.executor.merge import copy_of, deep_merge
from supergraph.executor.representations import build_representation
from supergraph.executor.result import ExecutionContext
from supergraph.executor.rewrites import client_path, rename_keys
from supergraph.names import ResponsePath
from supergraph.planner.operation import Conditions
from supergraph.planner.plan_nodes import (
    ConditionNode,
    FetchNode,
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
        self._loaders: dict[tuple[str, ...], EntityLoader] = {}

    async def node(self, node: PlanNode) -> None:
        """Run a node and everything below it."""
        match node:
            case FetchNode():
                await (self._fetch_entities(node) if node.entities else self._fetch(node))
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
            rename_keys(reply.data, fetch.output_rewrites)
        targets = list(objects_at(self.data, fetch.path))
        for target, position in targets:
            if reply.data is not None:
                deep_merge(target, reply.data if len(targets) == 1 else copy_of(reply.data))
            for error in reply.errors:
                path = client_path(error.get("path") or (), fetch.output_rewrites)
                self.errors.add_from_subgraph(error, fetch.service_name, (*position, *path))

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
            is_safe_to_repeat=fetch.operation_kind == "query",
        )

    async def _fetch(self, fetch: FetchNode) -> None:
        if fetch.path and next(objects_at(self.data, fetch.path), None) is None:
            return
        transport = self._context.transports[fetch.service_name]
        try:
            reply = await transport.execute(self.request_for(fetch))
        except SubgraphError as error:
            self.errors.add_failure(error, ())
            return
        self.take_reply(reply, fetch)

    async def _fetch_entities(self, fetch: FetchNode) -> None:
        positions: list[tuple[dict[str, Any], ResponsePath]] = []
        keys: list[EntityKey] = []
        for group in fetch.entities:
            if not self._holds(group.conditions):
                continue
            for path in group.paths:
                for entity, position in objects_at(self.data, path):
                    representation = build_representation(entity, group.requires)
                    if representation is not None:
                        positions.append((entity, position))
                        keys.append(EntityKey(group, representation))
        if not keys:
            return
        loaded_entities = await self._loader(fetch).load_many(keys)
        for (entity, position), loaded in zip(positions, loaded_entities, strict=True):
            fields = loaded.take()
            if fields is not None:
                deep_merge(entity, fields)
            for inside, error in loaded.errors:
                self.errors.add_from_subgraph(error, fetch.service_name, (*position, *inside))

    def _holds(self, conditions: Conditions) -> bool:
        return all(
            self._variables.get(condition.variable) is condition.includes
            for condition in conditions
        )

    def _loader(self, fetch: FetchNode) -> EntityLoader:
        # Fetches that ask the same of the same subgraph share a loader wherever they stand.
        key = (fetch.service_name, *(group.selection for group in fetch.entities))
        loader = self._loaders.get(key)
        if loader is None:
            loader = self._loaders[key] = self._new_loader(fetch)
        return loader

    def _new_loader(self, fetch: FetchNode) -> EntityLoader:
        transport = self._context.transports[fetch.service_name]
        common = _common_path(fetch)

        async def send(representations: dict[str, list[dict[str, Any]]]) -> SubgraphReply:
            return await transport.execute(self.request_for(fetch, **representations))

        def on_batch_error(error: SubgraphError | dict[str, Any]) -> None:
            if isinstance(error, SubgraphError):
                self.errors.add_failure(error, common)
            else:
                self.errors.add_from_subgraph(error, fetch.service_name, common)

        return EntityLoader(
            send,
            on_batch_error,
            fetch.entities,
            self._context.entity_batch_max,
            caches=self._caches_entities,
        )


def _common_path(fetch: FetchNode) -> ResponsePath:
    """The response keys that all entities of a fetch stand below: where its failure is told.

    It ends at the first list, since the failure is not that of one item.
    """
    paths = [path for group in fetch.entities for path in group.paths]
    common: list[str] = []
    for segments in zip(*paths, strict=False):
        first = segments[0]
        if not isinstance(first, KeySegment) or any(item != first for item in segments):
            break
        common.append(first.response_key)
    return tuple(common)
