"""Run an entity fetch: gather objects, ask for each entity once, merge what came."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeAlias

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

__all__ = ["EntityFetch", "merge_entities"]

#: For each group of a fetch, the numbers of the entities that one request asks for.
_Piece: TypeAlias = list[tuple[int, int]]


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
        groups = self._groups
        held = [True] * len(groups)
        if self._has_conditions:
            held = [run.holds(group.conditions) for group in groups]
        batches = [
            Batch(EntityTable() if key is None or not holds else run.table(key))
            for key, holds in zip(self._shared_keys, held, strict=True)
        ]
        self._gather(run.data, batches)
        ranges = [
            batch.table.claim() if holds else (0, 0)
            for batch, holds in zip(batches, held, strict=True)
        ]
        if self._has_shared:
            await self._load_beside_others(run, batches, ranges)
        else:
            await self._load(run, batches, ranges)
        for group, batch, holds in zip(groups, batches, held, strict=True):
            if holds:
                merge_entities(group, batch)
                if batch.table.errors:
                    self._report(run, group, batch)

    async def _load_beside_others(self, run: Run, batches: Sequence[Batch], ranges: _Piece) -> None:
        """Load, and wait for what other fetches have asked for already."""
        tables = [batch.table for batch in batches]
        others = {future for table in tables for future in table.in_flight}
        own = asyncio.get_running_loop().create_future()
        for table in tables:
            table.in_flight.add(own)
        try:
            await self._load(run, batches, ranges)
        finally:
            for table in tables:
                table.in_flight.discard(own)
            own.set_result(None)
        if others:
            await asyncio.wait(others)

    async def _load(self, run: Run, batches: Sequence[Batch], ranges: _Piece) -> None:
        """Ask for the entities of the ranges, in as many requests as it takes."""
        pieces = _pieces(ranges, run.entity_batch_max)
        if len(pieces) == 1:
            await self._ask(run, batches, pieces[0])
        elif pieces:
            async with asyncio.TaskGroup() as group:
                for piece in pieces:
                    group.create_task(self._ask(run, batches, piece))

    async def _ask(self, run: Run, batches: Sequence[Batch], piece: _Piece) -> None:
        fetch = self._fetch
        variables: dict[str, Any] = {
            group.variable: batch.table.representations[start:stop]
            for group, batch, (start, stop) in zip(self._groups, batches, piece, strict=True)
        }
        try:
            reply = await run.transport(fetch).execute(run.request(fetch, variables))
        except SubgraphError as failure:
            run.errors.add_failure(failure, self._common_path)
            return
        if reply.data is not None:
            for group, batch, (start, stop) in zip(self._groups, batches, piece, strict=True):
                self._take(run, group, batch.table, reply.data.get(group.alias), range(start, stop))
        for error in reply.errors:
            self._place_error(run, error, batches, piece)

    def _take(
        self, run: Run, group: EntityGroup, table: EntityTable, found: Any, numbers: range
    ) -> None:
        """Keep what came for the numbers."""
        if not isinstance(found, list):
            return
        if len(found) != len(numbers):
            # Nobody knows which entity is which, and none may get another's data.
            message = (
                f'Subgraph "{self._fetch.service_name}" answered with {len(found)} entities '
                f"where {len(numbers)} were asked for."
            )
            code = codes.SUBGRAPH_MALFORMED_RESPONSE
            failure = SubgraphError(code, message, self._fetch.service_name)
            run.errors.add_failure(failure, self._common_path)
            return
        for renamed in found if group.output_rewrites else ():
            if isinstance(renamed, dict):
                rename_keys(renamed, group.output_rewrites)
        table.fields[numbers.start : numbers.stop] = found
        if not group.has_objects:
            table.plain += len(found) if _is_plain(found) else 0

    def _place_error(
        self, run: Run, error: dict[str, Any], batches: Sequence[Batch], piece: _Piece
    ) -> None:
        """Keep an error with its entity; one that belongs to none is told at once."""
        match error.get("path"):
            case [str(alias), int(index), *rest]:
                for group, batch, (start, stop) in zip(self._groups, batches, piece, strict=True):
                    if group.alias == alias and 0 <= index < stop - start:
                        path = client_path(rest, group.output_rewrites)
                        batch.table.errors.setdefault(start + index, []).append((path, error))
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
        for target, number in zip(batch.targets, batch.numbers, strict=True):
            for inside, error in batch.table.errors.get(number, ()):
                for position in positions.get(id(target), ()):
                    run.errors.add_from_subgraph(
                        error, self._fetch.service_name, (*position, *inside)
                    )


def merge_entities(group: EntityGroup, batch: Batch) -> None:
    """Merge each entity's fields into the objects that stand for it."""
    table = batch.table
    found = table.fields
    if table.is_plain and not group.has_objects:
        # Nothing to copy, and nothing that must stay: a loop without a step in Python.
        fields_of: Any = found.__getitem__
        deque(map(dict.update, batch.targets, map(fields_of, batch.numbers)), maxlen=0)
        return
    taken = table.taken
    for target, number in zip(batch.targets, batch.numbers, strict=True):
        fields = found[number]
        if fields.__class__ is not dict:
            continue  # null, or not an object: there is no such entity
        if group.has_objects:
            # Later fetches may merge into the objects below, differently at each position.
            if number in taken:
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


def _pieces(ranges: _Piece, maximum: int) -> list[_Piece]:
    """The ranges in pieces of at most `maximum` numbers together; none where there are none."""
    total = sum(stop - start for start, stop in ranges)
    if total <= maximum:
        return [ranges] if total else []
    pieces = []
    left = list(ranges)
    while any(start < stop for start, stop in left):
        room = maximum
        piece: _Piece = []
        for index, (start, stop) in enumerate(left):
            end = min(stop, start + room)
            room -= end - start
            piece.append((start, end))
            left[index] = (end, stop)
        pieces.append(piece)
    return pieces


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
