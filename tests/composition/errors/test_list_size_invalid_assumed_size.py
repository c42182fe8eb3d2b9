"""LIST_SIZE_INVALID_ASSUMED_SIZE."""

from tests.composition.kit import check_composition


def test_negative() -> None:
    check_composition(
        {
            "a": "type Query { i: [Int] @listSize(assumedSize: -2) }",
        },
        errors=["LIST_SIZE_INVALID_ASSUMED_SIZE"],
        says=["-2"],
    )
