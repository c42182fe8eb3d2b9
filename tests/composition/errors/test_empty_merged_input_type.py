"""EMPTY_MERGED_INPUT_TYPE."""

from tests.composition.kit import check_composition


def test_nothing_in_common() -> None:
    check_composition(
        {
            "a": """
            type Query { v(x: X): Int }
            input X { y: Int }
            """,
            "b": "input X { z: Int }",
        },
        errors=["EMPTY_MERGED_INPUT_TYPE"],
        says=['"X"'],
    )
