"""Fields that read contexts, on random supergraphs and queries, against a direct computation."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import parse

from supergraph.executor.execute import execute
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import Planner
from tests.kit.check_execution import GraphSubgraph, context_for
from tests.kit.check_plan import compose_supergraph

SEEDS = 12
QUERIES = 5
TYPES = ("T0", "T1", "T2", "T3", "T4")
CONTEXTS = ("c", "d")
DEPTH = 5

Node = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """Types that link to each other, directly or by way of an interface.

    Each has values (`v`, `w`) that contexts are set to, some owned by another subgraph, and a field
    that reads all contexts.
    """

    links: dict[str, tuple[str, ...]]
    through_interface: frozenset[str]
    setters: dict[str, dict[str, str]]
    elsewhere: frozenset[tuple[str, str]]


def a_model(chance: random.Random) -> Model:
    setters = {
        context: {name: chance.choice("vw") for name in chance.sample(TYPES, 3)}
        for context in CONTEXTS
    }
    read = sorted({item for values in setters.values() for item in values.items()})
    return Model(
        links={name: tuple(chance.sample(TYPES, 3)) for name in TYPES},
        through_interface=frozenset(chance.sample(TYPES, 2)),
        setters=setters,
        elsewhere=frozenset(item for item in read if chance.random() < 0.4),
    )


def main_sdl(model: Model) -> str:
    reads = " ".join(
        f'{context}: String @fromContext(field: "${context} {selection(model, context)}")'
        for context in CONTEXTS
    )
    parts = ["type Query { start: Start }", "interface I { id: ID! }", START]
    for name in TYPES:
        contexts = " ".join(
            f'@context(name: "{context}")' for context in CONTEXTS if name in model.setters[context]
        )
        values = " ".join(
            f"{value}: String {'@external' if (name, value) in model.elsewhere else ''}"
            for value in "vw"
        )
        links = " ".join(f"{field}: {type_}" for field, type_ in link_types(model, name))
        parts.append(
            f'type {name} implements I @key(fields: "id") {contexts} '
            f"{{ id: ID! {values} {links} f({reads}): String }}"
        )
    return "\n".join(parts)


def selection(model: Model, context: str) -> str:
    return " ".join(
        f"... on {name} {{ {value} }}" for name, value in sorted(model.setters[context].items())
    )


def link_types(model: Model, name: str) -> Sequence[tuple[str, str]]:
    found = []
    for index, target in enumerate(model.links[name]):
        inner = "I" if name in model.through_interface else target
        found.append((f"l{index}", inner if index else f"[{inner}]"))
    return found


#: Where every query begins; it sets all contexts.
START = """
type Start @key(fields: "id") @context(name: "c") @context(name: "d") {
  id: ID!
  v: String
  first: T0
  list: [T1!]!
}
"""


def supergraph_of(model: Model) -> dict[str, str]:
    main = main_sdl(model)
    for context in CONTEXTS:
        main = main.replace(f'"${context} ', f'"${context} ... on Start {{ v }} ')
    others = "\n".join(
        f'type {name} @key(fields: "id") {{ id: ID! '
        + " ".join(f"{value}: String" for value in "vw" if (name, value) in model.elsewhere)
        + " }"
        for name in TYPES
        if any((name, value) in model.elsewhere for value in "vw")
    )
    return {"main": main} | ({"other": others} if others else {})


def entity(type_name: str, key: str) -> Node:
    """An object of the monolith: all of it follows from type and id."""
    seed = random.Random(f"{type_name}{key}")
    return {
        "__typename": type_name,
        "id": key,
        "v": seed.choice(["x", "y", None]),
        "w": seed.choice(["x", "y", "z"]),
    }


def with_links(model: Model, node: Node) -> Node:
    """The object with functions for what it links to, and for the field that reads contexts."""
    found: Node = dict(node)

    def linked(index: int) -> Any:
        target = model.links[node["__typename"]][index]
        keys = [f"{(int(node['id']) * 3 + index + n) % 5}" for n in range(1 if index else 2)]
        nodes = [with_links(model, entity(target, key)) for key in keys]
        return nodes[0] if index else nodes

    for index in range(3):
        found[f"l{index}"] = lambda _info, index=index: linked(index)
    found["f"] = lambda _info, **read: f"{node['__typename']}{node['id']}{sorted(read.items())}"
    return found


def start(model: Model) -> Node:
    return {
        "__typename": "Start",
        "id": "0",
        "v": "s",
        "first": lambda _info: with_links(model, entity("T0", "1")),
        "list": lambda _info: [with_links(model, entity("T1", key)) for key in "23"],
    }


def a_query(model: Model, chance: random.Random) -> str:
    def below(type_name: str, depth: int) -> str:
        parts = ["f"] if chance.random() < 0.7 else ["id"]
        if chance.random() < 0.3:
            parts.append("v")
        if chance.random() < 0.2:
            parts.append("a: w")
        if depth:
            for field, index in (("l0", 0), ("l1", 1), ("l2", 2)):
                if chance.random() < 0.5:
                    target = model.links[type_name][index]
                    inner = below(target, depth - 1)
                    if type_name in model.through_interface:
                        inner = f"... on {target} {{ {inner} }}"
                    alias = chance.choice(["", "v: ", "b: "]) if "v" not in parts else ""
                    parts.append(f"{alias}{field} {{ {inner} }}")
                    if alias:
                        break
        return " ".join(parts)

    return f"{{ start {{ first {{ {below('T0', DEPTH)} }} list {{ {below('T1', DEPTH)} }} }} }}"


def expected(model: Model, query: str) -> Any:
    document: Any = parse(query).definitions[0]

    def value(context: str, above: Sequence[Node]) -> Any:
        for node in reversed(above):
            if node["__typename"] == "Start":
                return node["v"]
            if node["__typename"] in model.setters[context]:
                return node[model.setters[context][node["__typename"]]]
        raise AssertionError(context)

    def select(node: Node, selections: Any, above: Sequence[Node]) -> Node:
        found: Node = {}
        for item in selections:
            if item.kind == "inline_fragment":
                found |= select(node, item.selection_set.selections, above)
                continue
            key = (item.alias or item.name).value
            name = item.name.value
            result = node[name]
            if name == "f":
                read = {context: value(context, above) for context in CONTEXTS}
                result = result(None, **read)
            elif callable(result):
                inner = item.selection_set.selections
                result = result(None)
                way = [*above, node]
                result = (
                    [select(one, inner, way) for one in result]
                    if isinstance(result, list)
                    else select(result, inner, way)
                )
            found[key] = result
        return found

    [root] = document.selection_set.selections
    return {"start": select(start(model), root.selection_set.selections, [])}


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_random_supergraph_answers_like_a_direct_computation(seed: int) -> None:
    chance = random.Random(seed)
    model = a_model(chance)
    sdls = supergraph_of(model)

    def load(representation: Node) -> Node:
        return with_links(model, entity(representation["__typename"], representation["id"]))

    subgraphs = {
        name: GraphSubgraph(sdl, {"start": start(model)} if name == "main" else {}, load)
        for name, sdl in sdls.items()
    }
    planner = Planner(parse_supergraph(compose_supergraph(sdls)))
    for _ in range(QUERIES):
        query = a_query(model, chance)
        plan = planner.plan(parse(query), None)
        result = await execute(plan, {}, context_for(subgraphs))
        assert result.errors == [], query
        assert result.data == expected(model, query), query
