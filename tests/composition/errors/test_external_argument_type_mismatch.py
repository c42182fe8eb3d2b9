"""EXTERNAL_ARGUMENT_TYPE_MISMATCH."""

from tests.composition.kit import check_composition


def test_another_type() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n(x: Int): Int }
            """,
            "b": """
            type E @key(fields: "id") {
              id: ID! n(x: String): Int @external
              m: Int @requires(fields: "n") }
            """,
        },
        errors=["EXTERNAL_ARGUMENT_TYPE_MISMATCH"],
        says=['"E.n(x:)"'],
    )
