"""A graph for operations in parts: people, pets and posts in three subgraphs; random operations.

Everything is null-free and the same wherever it is asked for, so answers can be compared.
"""

from typing import Any

from graphql import (
    FieldNode,
    NameNode,
    NoUnusedVariablesRule,
    SelectionSetNode,
    parse,
    print_ast,
    specified_rules,
    validate,
    visit,
)
from graphql.language import REMOVE, Visitor
from hypothesis import strategies as st

from supergraph.executor.execute import ExecutionResult, execute
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.planner import Planner
from tests.kit.check_execution import GraphSubgraph, context_for
from tests.kit.check_plan import compose_supergraph

__all__ = [
    "PLANNER",
    "SUBGRAPHS",
    "is_valid",
    "person",
    "plan",
    "run",
    "selection_sets",
    "without_deferred",
    "without_parts",
]

ANIMALS = """
type Query { me: Person people: [Person!]! pets: [Pet!]! box: Box @shareable }
type Mutation { adopt: Person! leave: Person! }
type Person @key(fields: "id") { id: ID! name: String! home: Home pets: [Pet!]! friend: Person }
type Home { street: String owner: Person }
interface Pet { id: ID! name: String! owner: Person }
type Cat implements Pet @key(fields: "id") { id: ID! name: String! owner: Person lives: Int }
type Dog implements Pet { id: ID! name: String! owner: Person tricks: Int }
type Box @shareable { width: Int depth: Int }
"""
SOCIAL = """
type Query { box: Box @shareable }
type Person @key(fields: "id") {
  id: ID!
  name: String! @external
  posts: [Post!]!
  karma: Int!
  badge: String! @requires(fields: "name")
}
type Cat @key(fields: "id") { id: ID! fans: [Person!]! }
type Post @key(fields: "id") { id: ID! text: String! author: Person! }
type Box @shareable { depth: Int height: Int }
"""
SEARCH = """
type Post @key(fields: "id") { id: ID! rank: Int words: [Word!]! }
type Word { text: String! post: Post }
"""


def person(key: Any) -> dict[str, Any]:
    """Everything about a person, who is the same wherever asked for; friends in a ring."""
    return {
        "__typename": "Person",
        "id": str(key),
        "name": f"P{key}",
        "home": lambda _: {"street": f"S{key}", "owner": person(key)},
        "pets": lambda _: [pet(key), pet(int(key) + 1)],
        "friend": lambda _: person((int(key) + 1) % 3),
        "posts": lambda _: [post(key), post(int(key) + 1)],
        "karma": int(key) * 10,
    }


def pet(key: Any) -> dict[str, Any]:
    kind = "Cat" if int(key) % 2 else "Dog"
    return {
        "__typename": kind,
        "id": str(key),
        "name": f"{kind}{key}",
        "owner": lambda _: person(key) if int(key) else None,
        "lives": 9,
        "tricks": 3,
        "fans": lambda _: [person(0), person(key)],
    }


def post(key: Any) -> dict[str, Any]:
    return {
        "__typename": "Post",
        "id": str(key),
        "text": f"T{key}",
        "author": lambda _: person(int(key) % 3),
        "rank": int(key),
        "words": lambda _: [{"text": "w", "post": post(key)}],
    }


MAKERS = {"Person": person, "Cat": pet, "Post": post}


def entity(representation: dict[str, Any]) -> dict[str, Any]:
    found = MAKERS[representation["__typename"]](representation["id"])
    if "name" in representation:
        found["badge"] = f"badge of {representation['name']}"
    return found


SUBGRAPHS = {
    "animals": GraphSubgraph(
        ANIMALS,
        {
            "me": person(1),
            "people": [person(0), person(1), person(2)],
            "pets": [pet(0), pet(1), pet(2)],
            "box": {"width": 1, "depth": 2},
            "adopt": person(1),
            "leave": person(2),
        },
        entities=entity,
    ),
    "social": GraphSubgraph(SOCIAL, {"box": {"depth": 2, "height": 3}}, entities=entity),
    "search": GraphSubgraph(SEARCH, entities=entity),
}
PLANNER = Planner(
    parse_supergraph(
        compose_supergraph({name: subgraph.sdl for name, subgraph in SUBGRAPHS.items()})
    ),
    defers=True,
    streams=True,
)


