"""PROVIDES_INVALID_FIELDS."""

from tests.composition.kit import check_composition


def test_unknown_field() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E @provides(fields: "no") }
            type E @key(fields: "id") { id: ID! }
            """,
        },
        errors=["PROVIDES_INVALID_FIELDS"],
        says=['"no"'],
    )
