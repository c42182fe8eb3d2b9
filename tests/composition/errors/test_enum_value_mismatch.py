"""ENUM_VALUE_MISMATCH."""

from tests.composition.kit import check_composition


def test_used_both_ways() -> None:
    check_composition(
        {
            "a": """
            type Query { v(x: X): X }
            enum X { Y Z }
            """,
            "b": "enum X { Z }",
        },
        errors=["ENUM_VALUE_MISMATCH"],
        says=['"Y"', '"b"'],
    )
