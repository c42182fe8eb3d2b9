"""Run an entity fetch: gather objects, ask for each entity once, merge what came."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.executor.codegen.gather import generate_gather
from supergraph.executor.entity_table import Batch, EntityTable
from supergraph.executor.flatten import objects_at
from supergraph.executor.gather import gathering
from supergraph.executor.merge import copy_of, deep_merge
from supergraph.executor.rewrites import client_path, rename_keys
from supergraph.executor.run import Run
from supergraph.names import ResponsePath
from supergraph.planner.plan_nodes import EntityGroup, FetchNode, KeySegment
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["Asked", "EntityFetch", "merge_entities"]


class Asked(NamedTuple):
    """What one request asks of one group: the entities of its table from `start` to `stop`.

    `values` are those of the group's contexts.
    """

    group: EntityGroup
    table: EntityTable
    start: int
    stop: int
    values: tuple[Any, ...] = ()


class EntityFetch:
    """One `_entities` request, or several where there are more entities than one may ask for.

    Fetches of a plan that ask the same share a table, so none asks for what another has. `shared`
    has the keys of such tables.
    """

    def __init__(self, fetch: FetchNode, shared: frozenset[object]) -> None:
        self._fetch = fetch
        self._groups = fetch.entities
        self._has_conditions = any(group.conditions for group in fetch.entities)
        self._gather = gathering(fetch.entities)
        keys = [(fetch.service_name, *group.asks) for group in fetch.entities]
        self._shared_keys = [key if key in shared else None for key in keys]
        self._has_shared = any(key is not None for key in self._shared_keys)
        self._common_path = _common_path(fetch)

    def generate(self) -> None:
        """Gather by generated code from now on."""
        self._gather = generate_gather(self._groups) or self._gather

    async def run(self, run: Run) -> None:
        """Load the entities that are not there yet, and merge all into the run's data."""
        batches = [Batch(EntityTable()) for _ in self._groups]
        if self._has_shared:
            for batch, key in zip(batches, self._shared_keys, strict=True):
                if key is not None:
                    batch.table = run.table(key)
        pairs = list(zip(self._groups, batches, strict=True))
        if self._has_conditions:
            # What is gathered for the others is dropped.
            pairs = [pair for pair in pairs if run.holds(pair[0].conditions)]
            batches = [
                batch if run.holds(group.conditions) else Batch(EntityTable())
                for group, batch in zip(self._groups, batches, strict=True)
            ]
        self._gather(run.data, batches)
        asked = [Asked(group, batch.table, *batch.table.claim()) for group, batch in pairs]
        if self._has_shared:
            await self._load_beside_others(run, asked)
        else:
            await self._load(run, asked)
        for group, batch in pairs:
            merge_entities(group, batch)
            if batch.table.errors:
                self._report(run, group, batch)

    async def _load_beside_others(self, run: Run, asked: list[Asked]) -> None:
        """Load, and wait for what other fetches have asked for already."""
        tables = [item.table for item in asked]
        others = {future for table in tables for future in table.in_flight}
        own = asyncio.get_running_loop().create_future()
        for table in tables:
            table.in_flight.add(own)
        try:
            await self._load(run, asked)
        finally:
            for table in tables:
                table.in_flight.discard(own)
            own.set_result(None)
        if others:
            await asyncio.wait(others)

    async def _load(self, run: Run, asked: list[Asked]) -> None:
        """Ask for the entities, in as many requests as it takes."""
        count = 0
        for item in asked:
            count += item.stop - item.start
        if not count:
            return
        if count <= run.entity_batch_max:
            await self._ask(run, asked)
            return
        async with asyncio.TaskGroup() as group:
            for piece in _pieces(asked, run.entity_batch_max):
                group.create_task(self._ask(run, piece))

    async def _ask(self, run: Run, asked: list[Asked]) -> None:
        try:
            reply = await run.transport(self._fetch).execute(self._request(run, asked))
        except SubgraphError as failure:
            run.errors.add_failure(failure, self._common_path)
            return
        if reply.data is not None:
            for item in asked:
                if item.start == item.stop:
                    continue  # another group's request: of this one nothing was asked
                found = reply.data.get(item.group.alias)
                # Nobody knows which entity is which if there are too few or too many, and none may
                # get another's data.
                if isinstance(found, list) and len(found) == item.stop - item.start:
                    self._take(item, found)
                elif found is not None or not reply.errors:
                    self._refuse(run, item, found)
        for error in reply.errors:
            self._place_error(run, error, asked)

    def _request(self, run: Run, asked: list[Asked]) -> SubgraphRequest:
        variables: dict[str, Any] = {
            item.group.variable: item.table.representations[item.start : item.stop]
            for item in asked
        }
        for group in self._groups if self._has_conditions else ():
            variables.setdefault(group.variable, [])
        return run.request(self._fetch, variables)

    def _take(self, asked: Asked, found: list[Any]) -> None:
        """Keep the entities that came."""
        group, table, start, stop, _ = asked
        for entity in found if group.output_rewrites else ():
            if isinstance(entity, dict):
                rename_keys(entity, group.output_rewrites)
        table.fields[start:stop] = found
        if not group.has_objects and _is_plain(found):
            table.plain += len(found)

    def _refuse(self, run: Run, asked: Asked, found: Any) -> None:
        """Tell that an answer does not have the entities that were asked for."""
        name = self._fetch.service_name
        count = len(found) if isinstance(found, list) else "no list of"
        message = (
            f'Subgraph "{name}" answered with {count} entities '
            f"where {asked.stop - asked.start} were asked for."
        )
        failure = SubgraphError(codes.SUBGRAPH_MALFORMED_RESPONSE, message, name)
        run.errors.add_failure(failure, self._common_path)

    def _place_error(self, run: Run, error: dict[str, Any], asked: list[Asked]) -> None:
        """Keep an error with its entity; one that belongs to none is told at once."""
        match error.get("path"):
            case [str(alias), int(index), *rest]:
                for group, table, start, stop, _ in asked:
                    if group.alias == alias and 0 <= index < stop - start:
                        path = client_path(rest, group.output_rewrites)
                        table.errors.setdefault(start + index, []).append((path, error))
                        return
            case _:
                pass
        run.errors.add_from_subgraph(error, self._fetch.service_name, self._common_path)

    def _report(self, run: Run, group: EntityGroup, batch: Batch) -> None:
        """Tell the errors of entities at every position where the entity stands."""
        positions: dict[int, list[ResponsePath]] = {}
        for path in group.paths:
            for target, position in objects_at(run.data, path):
                positions.setdefault(id(target), []).append(position)
        name = self._fetch.service_name
        for target, number in zip(batch.targets, batch.numbers, strict=True):
            for inside, error in batch.table.errors.get(number, ()):
                for position in positions.get(id(target), ()):
                    run.errors.add_from_subgraph(error, name, (*position, *inside))


