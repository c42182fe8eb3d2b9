"""The graph of the fault tests: a catalogue and reviews that work, and a stock that misbehaves.

Every product and depot has values of its own, so that a value at the wrong place is seen.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from graphql import FieldNode, Visitor, parse, visit

from tests.kit.check_execution import GraphSubgraph
from tests.kit.check_plan import compose_supergraph

__all__ = [
    "SUPERGRAPH",
    "catalog",
    "fields_of",
    "healthy",
    "query",
    "response_key",
    "reviews",
    "stock",
    "untouched",
]

CATALOG = """
type Query { title: String!  products: [Product] }
type Product @key(fields: "id") { id: ID!  name: String! }
"""
REVIEWS = 'type Product @key(fields: "id") { id: ID!  stars: Int! }'
_FIELDS = """
  count: Int
  weight: Float
  label: String
  code: ID
  open: Boolean
  state: State
  shelf: Shelf
  tags: [String!]
  bins: [Bin]
  raw: Json
  kin: Kin
  total: Int!
"""
STOCK = f"""
scalar Json
enum State {{ FULL EMPTY SECRET @inaccessible }}
type Shelf {{ number: Int!  keeper: Keeper }}
type Keeper {{ name: String! }}
type Bin {{ size: Int! }}
union Kin = Crate | Pallet
type Crate {{ size: Int }}
type Pallet {{ load: Int }}
input Filter {{ ids: [ID!]  state: State  not: Filter  all: [Filter!] }}
type Query {{ depots: [Depot]  main: Depot!  echo(value: Json, filter: Filter): Json }}
type Depot {{ {_FIELDS} }}
type Product @key(fields: "id") {{ id: ID! {_FIELDS} }}
"""
SUPERGRAPH = compose_supergraph({"catalog": CATALOG, "reviews": REVIEWS, "stock": STOCK})

#: Every field of the stock under a name of the client's own.
_SELECTION = """
  n: count  f: weight  s: label  key: code  is: open  st: state
  sh: shelf { no: number  who: keeper { called: name } }
  t: tags  b: bins { z: size }  any: raw
  k: kin { __typename ... on Crate { c: size } ... on Pallet { p: load } }
"""
_ROWS = 3


def query(place: str, more: str = "") -> str:
    """The selection of the stock, by a root fetch or by an entity fetch, and more of it."""
    fields = f"{_SELECTION} {more}"
    if place == "root":
        return f"{{ title stores: depots {{ {fields} }} goods: products {{ name stars }} }}"
    return f"{{ title goods: products {{ name stars {fields} }} }}"


@cache
def stock() -> GraphSubgraph:
    """The stock as it should answer."""
    depots = [_stored(f"d{number}") for number in range(1, _ROWS + 1)]
    return GraphSubgraph(
        STOCK,
        {"depots": depots, "main": depots[0], "echo": _echo},
        entities=lambda item: {"__typename": "Product", "id": item["id"], **_stored(item["id"])},
    )


@cache
def catalog() -> GraphSubgraph:
    """The products' names."""
    products = [{"id": f"p{n}", "name": f"Product {n}"} for n in range(1, _ROWS + 1)]
    return GraphSubgraph(
        CATALOG,
        {"title": "All", "products": products},
        entities=lambda item: {"__typename": "Product", **item, "name": f"Product {item['id'][1]}"},
    )


@cache
def reviews() -> GraphSubgraph:
    """The products' stars."""
    return GraphSubgraph(
        REVIEWS,
        entities=lambda item: {"__typename": "Product", **item, "stars": int(item["id"][1]) + 2},
    )


def healthy(place: str) -> dict[str, Any]:
    """The client's data when nothing fails."""
    return _data(place, fields_of)


def untouched(place: str) -> dict[str, Any]:
    """The client's data when the stock gives nothing."""
    data = _data(place, lambda row: dict.fromkeys(fields_of(row)))
    if place == "root":
        data["stores"] = None
    return data


def fields_of(row: str) -> dict[str, Any]:
    """What a client sees of a row of the stock."""
    number, kind = int(row[1]), row[0]
    return {
        "n": number,
        "f": number + 0.5,
        "s": f"label of {row}",
        "key": f"code-{row}",
        "is": number % 2 == 1,
        "st": "FULL",
        "sh": {"no": number, "who": {"called": f"keeper of {row}"}},
        "t": [f"{kind}-tag{number}"],
        "b": [{"z": number}, None],
        "any": {"of": [row]},
        "k": {"__typename": "Crate", "c": number},
    }


def response_key(query: str, field_name: str) -> str:
    """The key under which a request asks for the field."""
    keys = []

    class Finder(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            if node.name.value == field_name:
                keys.append(node.alias.value if node.alias else field_name)

    visit(parse(query), Finder())
    return keys[0]


def _echo(_info: Any, value: Any = None, filter: Any = None) -> Any:  # noqa: A002 # as the schema has it
    return value if filter is None else filter


def _data(place: str, fields: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    numbers = range(1, _ROWS + 1)
    goods = [{"name": f"Product {n}", "stars": n + 2} for n in numbers]
    if place == "root":
        return {"title": "All", "stores": [fields(f"d{n}") for n in numbers], "goods": goods}
    return {"title": "All", "goods": [{**goods[n - 1], **fields(f"p{n}")} for n in numbers]}


def _stored(row: str) -> dict[str, Any]:
    number, kind = int(row[1]), row[0]
    return {
        "count": number,
        "weight": number + 0.5,
        "label": f"label of {row}",
        "code": f"code-{row}",
        "open": number % 2 == 1,
        "state": "FULL",
        "shelf": {"number": number, "keeper": {"name": f"keeper of {row}"}},
        "tags": [f"{kind}-tag{number}"],
        "bins": [{"size": number}, None],
        "raw": {"of": [row]},
        "kin": {"__typename": "Crate", "size": number},
        "total": number * 100,
    }
