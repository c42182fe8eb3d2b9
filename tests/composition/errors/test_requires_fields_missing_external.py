"""REQUIRES_FIELDS_MISSING_EXTERNAL."""

from tests.composition.kit import check_composition


def test_field_resolved_here() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n: Int @requires(fields: "id") }
            """,
        },
        errors=["REQUIRES_FIELDS_MISSING_EXTERNAL"],
        says=['"E.id"', "@external"],
    )
