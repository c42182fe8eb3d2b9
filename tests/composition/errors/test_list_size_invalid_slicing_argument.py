"""LIST_SIZE_INVALID_SLICING_ARGUMENT."""

from tests.composition.kit import check_composition


def test_unknown_argument() -> None:
    check_composition(
        {
            "a": 'type Query { i: [Int] @listSize(slicingArguments: ["no"]) }',
        },
        errors=["LIST_SIZE_INVALID_SLICING_ARGUMENT"],
        says=['"no"'],
    )
