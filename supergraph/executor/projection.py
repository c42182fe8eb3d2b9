"""Complete the client's response from the merged data.

A selection is compiled once per plan into closures, one per field and object type; a request only
calls them (`completion`, `complete_object`). For answers in which nothing is wrong
`codegen.projection` does the same faster.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)

from supergraph.errors import broken_invariant
from supergraph.executor.complete_object import (
    DeferredFragment,
    DeferredObject,
    FieldPlan,
    ObjectPlan,
    complete_object,
)
from supergraph.executor.complete_streamed import RestOfList, streamed_list_of
from supergraph.executor.completion import (
    Completer,
    Later,
    NulledError,
    Place,
    Request,
    as_it_is,
    enum_of,
    invalid,
    list_of,
    non_null,
    nullable,
    nullable_composite,
    scalar_of,
)
from supergraph.executor.errors import ErrorList
from supergraph.executor.selected_fields import SelectedField, SelectedFields
from supergraph.names import TypeName
from supergraph.planner.operation import Selections, Streaming

__all__ = ["Projection", "Unfinished", "compile_projection"]

#: What of an answer comes later.
Unfinished: TypeAlias = DeferredObject | RestOfList


class Projection:
    """Shapes merged data to an operation's selection."""

    def __init__(self, complete_root: Completer) -> None:
        self._complete_root = complete_root

    def project(
        self,
        data: dict[str, Any],
        variables: Mapping[str, Any],
        errors: ErrorList,
        later: Later | None = None,
    ) -> dict[str, Any] | None:
        """The response's `data`; what had to be nulled is explained in `errors`.

        With `later`, what is deferred or streamed is left out and noted there, even if something
        around it became null after all. Without, lists are whole.
        """
        completed: dict[str, Any]
        try:
            completed = self._complete_root(data, None, Request(variables, errors, later))
        except NulledError:
            return None
        return completed


def compile_projection(
    schema: GraphQLSchema, root_type: TypeName, selections: Selections
) -> Projection:
    """Compile an operation's selections against the API schema."""
    root = schema.type_map[root_type]
    return Projection(_Compiler(schema).object_of(root, selections))


class _Compiler:
    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._fields = SelectedFields(schema)

    def of_type(
        self,
        type_: GraphQLOutputType,
        selections: Selections,
        streaming: Streaming | None = None,
    ) -> Completer:
        if isinstance(type_, GraphQLNonNull):
            return non_null(self._of_nullable(type_.of_type, selections, streaming))
        complete = self._of_nullable(type_, selections, streaming)
        return nullable(complete) if is_leaf_type(type_) else nullable_composite(complete)

    def _of_nullable(
        self, type_: GraphQLOutputType, selections: Selections, streaming: Streaming | None
    ) -> Completer:
        """A completer for values that are not null."""
        if isinstance(type_, GraphQLList):
            complete_item = self.of_type(type_.of_type, selections)
            if streaming is not None:
                return streamed_list_of(complete_item, streaming)
            return list_of(complete_item)
        if isinstance(type_, GraphQLEnumType):
            return enum_of(type_)
        if isinstance(type_, GraphQLScalarType):
            return scalar_of(type_)
        if isinstance(type_, GraphQLNonNull):
            broken_invariant("non-null is not nested in non-null")
        return self.object_of(type_, selections)

    def object_of(self, type_: GraphQLNamedType, selections: Selections) -> Completer:
        if is_object_type(type_):
            name = type_.name
            plan: ObjectPlan | None = None

            def complete_concrete(value: Any, place: Place, request: Request) -> Any:
                nonlocal plan
                if plan is None:  # on first use: most types of a wide operation never occur
                    plan = self._plan_of(name, selections)
                if not isinstance(value, dict):
                    raise invalid(request, place, f"a value of the object type {name}")
                return complete_object(plan, name, value, place, request)

            return complete_concrete
        return self._abstract(type_, selections)

    def _abstract(self, type_: GraphQLNamedType, selections: Selections) -> Completer:
        if not is_abstract_type(type_):
            broken_invariant(f"{type_.name} is an output type")
        possible = {item.name for item in self._schema.get_possible_types(type_)}
        plans: dict[str, ObjectPlan] = {}

        # A value whose concrete type no subgraph was asked for (an interface object's) is completed
        # as the interface: the planner asks for the type wherever the selection depends on it.
        untyped = type_.name if isinstance(type_, GraphQLInterfaceType) else None

        def complete_abstract(value: Any, place: Place, request: Request) -> Any:
            name = value.get("__typename", untyped) if isinstance(value, dict) else None
            if not isinstance(name, str) or (name not in possible and name != untyped):
                raise invalid(request, place, f"an object of a type that {type_.name} can have")
            plan = plans.get(name)
            if plan is None:
                plan = self._plan_of(name, selections)
                plans[name] = plan
            return complete_object(plan, name, value, place, request)

        return complete_abstract

    def _plan_of(self, type_name: str, selections: Selections) -> ObjectPlan:
        return ObjectPlan(
            [self._field_plan(field) for field in self._fields.of(type_name, selections)],
            tuple(
                DeferredFragment(
                    deferral, conditions, self._plan_of(type_name, fragment.selections)
                )
                for deferral, conditions, fragment in self._fields.deferred(type_name, selections)
            ),
        )

    def _field_plan(self, field: SelectedField) -> FieldPlan:
        complete: Completer | None
        if field.type is not None:
            complete = self.of_type(field.type, field.selections, field.streaming)
        else:
            complete = None if field.name == "__typename" else as_it_is
        return FieldPlan(field.response_key, field.alternatives, complete)
