"""A small shop in two real subgraphs, run in process: products, and reviews that extend them."""

from typing import Any

import httpx2
from graphql import GraphQLSchema, build_schema, graphql
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from supergraph.config.gateway import GatewayConfig
from supergraph.server.gateway import Gateway
from supergraph.stages.respond import encode

__all__ = ["SUPERGRAPH", "client_of", "development", "gateway", "products", "reviews"]

JOIN = """
schema @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) {
  query: Query
  mutation: Mutation
}
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet,
  type: String, external: Boolean, override: String, usedOverridden: Boolean,
  overrideLabel: String) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable
  on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
  resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable
  on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable
  on SCHEMA
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
"""

SUPERGRAPH = (
    JOIN
    + """
enum join__Graph {
  PRODUCTS @join__graph(name: "products", url: "http://127.0.0.1:9/graphql")
  REVIEWS @join__graph(name: "reviews", url: "http://127.0.0.1:9/graphql")
}
scalar BigInt @join__type(graph: PRODUCTS)
type Query @join__type(graph: PRODUCTS) @join__type(graph: REVIEWS) {
  product(id: ID!): Product @join__field(graph: PRODUCTS)
  products(first: Int! = 2): [Product!]! @join__field(graph: PRODUCTS)
  broken: String @join__field(graph: PRODUCTS)
  reviews: [Review!]! @join__field(graph: REVIEWS)
}
type Mutation @join__type(graph: PRODUCTS) {
  rename(id: ID!, name: String!): Product @join__field(graph: PRODUCTS)
}
type Product @join__type(graph: PRODUCTS, key: "id") @join__type(graph: REVIEWS, key: "id") {
  id: ID!
  name: String! @join__field(graph: PRODUCTS)
  stock: BigInt! @join__field(graph: PRODUCTS)
  related: [Product!]! @join__field(graph: PRODUCTS)
  reviews: [Review!]! @join__field(graph: REVIEWS)
}
type Review @join__type(graph: REVIEWS) {
  text: String!
  product: Product!
}
"""
)

PRODUCTS = """
scalar _Any
scalar BigInt
union _Entity = Product
type Query {
  product(id: ID!): Product
  products(first: Int! = 2): [Product!]!
  broken: String
  _entities(representations: [_Any!]!): [_Entity]!
}
type Mutation { rename(id: ID!, name: String!): Product }
type Product { id: ID! name: String! stock: BigInt! related: [Product!]! }
"""

REVIEWS = """
scalar _Any
union _Entity = Product
type Query { reviews: [Review!]! _entities(representations: [_Any!]!): [_Entity]! }
type Product { id: ID! reviews: [Review!]! }
type Review { text: String! product: Product! }
"""

Row = dict[str, Any]


def products() -> GraphQLSchema:
    """The subgraph that owns products; `stock` is over 64 bits on purpose."""
    rows: dict[str, Row] = {
        key: {"__typename": "Product", "id": key, "name": name, "stock": 2**70}
        for key, name in (("1", "Table"), ("2", "Chair"))
    }

    def rename(_: Any, __: Any, id: str, name: str) -> Row:  # noqa: A002
        rows[id]["name"] = name
        return rows[id]

    def broken(*_: Any) -> str:
        raise RuntimeError("password=hunter2")

    return _executable(
        PRODUCTS,
        {
            "Query.product": lambda _, __, id: rows.get(id),  # noqa: A006
            "Query.products": lambda _, __, first: list(rows.values())[:first],
            "Query.broken": broken,
            "Query._entities": lambda _, __, representations: [
                rows.get(item["id"]) for item in representations
            ],
            "Mutation.rename": rename,
            "Product.related": lambda *_: list(rows.values()),
        },
    )


def reviews() -> GraphQLSchema:
    """The subgraph that adds reviews to products."""

    def review(key: str) -> Row:
        return {"text": f"Review of {key}", "product": {"__typename": "Product", "id": key}}

    return _executable(
        REVIEWS,
        {
            "Query.reviews": lambda *_: [review("1"), review("2")],
            "Query._entities": lambda _, __, representations: list(representations),
            "Product.reviews": lambda product, _: [review(product["id"])],
        },
    )


async def products_app(scope: Scope, receive: Receive, send: Send) -> None:
    """The products as an ASGI app of their own, without a lifespan."""
    await _serve(_PRODUCTS, scope, receive, send)


async def reviews_app(scope: Scope, receive: Receive, send: Send) -> None:
    """The reviews as an ASGI app of their own."""
    await _serve(_REVIEWS, scope, receive, send)


def development(**changes: Any) -> GatewayConfig:
    """Settings as `supergraph dev` has them, with some changed."""
    return GatewayConfig(**changes).for_development()


def gateway(config: GatewayConfig | None = None, **options: Any) -> Gateway:
    """A gateway over the shop, its subgraphs in process."""
    return Gateway(SUPERGRAPH, {"products": products(), "reviews": reviews()}, config, **options)


def client_of(app: ASGIApp) -> httpx2.AsyncClient:
    """A client of an app in this process."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://gateway")


async def _serve(schema: GraphQLSchema, scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    body = await Request(scope, receive).json()
    result = await graphql(schema, body["query"], variable_values=body.get("variables"))
    await Response(encode(result.formatted), media_type="application/json")(scope, receive, send)


def _executable(sdl: str, resolvers: dict[str, Any]) -> GraphQLSchema:
    schema = build_schema(sdl)
    for coordinate, resolve in resolvers.items():
        type_name, _, field_name = coordinate.partition(".")
        schema.type_map[type_name].fields[field_name].resolve = resolve  # type: ignore[attr-defined]
    return schema


_PRODUCTS = products()
_REVIEWS = reviews()
