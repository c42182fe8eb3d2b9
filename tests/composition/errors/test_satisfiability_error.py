"""SATISFIABILITY_ERROR."""

from tests.composition.kit import check_composition


def test_no_way_to_the_field() -> None:
    check_composition(
        {
            "a": """
            type Query { v: V }
            type V { x: Int @shareable }
            """,
            "b": "type V { x: Int @shareable y: Int }",
        },
        errors=["SATISFIABILITY_ERROR"],
        says=["y"],
    )
