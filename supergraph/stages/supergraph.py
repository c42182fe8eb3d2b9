"""A supergraph that is ready to answer: planner, ways to its subgraphs, and caches bound to it."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from graphql import GraphQLSchema

from supergraph.cache.lru import LruCache
from supergraph.config.gateway import CacheConfig
from supergraph.document.tables import SchemaTables
from supergraph.errors import ClientError
from supergraph.names import SubgraphName
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.planner import Planner
from supergraph.traffic.transport import SubgraphTransport

if TYPE_CHECKING:
    from supergraph.stages.labels import LabelUse
    from supergraph.stages.request import ValidatedDocument

__all__ = ["PlanKey", "Supergraph"]

#: A document's text, the operation's name, and the active labels that its plan depends on.
PlanKey: TypeAlias = tuple[str, str | None, frozenset[str]]


class Supergraph:
    """What one supergraph SDL became.

    Documents and plans depend on the schema, so their caches live and die with it. Operations
    mark their use; a retired supergraph is `drained` once the last of them has ended, and only
    then may its transports be closed.
    """

    def __init__(
        self,
        planner: Planner,
        transports: Mapping[SubgraphName, SubgraphTransport],
        caches: CacheConfig,
    ) -> None:
        self.planner = planner
        self.schema_tables = SchemaTables(planner.api_schema)
        self.transports = transports
        self.documents: LruCache[str, ValidatedDocument | ClientError] = LruCache(
            caches.documents, caches.document_bytes
        )
        self.plans: LruCache[PlanKey, QueryPlan] = LruCache(caches.plans, caches.document_bytes)
        self.label_uses: LruCache[tuple[str, str | None], LabelUse] = LruCache(
            caches.plans, caches.document_bytes
        )
        self.is_retired = False
        self._in_flight = 0
        self._idle = asyncio.Event()

    def __repr__(self) -> str:
        state = "retired" if self.is_retired else "current"
        return f"<Supergraph {state}, {self._in_flight} in flight>"

    @property
    def api_schema(self) -> GraphQLSchema:
        """What clients see."""
        return self.planner.api_schema

    def cache_statistics(self) -> dict[str, dict[str, int]]:
        """Entries, hits and misses of each cache, since this supergraph is used."""
        return {"documents": self.documents.statistics(), "plans": self.plans.statistics()}

    def enter(self) -> None:
        """Keep the transports open until `leave`."""
        self._in_flight += 1

    def leave(self) -> None:
        """Say that an operation has ended."""
        self._in_flight -= 1
        if self.is_retired and not self._in_flight:
            self._idle.set()

    async def drained(self) -> None:
        """Retire: return once no operation uses this supergraph any more."""
        self.is_retired = True
        if self._in_flight:
            await self._idle.wait()
