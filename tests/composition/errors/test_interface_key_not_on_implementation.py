"""INTERFACE_KEY_NOT_ON_IMPLEMENTATION."""

from tests.composition.kit import check_composition


def test_implementation_without_the_key() -> None:
    check_composition(
        {
            "a": """
            type Query { e: I }
            interface I @key(fields: "id") { id: ID! }
            type E implements I { id: ID! }
            """,
        },
        errors=["INTERFACE_KEY_NOT_ON_IMPLEMENTATION"],
        says=['"E"'],
        at=[("a", 2, 13), ("a", 3, 6)],
    )
