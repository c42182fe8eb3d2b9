"""KEY_FIELDS_HAS_ARGS."""

from tests.composition.kit import check_composition


def test_field_with_argument() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id(x: Int): ID! }
            """,
        },
        errors=["KEY_FIELDS_HAS_ARGS"],
        says=['"E.id"'],
    )
