"""CONTEXT_NOT_SET."""

from tests.composition.kit import check_composition


def test_nobody_sets_it() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") {
              id: ID!
              f(a: String @fromContext(field: "$other { name }")): Int
            }
            """,
        },
        errors=["CONTEXT_NOT_SET"],
        says=["no type sets"],
    )


def test_default() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") {
              id: ID!
              f(a: String = "x" @fromContext(field: "$c { name }")): Int
            }
            """,
        },
        errors=["CONTEXT_NOT_SET"],
        says=["remove the default"],
    )
