"""The records that pass from stage to stage; none is changed after it was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphql import DocumentNode, OperationDefinitionNode

from supergraph.planner.plan_nodes import QueryPlan
from supergraph.stages.supergraph import Supergraph

__all__ = ["GraphQLRequest", "Operation", "OperationKind", "PreparedOperation", "ValidatedDocument"]

OperationKind = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A client's request, whichever way it came; of the right types, otherwise unchecked.

    `headers` are all the client sent, names in lower case. `read_only` is set for a GET, which may
    be repeated or prefetched and therefore changes nothing.
    """

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class ValidatedDocument:
    """A document that is within all limits and valid for the API schema; shared by requests."""

    text: str
    node: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation that is to run, with its variables coerced to their types.

    `active_labels` are the labels of progressive overrides whose fields come from the new subgraph.
    """

    request: GraphQLRequest
    document: ValidatedDocument
    node: OperationDefinitionNode
    variables: dict[str, Any]
    active_labels: frozenset[str] = frozenset()

    @property
    def kind(self) -> OperationKind:
        """Query, mutation or subscription."""
        return self.node.operation.value

    @property
    def name(self) -> str | None:
        """The operation's name in the document."""
        return self.node.name.value if self.node.name else None


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """An operation with its plan, and the supergraph the plan was made for."""

    operation: Operation
    plan: QueryPlan
    supergraph: Supergraph

    @property
    def request(self) -> GraphQLRequest:
        """The request it answers."""
        return self.operation.request

    @property
    def kind(self) -> OperationKind:
        """Query, mutation or subscription."""
        return self.operation.kind
