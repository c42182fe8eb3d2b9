"""KEY_FIELDS_SELECT_INVALID_TYPE."""

from tests.composition.kit import check_composition


def test_through_an_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "i { x }") { i: I }
            interface I { x: Int }
            type O implements I { x: Int }
            """,
        },
        errors=["KEY_FIELDS_SELECT_INVALID_TYPE"],
        says=['"E.i"'],
    )
