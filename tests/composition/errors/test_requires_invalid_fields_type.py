"""REQUIRES_INVALID_FIELDS_TYPE."""

from tests.composition.kit import check_composition


def test_number() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n: Int @requires(fields: 1) }
            """,
        },
        errors=["REQUIRES_INVALID_FIELDS_TYPE"],
        says=["string"],
    )
