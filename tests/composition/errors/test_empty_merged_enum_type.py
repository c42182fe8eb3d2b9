"""EMPTY_MERGED_ENUM_TYPE."""

from tests.composition.kit import check_composition


def test_nothing_in_common() -> None:
    check_composition(
        {
            "a": """
            type Query { v(x: X): Int }
            enum X { Y }
            """,
            "b": """
            type Query { w(x: X): Int }
            enum X { Z }
            """,
        },
        errors=["EMPTY_MERGED_ENUM_TYPE"],
        says=['"X"'],
    )
