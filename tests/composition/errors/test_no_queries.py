"""NO_QUERIES."""

from tests.composition.kit import check_composition


def test_no_query_field_anywhere() -> None:
    check_composition(
        {
            "a": "type A { x: Int }",
        },
        errors=["NO_QUERIES"],
        says=["Query"],
    )
