"""The planner's request to an event stream, in the terms of its channel, snapshot and message."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    print_ast,
)
from graphql.language import DocumentNode, SelectionSetNode
from graphql.utilities import value_from_ast_untyped

from supergraph.federation.event_streams import EventStream
from supergraph.traffic.events.message import Projection

__all__ = ["StreamOperation"]

#: The response keys of what the transport asks for itself, beside what the client selects.
SEQUENCE_KEY = "_sequence"
FINAL_KEY = "_final"


@dataclass(frozen=True)
class StreamOperation:
    """One text of the planner; equal texts need not be read twice."""

    stream: EventStream
    document: DocumentNode

    @classmethod
    def read(cls, stream: EventStream, text: str) -> "StreamOperation":
        """Read a subscription with one root field, as the planner writes it."""
        return cls(stream, parse(text, no_location=True))

    @cached_property
    def _operation(self) -> OperationDefinitionNode:
        return next(
            node for node in self.document.definitions if isinstance(node, OperationDefinitionNode)
        )

    @cached_property
    def _field(self) -> FieldNode:
        return next(
            node for node in self._operation.selection_set.selections if isinstance(node, FieldNode)
        )

    @cached_property
    def response_key(self) -> str:
        """Where the answer stands."""
        field = self._field
        return field.alias.value if field.alias else field.name.value

    @cached_property
    def projection(self) -> Projection:
        """What is selected of an event."""
        fragments = {
            node.name.value: node
            for node in self.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        selection_set = self._field.selection_set or SelectionSetNode(selections=())
        return Projection(self.stream, selection_set, fragments)

    @cached_property
    def snapshot(self) -> str:
        """The query that answers the present state in the same form, and how late it is."""
        stream, field = self.stream, self._field
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
        others = [node for node in self.document.definitions if node is not self._operation]
        return print_ast(DocumentNode(definitions=(operation, *others)))

    def channel(self, variables: Mapping[str, Any]) -> str:
        """The channel for the arguments of a request."""
        arguments = {
            node.name.value: value_from_ast_untyped(node.value, dict(variables))
            for node in self._field.arguments or ()
        }
        parts = list(self.stream.channel)
        # Text and names by turns: every second one is a name.
        parts[1::2] = [str(arguments.get(name, "")) for name in parts[1::2]]
        return "".join(parts)
