"""A supergraph of four small subgraphs, as many distinct documents as one likes, and their answers.

What a subgraph answers depends on the request alone, so it is executed once and kept: the load
is then bounded by the gateway.
"""

import json
from random import Random
from typing import Any

from supergraph.traffic.transport import SubgraphRequest
from tests.kit.check_execution import GraphSubgraph
from tests.kit.check_plan import compose_supergraph

__all__ = ["SUBGRAPHS", "Answers", "document", "supergraph_sdl"]

USERS = """
type Query { users(first: Int! = 3): [User!]! user(id: ID!): User }
type User @key(fields: "id") { id: ID! name: String! email: String city: String! }
"""
PRODUCTS = """
type Query { products(first: Int! = 3): [Product!]! product(id: ID!): Product }
type Product @key(fields: "id") { id: ID! title: String! price: Int! weight: Float color: String }
"""
REVIEWS = """
type Query { reviews(first: Int! = 3): [Review!]! }
type Review { id: ID! text: String! stars: Int! author: User! product: Product! }
type User @key(fields: "id") { id: ID! reviews: [Review!]! karma: Int }
type Product @key(fields: "id") { id: ID! reviews: [Review!]! rating: Float }
"""
STOCK = """
type Query { warehouses: [String!]! }
type Product @key(fields: "id") { id: ID! inStock: Int! shelf: String }
"""
SUBGRAPHS = {"users": USERS, "products": PRODUCTS, "reviews": REVIEWS, "stock": STOCK}
ROWS = 6
#: Field names and, with braces, what they lead to.
_USER = ("id", "name", "email", "city", "karma", "reviews {Review}")
_PRODUCT = (
    *("id", "title", "price", "weight", "color", "rating", "inStock", "shelf"),
    "reviews {Review}",
)
_REVIEW = ("id", "text", "stars", "author {User}", "product {Product}")
_FIELDS = {"User": _USER, "Product": _PRODUCT, "Review": _REVIEW}
_ROOTS = (
    *("users(first: N) {User}", 'user(id: "N") {User}', "products(first: N) {Product}"),
    *('product(id: "N") {Product}', "reviews(first: N) {Review}", "warehouses"),
)


def supergraph_sdl() -> str:
    """The four subgraphs composed."""
    return compose_supergraph(SUBGRAPHS)


def document(number: int) -> str:
    """The query of this number; no two are equal."""
    rng = Random(number)
    roots = rng.sample(_ROOTS, rng.randint(1, 2))
    fields = [f"r{n}: {_expanded(rng, root, 3)}" for n, root in enumerate(roots)]
    return f"query Q{number} {{ {' '.join(fields)} }}"


def _expanded(rng: Random, field: str, depth: int) -> str:
    field = field.replace("N", str(rng.randint(1, ROWS)))
    head, _, type_name = field.partition(" {")
    if not type_name:
        return field
    usable = [item for item in _FIELDS[type_name[:-1]] if depth > 0 or "{" not in item]
    chosen = rng.sample(usable, min(len(usable), rng.randint(1, 4)))
    inner = " ".join(f"f{n}: {_expanded(rng, item, depth - 1)}" for n, item in enumerate(chosen))
    return f"{head} {{ {inner} }}"


class Answers:
    """A subgraph's answers: bytes to bytes."""

    def __init__(self, name: str) -> None:
        self._subgraph = GraphSubgraph(SUBGRAPHS[name], _root(), _entity)
        self._known: dict[bytes, bytes] = {}

    async def answer(self, body: bytes) -> bytes:
        """The answer to a request, in JSON both."""
        answer = self._known.get(body)
        if answer is None:
            answer = self._known[body] = await self._execute(json.loads(body))
        return answer

    async def _execute(self, body: dict[str, Any]) -> bytes:
        request = SubgraphRequest(body["query"], body.get("variables", {}))
        reply = await self._subgraph.execute(request)
        assert not reply.errors, reply.errors
        return json.dumps({"data": reply.data}).encode()


def _root() -> dict[str, Any]:
    def some(make: Any) -> Any:
        return lambda _info, first: [make(number) for number in range(1, first + 1)]

    return {
        "users": some(_user),
        "user": lambda _info, id: _user(int(id)),  # noqa: A006
        "products": some(_product),
        "product": lambda _info, id: _product(int(id)),  # noqa: A006
        "reviews": some(_review),
        "warehouses": ["north", "south"],
    }


def _entity(representation: dict[str, Any]) -> dict[str, Any]:
    make = _user if representation["__typename"] == "User" else _product
    return make(int(representation["id"]))


def _user(number: int) -> dict[str, Any]:
    return {
        "__typename": "User",
        "id": str(number),
        "name": f"User {number}",
        "email": f"user{number}@example.com",
        "city": f"City {number % 3}",
        "karma": number * 7,
        "reviews": lambda _info: [_review(number), _review(number + 1)],
    }


def _product(number: int) -> dict[str, Any]:
    return {
        "__typename": "Product",
        "id": str(number),
        "title": f"Product {number}",
        "price": number * 100,
        "weight": number + 0.5,
        "color": None if number % 2 else "red",
        "rating": number / 2,
        "inStock": number * 3,
        "shelf": f"shelf {number}",
        "reviews": lambda _info: [_review(number)],
    }


def _review(number: int) -> dict[str, Any]:
    return {
        "__typename": "Review",
        "id": f"r{number}",
        "text": f"Review {number}",
        "stars": number % 5,
        "author": lambda _info: _user(number % ROWS + 1),
        "product": lambda _info: _product((number + 1) % ROWS + 1),
    }
