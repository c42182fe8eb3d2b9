"""A random graph's subgraphs and monolith as schemas that graphql-core executes.

A subgraph forgives nothing: an external field fails unless the path provides it, a required field
is computed from the representation alone, and a representation without its key is an error.
"""

import json
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, build_schema, is_object_type

from tests.federation.differential.graph import ROWS, Field, Graph, Ref
from tests.kit.check_execution import executable_schema

__all__ = ["Counter", "executable_monolith", "executable_subgraph"]


class Counter:
    """What mutations change; the subgraphs of one graph share it."""

    value = 0


@dataclass(frozen=True)
class _Node:
    """A row on its way through a schema."""

    type: str
    row: int
    provided: str = ""
    representation: dict[str, Any] | None = None


def executable_subgraph(graph: Graph, subgraph: str, counter: Counter) -> GraphQLSchema:
    """One subgraph of a graph, `_entities` included."""
    schema = executable_schema(graph.sdl(subgraph))
    _attach(schema, _Resolvers(graph, subgraph, counter, is_strict=True))
    return schema


def executable_monolith(graph: Graph, *, lenient: bool = False) -> GraphQLSchema:
    """The whole graph; the lenient one nulls nothing but what is wrong itself."""
    schema = build_schema(graph.sdl(None, lenient=lenient))
    _attach(schema, _Resolvers(graph, None, Counter(), is_strict=not lenient))
    return schema


def _attach(schema: GraphQLSchema, resolvers: "_Resolvers") -> None:
    for type_ in schema.type_map.values():
        if is_object_type(type_) and not type_.name.startswith("__"):
            for field in type_.fields.values():
                field.resolve = resolvers.resolve
        elif hasattr(type_, "resolve_type"):
            type_.resolve_type = resolvers.type_of


class _Resolvers:
    def __init__(
        self, graph: Graph, subgraph: str | None, counter: Counter, *, is_strict: bool
    ) -> None:
        self.graph = graph
        self.subgraph = subgraph
        self.counter = counter
        self.is_strict = is_strict

    def type_of(self, value: Any, _info: GraphQLResolveInfo, _type: Any) -> str:
        return value.type if isinstance(value, _Node) else value["__typename"]

    def resolve(self, parent: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        name, type_name = info.field_name, info.parent_type.name
        if name == "_entities":
            return [self.entity(item) for item in arguments["representations"]]
        if name.endswith("Query"):
            return None
        if type_name == "Box":
            return self.checked(parent[name], "{}!" if name == "w" else "{}")
        if name.endswith("Bump"):
            self.counter.value += arguments["by"]
            return self.counter.value
        if type_name in {"Query", "Mutation"}:
            fields = self.graph.query if type_name == "Query" else self.graph.mutation
            return self.finished(self.graph.value(type_name, fields[name], 0), fields[name])
        return self.field_of(parent, self.graph.entities[type_name][name], arguments)

    def field_of(self, node: _Node, item: Field, arguments: dict[str, Any]) -> Any:
        graph = self.graph
        if self.subgraph in item.external and item.name != node.provided:
            return ValueError(f"{node.type}.{item.name} is external in {self.subgraph}")
        if item.is_key:
            return key_value(item.name, node.row)
        if item.requires:
            return self.required(node, item)
        value = graph.value(node.type, item, node.row)
        if item.arguments:
            value = _with_arguments(value, json.dumps(arguments, sort_keys=True))
        return self.finished(value, item)

    def required(self, node: _Node, item: Field) -> Any:
        fields = self.graph.entities[node.type]
        found: dict[str, Any] = {}
        for name in item.requires.replace("{ w }", "").split():
            if self.subgraph is not None:
                if name not in (node.representation or {}):
                    return ValueError(f"{name} is missing in {node.representation}")
                found[name] = (node.representation or {})[name]
            else:
                found[name] = _width(self.graph.value(node.type, fields[name], node.row))
        return json.dumps(found, sort_keys=True)

    def entity(self, representation: dict[str, Any]) -> Any:
        name = representation["__typename"]
        keys = self.graph.keys[name]
        for row in range(ROWS):
            if all(representation.get(key) == key_value(key, row) for key in keys):
                return _Node(name, row, representation=representation)
        return ValueError(f"no {name} has the key {representation}")

    def finished(self, value: Any, item: Field) -> Any:
        """References become nodes."""
        return self.checked(_nodes(value, item.provides if self.subgraph else ""), item.wrap)

    def checked(self, value: Any, wrap: str) -> Any:
        """In the lenient monolith a null fails by itself where it may not stand."""
        if self.is_strict:
            return value
        if value is None and wrap.endswith("!"):
            return ValueError("null in a required place")
        if isinstance(value, list) and "!]" in wrap:
            return [ValueError("a null item") if item is None else item for item in value]
        return value


def key_value(name: str, row: int) -> str:
    """Composite keys are unique only together."""
    return {"id": f"id{row}", "org": f"org{row // 2}", "code": f"code{row % 2}"}[name]


def _nodes(value: Any, provided: str) -> Any:
    if isinstance(value, list):
        return [_nodes(item, provided) for item in value]
    return _Node(value.type, value.row, provided) if isinstance(value, Ref) else value


def _width(value: Any) -> Any:
    if isinstance(value, list):
        return [_width(item) for item in value]
    return {"w": value["w"]} if isinstance(value, dict) else value


def _with_arguments(value: Any, text: str) -> Any:
    if isinstance(value, list):
        return [_with_arguments(item, text) for item in value]
    return f"{value} {text}" if isinstance(value, str) else value
