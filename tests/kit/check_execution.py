"""Kit of the executor's tests: subgraphs that really execute, in process, and may be told to fail.

A `GraphSubgraph` runs its SDL with graphql-core on plain data, `_entities` included, and records
every request, so that a test can say what was asked and how often.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.language import REMOVE, Visitor

from supergraph.executor.execute import ExecutionContext, ExecutionResult, execute
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.names import SubgraphName
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.planner import Planner
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.kit.check_plan import compose_supergraph

__all__ = ["GraphSubgraph", "executable_schema", "run"]

Resolver = Callable[[dict[str, Any]], Any]


class _WithoutDirectives(Visitor):
    def enter_directive(self, *_: object) -> Any:
        return REMOVE


def executable_schema(sdl: str) -> GraphQLSchema:
    document: DocumentNode = visit(parse(sdl), _WithoutDirectives())
    entities = [
        node.name.value
        for node in parse(sdl).definitions
        if isinstance(node, ObjectTypeDefinitionNode)
        and any(directive.name.value == "key" for directive in node.directives or ())
    ]
    if not entities:
        return build_schema(print_ast(document))
    root = "extend type Query" if "type Query" in sdl else "type Query"
    machinery = f"""
        scalar _Any
        union _Entity = {" | ".join(entities)}
        {root} {{ _entities(representations: [_Any!]!): [_Entity]! }}
    """
    return build_schema(print_ast(document) + machinery)


@dataclass
class GraphSubgraph:
    """A subgraph on plain data.

    `root` has the values of root fields (or functions of their arguments); `entities` makes an
    entity out of a representation; `reply` answers instead of executing.
    """

    sdl: str
    root: Mapping[str, Any] = field(default_factory=dict)
    entities: Resolver | None = None
    reply: Callable[[SubgraphRequest], SubgraphReply] | None = None
    events: list[SubgraphReply | Exception] = field(default_factory=list)
    requests: list[SubgraphRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._schema = executable_schema(self.sdl)
        self._documents: dict[str, DocumentNode] = {}

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        self.requests.append(request)
        if self.reply is not None:
            return self.reply(request)
        document = self._document(request.query)
        root: dict[str, Any] = dict(self.root)
        if self.entities is not None:
            load = self.entities
            root["_entities"] = lambda _info, representations: [
                load(representation) for representation in representations
            ]
        result = execute_sync(
            self._schema, document, root_value=root, variable_values=dict(request.variables)
        )
        return SubgraphReply(
            result.data,
            tuple(error.formatted for error in result.errors or ()),  # type: ignore[misc]
        )

    def _document(self, text: str) -> DocumentNode:
        document = self._documents.get(text)
        if document is None:
            document = self._documents[text] = parse(text)
            # The planner's operations must be valid for the subgraph as it is.
            assert validate(self._schema, document) == []
        return document

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        self.requests.append(request)
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event


def plan_for(subgraphs: Mapping[str, GraphSubgraph], query: str) -> QueryPlan:
    """The plan of a valid operation on the composed subgraphs."""
    sdl = compose_supergraph({name: subgraph.sdl for name, subgraph in subgraphs.items()})
    planner = Planner(parse_supergraph(sdl))
    document = parse(query)
    assert validate(planner.api_schema, document) == []
    return planner.plan(document, None)


def context_for(subgraphs: Mapping[str, GraphSubgraph], **options: Any) -> ExecutionContext:
    """A context whose transports are the subgraphs themselves."""
    transports = {SubgraphName(name): subgraph for name, subgraph in subgraphs.items()}
    return ExecutionContext(transports, **options)


async def run(
    subgraphs: Mapping[str, GraphSubgraph],
    query: str,
    variables: Mapping[str, Any] | None = None,
    **options: Any,
) -> ExecutionResult:
    """Compose, plan and execute."""
    plan = plan_for(subgraphs, query)
    return await execute(plan, variables or {}, context_for(subgraphs, **options))
