"""The executable plan.

The kinds of nodes and their JSON keys (see `serialize`) are those of Apollo's query plan, so that
tools which draw or compare plans work on ours.
"""

from dataclasses import dataclass
from typing import TypeAlias

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode

from supergraph.names import SubgraphName, TypeName
from supergraph.planner.operation import (
    NO_CONDITIONS,
    Condition,
    Conditions,
    Deferral,
    NormalizedOperation,
    Selections,
)

__all__ = [
    "ConditionNode",
    "ContextSource",
    "ContextValue",
    "DeferConditionNode",
    "DeferNode",
    "DeferredNode",
    "EntityFragment",
    "EntityGroup",
    "FetchNode",
    "FlattenPath",
    "IncrementalNode",
    "ItemSegment",
    "KeyRenamer",
    "KeySegment",
    "ParallelNode",
    "PlanNode",
    "PrimaryNode",
    "QueryPlan",
    "RequiredField",
    "RequiredFragment",
    "RequiredSelection",
    "SequenceNode",
    "SubscriptionNode",
    "TypeSegment",
]


@dataclass(frozen=True, slots=True)
class KeySegment:
    """Go to the value under a response key."""

    response_key: str


@dataclass(frozen=True, slots=True)
class ItemSegment:
    """Go to every item of the list."""


@dataclass(frozen=True, slots=True)
class TypeSegment:
    """Go on only with values of one of the object types."""

    type_names: frozenset[TypeName]


FlattenPath: TypeAlias = tuple[KeySegment | ItemSegment | TypeSegment, ...]


@dataclass(frozen=True, slots=True)
class RequiredField:
    """A field of a representation: written as `name`, read from the data under `response_key`."""

    name: str
    response_key: str
    selections: tuple["RequiredSelection", ...] = ()


@dataclass(frozen=True, slots=True)
class RequiredFragment:
    """Fields of a representation that only values of a type have.

    `type_names` are the object types that match the condition.
    """

    type_condition: TypeName
    type_names: frozenset[TypeName]
    selections: tuple["RequiredSelection", ...]


RequiredSelection: TypeAlias = RequiredField | RequiredFragment


@dataclass(frozen=True, slots=True)
class EntityFragment:
    """The representation of entities of one type.

    Entities fetched as an interface are represented by the interface's name: the subgraph may
    treat it as an object, and then the concrete type is nothing it knows.
    """

    type_condition: TypeName
    type_names: frozenset[TypeName]
    selections: tuple[RequiredSelection, ...]
    is_interface: bool = False


@dataclass(frozen=True, slots=True)
class KeyRenamer:
    """In objects at the path, the value under `requested` belongs under `response_key`."""

    path: FlattenPath
    requested: str
    response_key: str


@dataclass(frozen=True, slots=True)
class ContextSource:
    """Where a context's value may stand: in an object above the one that needs it.

    `level` is the number of response keys that lead to that object, fewer than those of the path of
    the object below. It has the value if it is of one of the types; None for an object that always
    has. `selections` come to one value, or to null.
    """

    level: int
    type_condition: TypeName
    type_names: frozenset[TypeName] | None
    selections: tuple[RequiredSelection, ...]


@dataclass(frozen=True, slots=True)
class ContextValue:
    """A variable of a fetch whose value depends on where the object stands in the response.

    The first source that fits has it.
    """

    variable: str
    type: str
    sources: tuple[ContextSource, ...]


@dataclass(frozen=True, slots=True)
class EntityGroup:
    """One `_entities` selection of a fetch, for the objects at its paths.

    The selection stands under `alias` in the request and its representations in `variable`. Where
    the conditions do not hold, nothing is asked for. `output_rewrites` apply to each entity.
    Without `has_objects` the selection has leaves only, so no later fetch merges into its answers.

    With `contexts`, only objects for which all of their values are the same can be asked for in one
    selection. `template` makes one of their own for others: the pieces of the text between which
    the suffix stands that tells its variables from those of others. `suffix` is that of the group,
    and `variable_usages` names the client's variables in it.
    """

    alias: str
    variable: str
    paths: tuple[FlattenPath, ...]
    requires: tuple[EntityFragment, ...]
    selection: str
    conditions: Conditions = NO_CONDITIONS
    output_rewrites: tuple[KeyRenamer, ...] = ()
    has_objects: bool = True
    contexts: tuple[ContextValue, ...] = ()
    template: tuple[str, ...] = ()
    suffix: str = ""
    variable_usages: tuple[str, ...] = ()

    @property
    def asks(self) -> tuple[object, ...]:
        """What is asked, wherever the objects stand: equal for groups with equal answers."""
        return self.selection, self.requires, self.output_rewrites


