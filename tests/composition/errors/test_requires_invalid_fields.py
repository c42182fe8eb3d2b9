"""REQUIRES_INVALID_FIELDS."""

from tests.composition.kit import check_composition


def test_unknown_field() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n: Int @requires(fields: "no") }
            """,
        },
        errors=["REQUIRES_INVALID_FIELDS"],
        says=['"no"'],
    )
