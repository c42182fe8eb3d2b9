"""INVALID_SUBGRAPH_NAME."""

from tests.composition.kit import check_composition


def test_reserved_name() -> None:
    check_composition(
        {
            "_": "type Query { a: Int }",
        },
        errors=["INVALID_SUBGRAPH_NAME"],
        says=['"_"'],
    )
