"""The planner's request to an event stream, in the terms of its channel, snapshot and message."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    parse,
    print_ast,
)
from graphql.utilities import value_from_ast_untyped

from supergraph.errors import broken_invariant
from supergraph.federation.event_streams import EventStream
from supergraph.traffic.events.message import Projection

__all__ = ["StreamOperation"]

#: The response keys of what the transport asks for itself, beside what the client selects.
SEQUENCE_KEY = "_sequence"
FINAL_KEY = "_final"


class StreamOperation:
    """One text of the planner, a subscription with one root field; equal texts are read once."""

    def __init__(self, stream: EventStream, text: str) -> None:
        self._stream = stream
        match parse(text, no_location=True).definitions:
            case (OperationDefinitionNode() as operation,):
                self._operation = operation
            case _:
                broken_invariant("the planner writes one operation, and no named fragments")
        match operation.selection_set.selections:
            case (FieldNode() as field,):
                self._field = field
            case _:
                broken_invariant("the planner enters an event stream by its field alone")

    @cached_property
    def response_key(self) -> str:
        """Where the answer stands."""
        field = self._field
        return field.alias.value if field.alias else field.name.value

    @cached_property
    def projection(self) -> Projection:
        """What is selected of an event."""
        selection_set = self._field.selection_set or SelectionSetNode(selections=())
        return Projection(self._stream, selection_set)

    @cached_property
    def snapshot(self) -> str:
        """The query that answers the present state in the same form, and how late it is."""
        stream, field = self._stream, self._field
        own = [
            FieldNode(
                name=NameNode(value=name),
                alias=NameNode(value=key),
                arguments=(),
                directives=(),
                selection_set=None,
            )
            for name, key in ((stream.sequence, SEQUENCE_KEY), (stream.final, FINAL_KEY))
            if name is not None
        ]
        selected = field.selection_set.selections if field.selection_set else ()
        asked = FieldNode(
            name=NameNode(value=stream.snapshot or ""),
            alias=NameNode(value=self.response_key),
            arguments=field.arguments,
            directives=field.directives,
            selection_set=SelectionSetNode(selections=(*selected, *own)),
        )
        operation = OperationDefinitionNode(
            operation=OperationType.QUERY,
            name=self._operation.name,
            variable_definitions=self._operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=(asked,)),
        )
        return print_ast(operation)

    def channel(self, variables: Mapping[str, Any]) -> str:
        """The channel for the arguments of a request."""
        arguments = dict(self._stream.defaults)
        for node in self._field.arguments or ():
            value = value_from_ast_untyped(node.value, dict(variables))
            if value is not Undefined:
                arguments[node.name.value] = value
        parts = list(self._stream.channel)
        # Text and names by turns: every second one is a name.
        parts[1::2] = [str(arguments.get(name, "")) for name in parts[1::2]]
        return "".join(parts)
