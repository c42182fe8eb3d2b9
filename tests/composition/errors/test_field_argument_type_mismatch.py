"""FIELD_ARGUMENT_TYPE_MISMATCH."""

from tests.composition.kit import check_composition


def test_string_and_int() -> None:
    check_composition(
        {
            "a": "type Query { v(x: Int): Int @shareable }",
            "b": "type Query { v(x: String): Int @shareable }",
        },
        errors=["FIELD_ARGUMENT_TYPE_MISMATCH"],
        says=['"Query.v(x:)"'],
    )