class _Strip(Visitor):
    """Removes `@defer` and `@stream`, or with `@defer` the fragments that have it."""

    def __init__(self, *, fragments: bool) -> None:
        super().__init__()
        self._fragments = fragments

    def enter_inline_fragment(self, node: Any, *_: Any) -> Any:
        names = {directive.name.value for directive in node.directives or ()}
        return REMOVE if self._fragments and "defer" in names else None

    def enter_directive(self, node: Any, *_: Any) -> Any:
        return REMOVE if node.name.value in {"defer", "stream"} else None

    def leave_selection_set(self, node: Any, *_: Any) -> Any:
        if node.selections:
            return None
        return SelectionSetNode(selections=(FieldNode(name=NameNode(value="__typename")),))


def without_parts(query: str) -> str:
    """The operation that answers the same at once."""
    return print_ast(visit(parse(query), _Strip(fragments=False)))


def without_deferred(query: str) -> str:
    """The operation without its deferred fragments."""
    return print_ast(visit(parse(query), _Strip(fragments=True)))


def is_valid(query: str) -> bool:
    """Whether an operation may be planned."""
    # What is left without the deferred fragments may not use each variable.
    rules = [rule for rule in specified_rules if rule is not NoUnusedVariablesRule]
    return not validate(PLANNER.api_schema, parse(query), rules)


def plan(query: str) -> QueryPlan:
    """The plan of a valid operation."""
    document = parse(query)
    assert is_valid(query)
    return PLANNER.plan(document, None)


async def run(planned: QueryPlan, **variables: Any) -> ExecutionResult:
    """Answer at once."""
    return await execute(planned, variables, context_for(SUBGRAPHS))


LISTS = {"people", "pets", "posts", "fans", "words"}
FIELDS: dict[str, dict[str, str | None]] = {
    "Query": {"me": "Person", "people": "Person", "pets": "Pet", "box": "Box"},
    "Person": {
        "id": None,
        "name": None,
        "home": "Home",
        "pets": "Pet",
        "friend": "Person",
        "posts": "Post",
        "karma": None,
        "badge": None,
    },
    "Home": {"street": None, "owner": "Person"},
    "Pet": {"id": None, "name": None, "owner": "Person"},
    "Cat": {"name": None, "lives": None, "fans": "Person", "owner": "Person"},
    "Dog": {"name": None, "tricks": None, "owner": "Person"},
    "Post": {"id": None, "text": None, "author": "Person", "rank": None, "words": "Word"},
    "Word": {"text": None, "post": "Post"},
    "Box": {"width": None, "depth": None, "height": None},
}


@st.composite
def selection_sets(draw: st.DrawFn, type_name: str, depth: int, streams: int | None = None) -> str:
    """Selections with deferred fragments; with `streams`, lists stream after so many items."""
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["field", "field", "field", "defer", "fragment"]))
        if kind == "field" or depth <= 0:
            names = [name for name, to in FIELDS[type_name].items() if depth > 0 or to is None]
            if not names:
                parts.append("__typename")
                continue
            name = draw(st.sampled_from(sorted(names)))
            below = FIELDS[type_name][name]
            if below is None:
                parts.append(name + draw(st.sampled_from(["", "", "", " @include(if: $x)"])))
            else:
                field = name
                if streams is not None and name in LISTS:
                    # A streamed field is not merged with others.
                    alias = draw(st.integers(0, 99))
                    field = f"x{alias}: {name} @stream(initialCount: {streams})"
                parts.append(f"{field} {draw(selection_sets(below, depth - 1, streams))}")
            continue
        targets = ["Cat", "Dog", "Pet"] if type_name == "Pet" else [type_name]
        on = draw(st.sampled_from(targets))
        inner = draw(selection_sets(on, depth - 1, streams))
        parts.append(f"... on {on}{' @defer' if kind == 'defer' else ''} {inner}")
    return f"{{ {' '.join(parts)} }}"
