"""PROVIDES_INVALID_FIELDS_TYPE."""

from tests.composition.kit import check_composition


def test_number() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E @provides(fields: 1) }
            type E @key(fields: "id") { id: ID! }
            """,
        },
        errors=["PROVIDES_INVALID_FIELDS_TYPE"],
        says=["string"],
    )
