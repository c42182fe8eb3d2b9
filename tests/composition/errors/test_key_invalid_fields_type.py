"""KEY_INVALID_FIELDS_TYPE."""

from tests.composition.kit import check_composition


def test_number() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: 1) { id: ID! }
            """,
        },
        errors=["KEY_INVALID_FIELDS_TYPE"],
        says=["string"],
    )
