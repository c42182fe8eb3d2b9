"""PROVIDES_UNSUPPORTED_ON_INTERFACE."""

from tests.composition.kit import check_composition


def test_field_of_an_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { e: E @provides(fields: "n") }
            type X implements I { e: E @provides(fields: "n") }
            type E @key(fields: "id") { id: ID! n: Int @external }
            """,
        },
        errors=["PROVIDES_UNSUPPORTED_ON_INTERFACE"],
        says=["interface"],
    )
