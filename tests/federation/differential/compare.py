"""One operation on the gateway and on the monolith: the same data, the same errors.

`data` must be equal, and its keys in the same order. Where several errors null one place, the
specification lets an implementation report any of them, so the *nulls* that errors explain must be
the same ones, and every path a subgraph's error gets must be that of a value which is really wrong.

https://spec.graphql.org/draft/#sec-Handling-Execution-Errors
"""

import json
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, GraphQLSchema, execute_sync, parse, validate

from supergraph import Gateway, Subgraph, compose
from supergraph.config.gateway import GatewayConfig
from tests.federation.differential.executable import (
    Counter,
    executable_monolith,
    executable_subgraph,
)
from tests.federation.differential.graph import Graph
from tests.federation.differential.operation import Operation
from tests.kit.check_plan import FEDERATION

__all__ = ["Comparison"]

Path = tuple[str | int, ...]


class Comparison:
    """A graph behind a gateway, and as a monolith."""

    def __init__(self, graph: Graph) -> None:
        self.schema = executable_monolith(graph)
        self._graph = graph
        self._lenient = executable_monolith(graph, lenient=True)
        self.sdl = {name: FEDERATION + graph.sdl(name) for name in graph.subgraphs}
        result = compose([Subgraph(name, sdl, "") for name, sdl in self.sdl.items()])
        assert result.supergraph_sdl is not None, (
            [error.message for error in result.errors],
            self.sdl,
        )
        self._counter = Counter()
        targets = {
            name: executable_subgraph(graph, name, self._counter) for name in graph.subgraphs
        }
        self._gateway = Gateway(result.supergraph_sdl, targets, GatewayConfig(introspection=True))

    def is_valid(self, operation: Operation) -> bool:
        """Whether the monolith would run it."""
        return not validate(self.schema, parse(operation.text))

    async def check(self, operation: Operation) -> None:
        """Run on both sides; AssertionError names the first difference."""
        document = parse(operation.text)
        right = _run(executable_monolith(self._graph), document, operation.variables)
        wrong = _run(self._lenient, document, operation.variables)
        self._counter.value = 0
        async with self._gateway:
            result = await self._gateway.execute(operation.text, operation.variables)
        assert result.data == right["data"]
        # A field under two conditions stands where it stands first, whichever of them holds.
        if "@" not in operation.text:
            assert json.dumps(result.data) == json.dumps(right["data"])
        reported = _paths(result.errors, "DOWNSTREAM_SERVICE_ERROR")
        expected = [tuple(error["path"]) for error in right["errors"]]
        assert _nulls(result.data, reported) == _nulls(right["data"], expected)
        assert len(reported) == len(set(reported)), reported
        assert set(reported) <= {tuple(error["path"]) for error in wrong["errors"]}
        # The gateway may find by itself, once more, that what an error nulled cannot be null.
        found = _paths(result.errors, "UNEXPECTED_NULL")
        assert _nulls(result.data, found) <= _nulls(result.data, reported)
        assert len(result.errors) == len(reported) + len(found), result.errors


def _run(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
) -> dict[str, Any]:
    result = execute_sync(schema, document, variable_values=dict(variables))
    return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}


def _paths(errors: list[dict[str, Any]], code: str) -> list[Path]:
    return [tuple(error["path"]) for error in errors if error["extensions"]["code"] == code]


def _nulls(data: Any, paths: list[Path]) -> set[Path]:
    """The places where data ends on the way along each path."""
    return {_null_on_the_way(data, path) for path in paths}


def _null_on_the_way(data: Any, path: Path) -> Path:
    for index, key in enumerate(path):
        if data is None:
            return path[:index]
        data = data[key]
    assert data is None, path
    return path
