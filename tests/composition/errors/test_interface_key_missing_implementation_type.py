"""INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE."""

from tests.composition.kit import check_composition


def test_implementation_in_another_subgraph() -> None:
    check_composition(
        {
            "a": """
            type Query { e: I }
            interface I @key(fields: "id") { id: ID! }
            type E implements I @key(fields: "id") { id: ID! }
            """,
            "b": """
            interface I { id: ID! }
            type F implements I @key(fields: "id") { id: ID! }
            """,
        },
        errors=["INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE"],
        says=['"I"', "F"],
    )
