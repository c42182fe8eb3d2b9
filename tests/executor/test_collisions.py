"""Fields that may not stand under one response key in a subgraph's request."""

from typing import Any

import pytest

from tests.kit.check_execution import GraphSubgraph, run

pytestmark = pytest.mark.usefixtures("tier")

PEOPLE = """
type Query { accounts: [Account!]! users: [User!]! }
union Account = User | Admin
type User @key(fields: "id") { id: ID! @shareable similar: [Account!]! }
type Admin { id: ID similar: [Account!]! }
"""
USERS = 'type User @key(fields: "id") { id: ID @shareable name: String }'


def people(**options: Any) -> GraphSubgraph:
    admin = {"__typename": "Admin", "id": "a1", "similar": []}
    user = {"__typename": "User", "id": "u1", "similar": [admin]}
    return GraphSubgraph(
        PEOPLE,
        {"accounts": [user, admin], "users": [user]},
        entities=lambda item: {"__typename": "User", **user, **item},
        **options,
    )


def users() -> GraphSubgraph:
    return GraphSubgraph(
        "type Query { x: Int }" + USERS,
        entities=lambda item: {"__typename": "User", "id": item["id"], "name": "Ada"},
    )


async def test_fields_of_different_shapes_are_asked_for_apart_and_put_back() -> None:
    result = await run(
        {"people": people(), "users": users()},
        """{ accounts {
          ... on User { id name similar { ... on Admin { id } } }
          ... on Admin { id similar { ... on User { id } } }
        } }""",
    )
    assert result.errors == []
    assert result.data == {
        "accounts": [
            {"id": "u1", "name": "Ada", "similar": [{"id": "a1"}]},
            {"id": "a1", "similar": []},
        ]
    }


async def test_two_requirements_call_one_field_with_different_arguments() -> None:
    products = GraphSubgraph(
        """
        type Query { product: Product }
        type Product @key(fields: "id") { id: ID! price(currency: String!): Int }
        """,
        {"product": {"id": "1", "price": lambda _info, currency: len(currency)}},
    )
    shipping = GraphSubgraph(
        """
        type Query { x: Int }
        type Product @key(fields: "id") {
          id: ID!
          price(currency: String!): Int @external
          short: Int @requires(fields: "price(currency: \\"E\\")")
          long: Int @requires(fields: "price(currency: \\"DOLLAR\\")")
        }
        """,
        entities=lambda item: {
            "__typename": "Product",
            "short": item["price"] * 10,
            "long": item["price"] * 100,
        },
    )
    result = await run({"products": products, "shipping": shipping}, "{ product { short long } }")
    assert result.errors == []
    assert result.data == {"product": {"short": 10, "long": 600}}
    assert len(shipping.requests) == 1


async def test_a_type_that_only_one_of_two_subgraphs_returns_is_not_asked_for() -> None:
    """What a query gets does not depend on which subgraph is asked (partial-union-complex)."""

    def subgraph(own: str) -> GraphSubgraph:
        box = {"things": [{"__typename": own, "name": own}]}
        return GraphSubgraph(
            f"""
            type Query {{ box: Box @shareable }}
            type Box @shareable {{ things: [Thing!]! }}
            union Thing = Common | {own}
            type Common @shareable {{ name: String }}
            type {own} {{ name: String }}
            """,
            {"box": box},
        )

    result = await run(
        {"a": subgraph("OnlyA"), "b": subgraph("OnlyB")},
        "{ box { things { __typename ... on OnlyA { name } ... on Common { name } } } }",
    )
    assert result.errors == []
    assert result.data == {"box": {"things": [{"__typename": "OnlyA", "name": None}]}}
