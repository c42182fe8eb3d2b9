"""EXTERNAL_UNUSED."""

from tests.composition.kit import check_composition


def test_nothing_needs_it() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n: Int @external }
            """,
        },
        errors=["EXTERNAL_UNUSED"],
        says=['"E.n"'],
        at=[("a", 2, 37)],
    )
