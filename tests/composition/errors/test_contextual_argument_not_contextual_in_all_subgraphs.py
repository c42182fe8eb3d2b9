"""CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS."""

from tests.composition.kit import check_composition


def test_required_from_clients_elsewhere() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { u: U name: String! }
            type U @key(fields: "id") {
              id: ID!
              f(x: String @fromContext(field: "$c { name }")): Int @shareable
            }
            """,
            "b": """
            type U @key(fields: "id") { id: ID! f(x: String!): Int @shareable }
            """,
        },
        errors=["CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"],
        says=['"U.f(x:)"', "optional"],
    )
