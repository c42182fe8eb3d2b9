"""One operation on the gateway and on the monolith: the same data, the same errors.

`data` must be equal in every byte. Where several errors null one place, the specification lets an
implementation report any of them, so the *nulls* that errors explain must be the same ones, and
every path the gateway reports must be that of a value which is really wrong.

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
        assert _text(result.data) == _text(right["data"])
        paths = [tuple(error["path"]) for error in result.errors]
        expected = [tuple(error["path"]) for error in right["errors"]]
        assert _nulls(result.data, paths) == _nulls(right["data"], expected)
        assert len(paths) == len(set(paths)), paths
        assert set(paths) <= {tuple(error["path"]) for error in wrong["errors"]}
        for error in result.errors:
            assert error["extensions"]["code"] == "DOWNSTREAM_SERVICE_ERROR", error


def _run(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
) -> dict[str, Any]:
    result = execute_sync(schema, document, variable_values=dict(variables))
    return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}


def _text(data: Any) -> str:
    return json.dumps(data, indent=1)


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
