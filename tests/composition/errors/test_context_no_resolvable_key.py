"""CONTEXT_NO_RESOLVABLE_KEY."""

from tests.composition.kit import check_composition


def test_no_key() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U { id: ID! f(a: String @fromContext(field: "$c { name }")): Int }
            """,
        },
        errors=["CONTEXT_NO_RESOLVABLE_KEY"],
        says=["resolvable @key"],
    )
