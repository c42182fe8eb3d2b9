"""NO_CONTEXT_IN_SELECTION."""

from tests.composition.kit import check_composition


def test_no_dollar() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") {
              id: ID!
              f(a: String @fromContext(field: "name")): Int
            }
            """,
        },
        errors=["NO_CONTEXT_IN_SELECTION"],
        says=["names no context"],
    )
