"""LIST_SIZE_INVALID_SIZED_FIELD."""

from tests.composition.kit import check_composition


def test_unknown_field() -> None:
    check_composition(
        {
            "a": """
            type Query { i: V @listSize(sizedFields: ["no"]) }
            type V { x: [Int] }
            """,
        },
        errors=["LIST_SIZE_INVALID_SIZED_FIELD"],
        says=['"no"'],
    )
