"""REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH."""

from tests.composition.kit import check_composition


def test_required_in_one() -> None:
    check_composition(
        {
            "a": """
            type Query { v(x: X): Int }
            input X { y: Int! z: Int }
            """,
            "b": "input X { z: Int }",
        },
        errors=["REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH"],
        says=['"X.y"'],
    )
