"""Complete objects: the fields that are answered now, and the deferred fragments that are not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supergraph.executor.completion import Completer, Later, NulledError, Place, Request, path_of
from supergraph.executor.errors import ErrorList
from supergraph.executor.selected_fields import any_holds
from supergraph.names import ResponsePath
from supergraph.planner.operation import Conditions, Deferral

__all__ = ["DeferredFragment", "DeferredObject", "FieldPlan", "ObjectPlan", "complete_object"]


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A response key of an object type. It counts when one of the alternatives holds."""

    response_key: str
    alternatives: tuple[Conditions, ...]
    complete: Completer | None  # None: the field is `__typename`


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """What is selected in objects of one type."""

    fields: list[FieldPlan]
    deferred: tuple["DeferredFragment", ...] = ()


@dataclass(frozen=True, slots=True)
class DeferredFragment:
    """A deferred fragment in objects of one type; it counts when its conditions hold."""

    deferral: Deferral
    conditions: Conditions
    plan: ObjectPlan


class DeferredObject:
    """An object of the answer at which a deferred fragment stands.

    It can be completed once the fetches of the fragment's part are done.
    """

    __slots__ = ("_place", "_plan", "_type_name", "_value", "deferral")

    def __init__(
        self, fragment: DeferredFragment, type_name: str, value: dict[str, Any], place: Place
    ) -> None:
        self.deferral = fragment.deferral
        self._plan = fragment.plan
        self._type_name = type_name
        self._value = value
        self._place = place

    @property
    def path(self) -> ResponsePath:
        """Where the object stands in the response."""
        return path_of(self._place)

    @property
    def label(self) -> str | None:
        """The fragment's label."""
        return self.deferral.label

    def complete(
        self, variables: Mapping[str, Any], errors: ErrorList, later: Later
    ) -> dict[str, Any] | None:
        """What the fragment selects; None if a null in it is not allowed where it stands."""
        request = Request(variables, errors, later)
        try:
            return complete_object(self._plan, self._type_name, self._value, self._place, request)
        except NulledError:
            return None


def complete_object(
    plan: ObjectPlan, type_name: str, value: dict[str, Any], place: Place, request: Request
) -> dict[str, Any]:
    """The object as the client selects it; it is noted which parts of it come later."""
    completed: dict[str, Any] = {}
    for field in plan.fields:
        if field.alternatives and not any_holds(field.alternatives, request.variables):
            continue
        key = field.response_key
        if field.complete is None:
            completed[key] = type_name
        else:
            completed[key] = field.complete(value.get(key), (place, key), request)
    if plan.deferred and request.later is not None:
        for fragment in plan.deferred:
            if any_holds((fragment.conditions,), request.variables):
                request.later.unfinished.append(DeferredObject(fragment, type_name, value, place))
    return completed
