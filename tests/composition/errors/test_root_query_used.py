"""ROOT_QUERY_USED."""

from tests.composition.kit import check_composition


def test_another_type_is_the_root() -> None:
    check_composition(
        {
            "a": """
            schema { query: Root }
            type Root { a: Query }
            type Query { x: Int }
            """,
        },
        errors=["ROOT_QUERY_USED"],
        says=['"Root"'],
    )
