"""What one run of a plan has collected.

Nothing of it outlives the request, so nothing can reach another client.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from supergraph.executor.entity_table import EntityTable
from supergraph.executor.errors import ErrorList
from supergraph.executor.result import ExecutionContext
from supergraph.planner.operation import Condition
from supergraph.planner.plan_nodes import FetchNode
from supergraph.traffic.transport import SubgraphRequest, SubgraphTransport

__all__ = ["Run"]


class Run:
    """One execution of a plan, or of the rest of a subscription's plan for one event.

    All fetches merge into `data`, one tree of plain dicts and lists.
    """

    __slots__ = (
        "_caches_entities",
        "_context",
        "_deadline",
        "_loop",
        "_tables",
        "_variables",
        "data",
        "entity_batch_max",
        "errors",
        "note_fetched",
    )

    def __init__(
        self, variables: Mapping[str, Any], context: ExecutionContext, *, caches_entities: bool
    ) -> None:
        self.data: dict[str, Any] = {}
        self.errors = ErrorList()
        self.entity_batch_max = context.entity_batch_max
        self._variables = variables
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + context.timeout_seconds
        self._caches_entities = caches_entities
        self._tables: dict[Hashable, EntityTable] = {}
        #: Told the id of a fetch that deferred parts wait for, once it is done.
        self.note_fetched: Callable[[int], None] | None = None

    def beside(self) -> "Run":
        """A run of its own errors and entities on the same data, by the same deadline."""
        other = Run(self._variables, self._context, caches_entities=self._caches_entities)
        other.data = self.data
        other._deadline = self._deadline  # of the same class
        other.note_fetched = self.note_fetched
        return other

    def holds(self, conditions: Iterable[Condition]) -> bool:
        """Whether the variables' values fulfil all of the conditions."""
        variables = self._variables
        return all(variables.get(item.variable) is item.includes for item in conditions)

    def transport(self, fetch: FetchNode) -> SubgraphTransport:
        """The way to the fetch's subgraph."""
        return self._context.transports[fetch.service_name]

    def request(self, fetch: FetchNode, variables: dict[str, Any]) -> SubgraphRequest:
        """The request of a fetch, with those of the client's variables it uses added."""
        for name in fetch.variable_usages:
            if name in self._variables:
                variables[name] = self._variables[name]
        return SubgraphRequest(
            query=fetch.operation,
            variables=variables,
            operation_name=fetch.operation_name,
            headers=self._context.headers,
            timeout_seconds=max(0.0, self._deadline - self._loop.time()),
            is_safe_to_repeat=fetch.operation_kind == "query",
            is_shareable=self._context.is_shareable and fetch.operation_kind == "query",
            entities_variable=fetch.entities[0].variable if len(fetch.entities) == 1 else None,
        )

    def table(self, key: Hashable) -> EntityTable:
        """The table of entities that all fetches with the key share in this run."""
        if not self._caches_entities:
            return EntityTable()
        table = self._tables.get(key)
        if table is None:
            table = EntityTable(is_shared=True)
            self._tables[key] = table
        return table
