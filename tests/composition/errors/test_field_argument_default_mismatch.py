"""FIELD_ARGUMENT_DEFAULT_MISMATCH."""

from tests.composition.kit import check_composition


def test_one_and_two() -> None:
    check_composition(
        {
            "a": "type Query { v(x: Int = 1): Int @shareable }",
            "b": "type Query { v(x: Int = 2): Int @shareable }",
        },
        errors=["FIELD_ARGUMENT_DEFAULT_MISMATCH"],
        says=['"a" has 1', '"b" has 2'],
    )
