"""PROVIDES_FIELDS_HAS_ARGS."""

from tests.composition.kit import check_composition


def test_field_with_argument() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E @provides(fields: "m") }
            type E @key(fields: "id") { id: ID! m(x: Int): Int @external }
            """,
        },
        errors=["PROVIDES_FIELDS_HAS_ARGS"],
        says=['"E.m"'],
    )