@dataclass(frozen=True, slots=True)
class FetchNode:
    """One request to one subgraph.

    A root fetch has no `entities`. An entity fetch has one group, or several where different
    places of the response ask the same subgraph at the same time. `selection` is a root fetch's
    text between the braces, kept for printing; its answer belongs to every object at `path`, which
    is the root unless a value of the query type stands inside the response. `head` and
    `definitions` (of the client's variables, by name) are the parts of the operation that stay when
    there have to be more selections, or fewer, because of contexts. `id` is set where a deferred
    part waits for the fetch.
    """

    service_name: SubgraphName
    operation: str
    operation_name: str | None
    operation_kind: str
    variable_usages: tuple[str, ...]
    selection: str = ""
    entities: tuple[EntityGroup, ...] = ()
    output_rewrites: tuple[KeyRenamer, ...] = ()
    path: FlattenPath = ()
    head: str = ""
    definitions: tuple[tuple[str, str], ...] = ()
    id: int | None = None


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """Run one after the other."""

    nodes: tuple["PlanNode", ...]


@dataclass(frozen=True, slots=True)
class ParallelNode:
    """Run at the same time."""

    nodes: tuple["PlanNode", ...]


@dataclass(frozen=True, slots=True)
class ConditionNode:
    """Run only if the condition's variable says so."""

    condition: Condition
    node: "PlanNode"


@dataclass(frozen=True, slots=True)
class SubscriptionNode:
    """Open the primary fetch as a stream; run the rest for each event."""

    primary: FetchNode
    rest: "PlanNode | None"


PlanNode: TypeAlias = FetchNode | SequenceNode | ParallelNode | ConditionNode | SubscriptionNode


@dataclass(frozen=True, slots=True)
class PrimaryNode:
    """What is answered at once; `selection` is what the client selects there.

    `selections` are the same for the executor, in the primary part of the whole operation. Deferred
    fragments stand in them where the client has them.
    """

    selection: str
    node: PlanNode | None
    selections: Selections


@dataclass(frozen=True, slots=True)
class DeferredNode:
    """A part of the answer that comes later, at the objects of a path.

    It waits for the fetches with the ids in `depends` and for nothing else. `path` has the response
    keys, and the type conditions of fragments around it. Without `node` all of it is fetched with
    what was answered before. `selection` is empty where `node` says it, for parts of the part. The
    `deferral` is that of the fragment, by which the executor knows it in the selections.
    """

    depends: tuple[int, ...]
    label: str | None
    path: tuple[str, ...]
    selection: str
    node: "IncrementalNode | None"
    deferral: Deferral


@dataclass(frozen=True, slots=True)
class DeferNode:
    """Answer the primary part, and each deferred one when it is there."""

    primary: PrimaryNode
    deferred: tuple[DeferredNode, ...]


@dataclass(frozen=True, slots=True)
class DeferConditionNode:
    """Whether a part is deferred depends on a variable, and so do the fetches."""

    variable: str
    deferring: "IncrementalNode | None"
    otherwise: "IncrementalNode | None"


IncrementalNode: TypeAlias = PlanNode | DeferNode | DeferConditionNode


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class QueryPlan:
    """A plan with the operation it answers and the API schema it was made for.

    `node` is what answers the operation at once; it is None when the gateway needs no subgraph
    (`{ __typename }`, introspection). `incremental` is what answers it in parts, for an operation
    with `@defer` where that is switched on; with `streams`, some of its lists may come in parts.
    `syntax` and `document` are what the client sent: introspection fields are answered from them.
    """

    operation: NormalizedOperation
    node: PlanNode | None
    syntax: OperationDefinitionNode
    document: DocumentNode
    api_schema: GraphQLSchema
    incremental: IncrementalNode | None = None
    streams: bool = False

    @property
    def shown(self) -> IncrementalNode | None:
        """What people look at: the parts, where there are any."""
        return self.node if self.incremental is None else self.incremental

    @property
    def kind(self) -> str:
        """One of "query", "mutation" and "subscription"."""
        return self.operation.kind
