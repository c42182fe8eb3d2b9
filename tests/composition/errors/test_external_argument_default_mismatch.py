"""EXTERNAL_ARGUMENT_DEFAULT_MISMATCH."""

from tests.composition.kit import check_composition


def test_another_default() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n(x: Int = 1): Int }
            """,
            "b": """
            type E @key(fields: "id") {
              id: ID! n(x: Int = 2): Int @external
              m: Int @requires(fields: "n") }
            """,
        },
        errors=["EXTERNAL_ARGUMENT_DEFAULT_MISMATCH"],
        says=['"E.n(x:)"'],
    )
