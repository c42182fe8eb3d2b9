"""LIST_SIZE_APPLIED_TO_NON_LIST."""

from tests.composition.kit import check_composition


def test_scalar() -> None:
    check_composition(
        {
            "a": "type Query { i: Int @listSize(assumedSize: 2) }",
        },
        errors=["LIST_SIZE_APPLIED_TO_NON_LIST"],
        says=['"Int"'],
    )
