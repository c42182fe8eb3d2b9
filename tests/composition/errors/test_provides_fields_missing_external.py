"""PROVIDES_FIELDS_MISSING_EXTERNAL."""

from tests.composition.kit import check_composition


def test_field_resolved_here() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E @provides(fields: "m") }
            type E @key(fields: "id") { id: ID! m: Int }
            """,
        },
        errors=["PROVIDES_FIELDS_MISSING_EXTERNAL"],
        says=['"E.m"'],
    )
