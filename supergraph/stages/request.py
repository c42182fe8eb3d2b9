"""The records that pass from stage to stage; none is changed after it was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphql import DocumentNode, OperationDefinitionNode

from supergraph.planner.plan_nodes import QueryPlan
from supergraph.records import record
from supergraph.stages.supergraph import Supergraph
from supergraph.stages.variables import CoerceVariables

__all__ = [
    "GraphQLRequest",
    "KnownOperation",
    "Operation",
    "OperationKind",
    "PreparedOperation",
    "ValidatedDocument",
]

OperationKind = Literal["query", "mutation", "subscription"]


@record
class GraphQLRequest:
    """A client's request, whichever way it came; of the right types, otherwise unchecked.

    `headers` are all the client sent, names in lower case. `read_only` is set for a GET, which may
    be repeated or prefetched and therefore changes nothing. `query` may be empty where the
    document is named, by `document_id` or by `extensions`.
    """

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False
    id: str = ""
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class KnownOperation:
    """What all requests for one operation of a document share."""

    node: OperationDefinitionNode
    kind: OperationKind
    name: str | None
    coerce_variables: CoerceVariables


@dataclass(frozen=True, slots=True)
class ValidatedDocument:
    """A document that is within all limits and valid for the API schema; shared by requests."""

    text: str
    node: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    #: What was found out of its operations, by the name they were asked for by.
    known: dict[str | None, KnownOperation] = field(default_factory=dict, compare=False)


@record
class Operation:
    """The operation that is to run, with its variables coerced to their types.

    `active_labels` are the labels of progressive overrides whose fields come from the new subgraph.
    """

    request: GraphQLRequest
    document: ValidatedDocument
    node: OperationDefinitionNode
    variables: dict[str, Any]
    kind: OperationKind
    name: str | None
    active_labels: frozenset[str] = frozenset()


@record
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
