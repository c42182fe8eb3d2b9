"""CONTEXT_NAME_INVALID."""

from tests.composition.kit import check_composition


def test_underscore() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "my_c") { id: ID! u: U name: String! }
            type U @key(fields: "id") {
              id: ID!
              f(a: String @fromContext(field: "$my_c { name }")): Int
            }
            """,
        },
        errors=["CONTEXT_NAME_INVALID"],
        says=['"my_c"'],
    )
