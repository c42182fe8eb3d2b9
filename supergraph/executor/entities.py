"""Entity fetches through dataloaders.

One loader serves one entity fetch of a plan: it turns the representations of all its groups into
one request, splits what is over the batch maximum, and never asks for the same one twice. Fetches
of different waves that ask the same share a loader, and so what is loaded already.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiodataloader import DataLoader

from supergraph.errors import SubgraphError
from supergraph.executor.merge import copy_of
from supergraph.executor.rewrites import client_path, rename_keys
from supergraph.names import ResponsePath
from supergraph.planner.plan_nodes import EntityGroup
from supergraph.traffic.transport import SubgraphReply

__all__ = ["EntityKey", "EntityLoader", "LoadedEntity"]


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


@dataclass(frozen=True, slots=True)
class EntityKey:
    """A representation, and the group of the fetch that asks with it."""

    group: EntityGroup
    representation: dict[str, Any]


class EntityLoader(DataLoader[EntityKey, LoadedEntity]):
    """Loads entities by representation.

    `send` makes the request for the representations of a batch, by variable. Errors that belong to
    no entity are handed to `on_batch_error` once, as is the failure to get an answer.
    """

    def __init__(
        self,
        send: Callable[[dict[str, list[dict[str, Any]]]], Awaitable[SubgraphReply]],
        on_batch_error: Callable[[SubgraphError | dict[str, Any]], None],
        groups: tuple[EntityGroup, ...],
        batch_max: int,
        *,
        caches: bool,
    ) -> None:
        super().__init__(max_batch_size=batch_max, get_cache_key=_cache_key, cache=caches)
        self._send = send
        self._on_batch_error = on_batch_error
        self._groups = groups

    async def batch_load_fn(self, keys: list[EntityKey]) -> list[LoadedEntity]:
        """Load one batch; never raises for what the subgraph did."""
        loaded = [LoadedEntity() for _ in keys]
        by_alias: dict[str, list[LoadedEntity]] = {group.alias: [] for group in self._groups}
        variables: dict[str, list[dict[str, Any]]] = {group.variable: [] for group in self._groups}
        for key, entity in zip(keys, loaded, strict=True):
            by_alias[key.group.alias].append(entity)
            variables[key.group.variable].append(key.representation)
        try:
            reply = await self._send(variables)
        except SubgraphError as failure:
            self._on_batch_error(failure)
            return loaded
        for group in self._groups:
            found = reply.data.get(group.alias) if reply.data is not None else None
            if isinstance(found, list):
                for entity, fields in zip(by_alias[group.alias], found, strict=False):
                    if isinstance(fields, dict):
                        rename_keys(fields, group.output_rewrites)
                        entity.fields = fields
        for error in reply.errors:
            self._place_error(error, by_alias)
        return loaded

    def _place_error(self, error: dict[str, Any], by_alias: dict[str, list[LoadedEntity]]) -> None:
        match error.get("path"):
            case [str(alias), int(index), *rest] if 0 <= index < len(by_alias.get(alias, ())):
                [group] = (item for item in self._groups if item.alias == alias)
                path = client_path(rest, group.output_rewrites)
                by_alias[alias][index].errors.append((path, error))
            case _:
                self._on_batch_error(error)


def _cache_key(key: EntityKey) -> tuple[str, str]:
    # Equal representations have equal reprs: they are built field by field in one order.
    return key.group.alias, repr(key.representation)
