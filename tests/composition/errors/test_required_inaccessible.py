"""REQUIRED_INACCESSIBLE."""

from tests.composition.kit import check_composition


def test_required_argument() -> None:
    check_composition(
        {
            "a": "type Query { v(x: Int! @inaccessible): Int }",
        },
        errors=["REQUIRED_INACCESSIBLE"],
        says=['"Query.v(x:)"'],
    )
