"""Entity fetches through dataloaders.

One loader serves all places of a request that ask the same fields of entities of the same
subgraph. It merges the loads of one turn of the event loop into one `_entities` request, splits
what is over the batch maximum, and never asks for the same representation twice.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiodataloader import DataLoader

from supergraph.errors import SubgraphError
from supergraph.executor.merge import copy_of
from supergraph.names import ResponsePath
from supergraph.traffic.transport import SubgraphReply

__all__ = ["EntityLoader", "LoadedEntity"]


@dataclass(slots=True)
class LoadedEntity:
    """An entity's fields, and its errors with their paths inside the entity."""

    fields: dict[str, Any] | None = None
    errors: list[tuple[ResponsePath, dict[str, Any]]] = field(default_factory=list)
    _is_taken: bool = False

    def take(self) -> dict[str, Any] | None:
        """The fields for one position: the first taker gets them as they are, others a copy."""
        if self._is_taken:
            return copy_of(self.fields)  # type: ignore[no-any-return] # a copy has the same type
        self._is_taken = True
        return self.fields


class EntityLoader(DataLoader[dict[str, Any], LoadedEntity]):
    """Loads entities by representation.

    `send` makes the request for a batch. Errors that belong to no entity of the batch are handed
    to `on_batch_error` once, as is the failure to get an answer.
    """

    def __init__(
        self,
        send: Callable[[list[dict[str, Any]]], Awaitable[SubgraphReply]],
        on_batch_error: Callable[[SubgraphError | dict[str, Any]], None],
        batch_max: int,
        *,
        caches: bool,
    ) -> None:
        # Equal representations have equal reprs: they are built field by field in one order.
        super().__init__(max_batch_size=batch_max, get_cache_key=repr, cache=caches)
        self._send = send
        self._on_batch_error = on_batch_error

    async def batch_load_fn(self, keys: list[dict[str, Any]]) -> list[LoadedEntity]:
        """Load one batch; never raises for what the subgraph did."""
        loaded = [LoadedEntity() for _ in keys]
        try:
            reply = await self._send(keys)
        except SubgraphError as failure:
            self._on_batch_error(failure)
            return loaded
        entities = reply.data.get("_entities") if reply.data is not None else None
        if isinstance(entities, list):
            for entity, found in zip(loaded, entities, strict=False):
                entity.fields = found if isinstance(found, dict) else None
        for error in reply.errors:
            self._place_error(error, loaded)
        return loaded

    def _place_error(self, error: dict[str, Any], loaded: list[LoadedEntity]) -> None:
        match error.get("path"):
            case ["_entities", int(index), *rest] if 0 <= index < len(loaded):
                loaded[index].errors.append((tuple(rest), error))
            case _:
                self._on_batch_error(error)