def merge_entities(group: EntityGroup, batch: Batch) -> None:
    """Merge each entity's fields into the objects that stand for it."""
    table = batch.table
    found = table.fields
    if table.is_plain and not group.has_objects:
        # Nothing to copy, and nothing that must stay. (Measured: half the cost of `update`, and a
        # third of a loop in C over `dict.update`.)
        for target, number in zip(batch.targets, batch.numbers, strict=True):
            target |= found[number]  # type: ignore[arg-type] # noqa: PLW2901 # all there; in place
        return
    taken = table.taken
    for target, number in zip(batch.targets, batch.numbers, strict=True):
        fields = found[number]
        if fields.__class__ is not dict:
            continue  # null, or not an object: there is no such entity
        if group.has_objects:
            # Later fetches may merge into the objects below, differently at each position.
            if table.is_shared or number in taken:
                fields = copy_of(fields)
            else:
                taken.add(number)
        if target.keys().isdisjoint(fields):
            target.update(fields)
        else:
            deep_merge(target, fields)


def _is_plain(found: list[Any]) -> bool:
    """Whether the entities are all there, without a null or a type name, which may have to yield.

    See `deep_merge`: any other value agrees with what another subgraph may have answered before.
    """
    for fields in found:
        if fields.__class__ is not dict or "__typename" in fields or None in fields.values():
            return False
    return True


def _pieces(asked: list[Asked], maximum: int) -> Iterator[list[Asked]]:
    """What is asked for in pieces of at most `maximum` entities together."""
    left = asked
    while any(item.start < item.stop for item in left):
        room = maximum
        piece = []
        for item in left:
            end = min(item.stop, item.start + room)
            room -= end - item.start
            piece.append(item._replace(stop=end))
        yield piece
        left = [item._replace(start=taken.stop) for item, taken in zip(left, piece, strict=True)]


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
