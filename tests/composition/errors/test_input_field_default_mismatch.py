"""INPUT_FIELD_DEFAULT_MISMATCH."""

from tests.composition.kit import check_composition


def test_one_and_two() -> None:
    check_composition(
        {
            "a": """
            type Query { v(x: X): Int }
            input X { y: Int = 1 }
            """,
            "b": "input X { y: Int = 2 }",
        },
        errors=["INPUT_FIELD_DEFAULT_MISMATCH"],
        says=['"X.y"'],
    )
