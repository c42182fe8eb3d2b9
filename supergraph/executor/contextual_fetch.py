"""Run an entity fetch whose fields read from contexts.

What such a field is depends on where the entity stands, so an entity is one for each place with
other values. Entities with the same values are asked for in one `_entities` selection, and those
with others under aliases of the same request.
"""

import asyncio
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from supergraph.executor.contexts import MISSING, context_value, objects_with_above
from supergraph.executor.entity_fetch import Asked, EntityFetch, merge_entities
from supergraph.executor.entity_table import Batch, EntityTable, odd_key
from supergraph.executor.gather import add_target
from supergraph.executor.representations import build_representation
from supergraph.executor.run import Run
from supergraph.planner.fetch.operation_text import entities_operation
from supergraph.planner.plan_nodes import EntityGroup, FetchNode
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["PARTS_MAX", "ContextualFetch"]

#: Selections of `_entities` in one request; more are split over several requests.
PARTS_MAX = 100


class _Part(NamedTuple):
    """The objects of a group with the same values; its group has names of its own."""

    group: EntityGroup
    batch: Batch
    values: tuple[Any, ...]


class ContextualFetch(EntityFetch):
    """One request, or several where it has more than PARTS_MAX parts or too many entities.

    Nothing is shared with other fetches, and no code is generated for it.
    """

    def __init__(self, fetch: FetchNode) -> None:
        super().__init__(fetch, frozenset())

    async def run(self, run: Run) -> None:
        """Load the entities, each with the values for its places, and merge them."""
        parts = self._parts(run)
        pieces = [
            [
                Asked(part.group, part.batch.table, *part.batch.table.claim(), part.values)
                for part in parts[start : start + PARTS_MAX]
            ]
            for start in range(0, len(parts), PARTS_MAX)
        ]
        async with asyncio.TaskGroup() as group:
            for piece in pieces:
                group.create_task(self._load(run, piece))
        for part in parts:
            merge_entities(part.group, part.batch)
            if part.batch.table.errors:
                self._report(run, part.group, part.batch)

    def _parts(self, run: Run) -> list[_Part]:
        found = [
            (group, batch, values)
            for group in self._groups
            if run.holds(group.conditions)
            for batch, values in _batches(run, group)
        ]
        if len(self._groups) == len(found) == 1:
            return [_Part(*found[0])]
        return [
            _Part(_numbered(group, number), batch, values)
            for number, (group, batch, values) in enumerate(found)
        ]

    def _request(self, run: Run, asked: list[Asked]) -> SubgraphRequest:
        """A request that says no more than it has to: what is not used must not be defined."""
        variables: dict[str, Any] = {}
        groups: list[EntityGroup] = []
        for group, table, start, stop, values in asked:
            if start == stop:
                continue
            groups.append(group)
            variables[group.variable] = table.representations[start:stop]
            for context, value in zip(group.contexts, values, strict=True):
                variables[context.variable + group.suffix] = value
        used = {name for group in groups for name in group.variable_usages}
        fetch = self._fetch
        definitions = [text for name, text in fetch.definitions if name in used]
        text = entities_operation(fetch.head, definitions, groups)
        own = replace(
            fetch,
            operation=text,
            variable_usages=tuple(sorted(used)),
            # Only a selection without an alias can be merged with those of other clients.
            entities=tuple(groups) if groups[0].alias == "_entities" else (),
        )
        return run.request(own, variables)


def _batches(run: Run, group: EntityGroup) -> Iterator[tuple[Batch, tuple[Any, ...]]]:
    """The group's objects, apart for different values of its contexts.

    An object whose value never came is left out: an error says already why.
    """
    batches: dict[Hashable, tuple[Batch, tuple[Any, ...]]] = {}
    for path in group.paths:
        for target, above in objects_with_above(run.data, path):
            values = tuple(context_value(context, above) for context in group.contexts)
            representation = build_representation(target, group.requires)
            if MISSING in values or representation is None:
                continue
            batch, _ = batches.setdefault(odd_key(values), (Batch(EntityTable()), values))
            add_target(batch, target, representation)
    yield from batches.values()


def _numbered(group: EntityGroup, number: int) -> EntityGroup:
    """The group with names that no other part of the fetch has."""
    suffix = f"_{number}"
    return replace(
        group,
        alias=f"_e{number}",
        variable=group.variable.removesuffix(group.suffix) + suffix,
        selection=suffix.join(group.template) if group.contexts else group.selection,
        suffix=suffix,
    )
