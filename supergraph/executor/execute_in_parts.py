"""Execute a plan in parts: the primary part first, then each other one when it is there.

All parts merge into the data of one run. A part starts when the fetches that it waits for are done,
and is completed at every object where its fragment stands in what was delivered before. So a part
inside another follows it, and where a path became null nothing follows.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from supergraph.executor.compiled_parts import CompiledParts, compiled_parts
from supergraph.executor.complete_object import DeferredObject
from supergraph.executor.complete_streamed import RestOfList
from supergraph.executor.completion import Later, path_of
from supergraph.executor.delivered_places import DeliveredNulls, DeliveredObjects, is_there
from supergraph.executor.delivery import DeliveredFragment, DeliveredItems, Delivery, Pending, Piece
from supergraph.executor.errors import ErrorList, PartErrors
from supergraph.executor.part_fetches import PartFetches
from supergraph.executor.projection import Unfinished
from supergraph.executor.result import ERRORS_MAX, ExecutionContext, ExecutionResult
from supergraph.executor.run import Run
from supergraph.names import ResponsePath
from supergraph.planner.operation import Deferral
from supergraph.planner.plan_nodes import QueryPlan

__all__ = ["STREAMED_ITEMS_MAX", "execute_in_parts"]

T = TypeVar("T")

#: Items of lists with `@stream` that are sent at one moment, over all lists; the others wait for
#: the client to have read these.
STREAMED_ITEMS_MAX = 100


async def execute_in_parts(
    plan: QueryPlan, variables: Mapping[str, Any], context: ExecutionContext
) -> AsyncGenerator[Delivery, None]:
    """Answer a query or mutation in parts; closing the generator ends what is not done yet.

    Nothing is completed before it is asked for, so a client that reads slowly has what its
    deferred parts have fetched waiting, once, and no more.
    """
    compiled = compiled_parts(plan, variables)
    compiled.count_use()
    run = Run(variables, context, caches_entities=plan.kind == "query")
    fetches = PartFetches(compiled, run)
    try:
        await fetches.primary()
        run.data.update(compiled.introspected(variables))
        answer = _Answer(fetches, variables)
        yield answer.first(compiled, run)
        while answer.has_next:
            await answer.something_is_ready()
            yield answer.following()
    finally:
        await fetches.end()


@dataclass(frozen=True, slots=True)
class _Place(Generic[T]):
    """Something that is pending; `before` are the lists of errors that may explain its nulls."""

    pending: Pending
    item: T
    before: Sequence[ErrorList]


class _Answer:
    """What of the answer was sent, and what was not.

    `_objects` are those that wait for their part, by its deferral; `_rests` are lists, whose items
    are there.
    """

    def __init__(self, fetches: PartFetches, variables: Mapping[str, Any]) -> None:
        self._fetches = fetches
        self._variables = variables
        self._objects: dict[Deferral, list[_Place[DeferredObject]]] = {}
        self._rests: deque[_Place[RestOfList]] = deque()
        self._delivered = DeliveredObjects()
        self._nulls = DeliveredNulls()
        self._count = 0
        self._errors_left = ERRORS_MAX

    @property
    def has_next(self) -> bool:
        """Whether something is left."""
        return bool(self._objects or self._rests)

    def first(self, compiled: CompiledParts, run: Run) -> Delivery:
        """The primary part."""
        later = Later()
        data = compiled.projection.project(run.data, self._variables, run.errors, later)
        self._delivered.add((), data)
        pending = self._await(later, data, 0, (run.errors,))
        result = ExecutionResult(data, self._within_limit(run.errors.errors))
        return Delivery(result, pending, [], self.has_next)

    async def something_is_ready(self) -> None:
        """Wait until there is something to send."""
        if self._rests:
            await asyncio.sleep(0)  # the parts have their turn, too
            return
        await self._fetches.one_is_done(self._objects)

    def following(self) -> Delivery:
        """All parts that are ready, those in them that are ready too, and the next items."""
        pending: list[Pending] = []
        pieces: list[Piece] = []
        rests = len(self._rests)  # what is found now is announced first
        while ready := list(filter(self._fetches.is_done, self._objects)):
            for deferral in ready:
                pieces += self._fragments(deferral, self._objects.pop(deferral), pending)
        pieces += self._items(rests, pending)
        return Delivery(None, pending, pieces, self.has_next)

    def _fragments(
        self, deferral: Deferral, places: list[_Place[DeferredObject]], pending: list[Pending]
    ) -> Iterable[Piece]:
        fetched = self._fetches.errors(deferral)
        shared = _by_path(fetched, [place.pending.path for place in places])
        for place in places:
            path = place.pending.path
            before = (fetched, *place.before)
            errors = PartErrors(before)
            for entry, error_path in shared.get(path, ()):
                errors.take(entry, error_path)
            later = Later()
            data = place.item.complete(self._variables, errors, later)
            if self._delivered.has_any(map(path_of, later.nulls)):
                data = None  # what the client has is not taken away
            if data is not None:
                self._nulls.keep(path, data)
                self._delivered.add(path, data)
            pending += self._await(later, data, len(path), (errors, *before))
            told = errors.of_null() if data is None else errors.errors
            yield DeliveredFragment(
                place.pending, data, self._within_limit(told, at_least=data is None)
            )

    def _items(self, rests: int, pending: list[Pending]) -> Iterable[Piece]:
        left = STREAMED_ITEMS_MAX
        for _ in range(rests):
            if not left:
                return
            place = self._rests.popleft()
            rest = place.item
            start = rest.start
            errors = PartErrors(place.before)
            later = Later()
            items = rest.take(left, self._variables, errors, later)
            left -= max(len(items), 1)
            if self._objects:  # else nothing comes that could take them away
                for index, item in enumerate(items, start):
                    self._delivered.add((*rest.path, index), item)
            is_failed = rest.start > start + len(items)
            before = (errors, *place.before)
            pending += self._await(later, items, len(rest.path), before, start)
            if not rest.is_over:
                self._rests.appendleft(place)
            told = errors.of_null() if is_failed else errors.errors
            yield DeliveredItems(
                place.pending,
                start,
                items,
                self._within_limit(told, at_least=is_failed),
                rest.is_over,
                is_failed,
            )

    def _await(
        self,
        later: Later,
        data: Any,
        depth: int,
        before: Sequence[ErrorList],
        start: int = 0,
    ) -> list[Pending]:
        """Note what comes later in some data that stands below so many keys of the response.

        What was noted at a place that has become null is dropped. Items begin at `start`.
        """
        if data is not None:
            for null in later.nulls:
                self._nulls.add(path_of(null))
        pending: list[Pending] = []
        unfinished: list[Unfinished] = later.unfinished
        for item in unfinished:
            path = item.path
            inside = path[depth:]
            if start and inside:
                inside = (int(inside[0]) - start, *inside[1:])
            if not is_there(data, inside):
                continue
            noted = Pending(str(self._count), path, item.label)
            self._count += 1
            pending.append(noted)
            if isinstance(item, DeferredObject):
                places = self._objects.setdefault(item.deferral, [])
                places.append(_Place(noted, item, before))
            else:
                self._rests.append(_Place(noted, item, before))
        return pending

    def _within_limit(
        self, errors: list[dict[str, Any]], *, at_least: bool = False
    ) -> list[dict[str, Any]]:
        """The errors that are still sent, the first at least where something has to be said."""
        told = errors[: max(self._errors_left, int(at_least))]
        self._errors_left -= len(told)
        return told


def _by_path(
    errors: ErrorList, paths: Sequence[ResponsePath]
) -> dict[ResponsePath, list[tuple[dict[str, Any], ResponsePath]]]:
    """A part's errors of fetching, by the object that they are told with.

    It is the one that the error stands in; for an error that stands above, the first.
    """
    known = set(paths)
    found: dict[ResponsePath, list[tuple[dict[str, Any], ResponsePath]]] = {}
    for entry, path in errors.with_paths():
        lengths = range(len(path), -1, -1)
        own = next((path[:length] for length in lengths if path[:length] in known), paths[0])
        found.setdefault(own, []).append((entry, path))
    return found
