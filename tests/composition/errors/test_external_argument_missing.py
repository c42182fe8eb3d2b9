"""EXTERNAL_ARGUMENT_MISSING."""

from tests.composition.kit import check_composition


def test_argument_left_out() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n(x: Int): Int }
            """,
            "b": """
            type E @key(fields: "id") {
              id: ID! n: Int @external
              m: Int @requires(fields: "n") }
            """,
        },
        errors=["EXTERNAL_ARGUMENT_MISSING"],
        says=['"x"'],
    )
