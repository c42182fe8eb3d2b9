"""REFERENCED_INACCESSIBLE."""

from tests.composition.kit import check_composition


def test_visible_field_of_hidden_type() -> None:
    check_composition(
        {
            "a": """
            type Query { v: V }
            type V @inaccessible { x: Int }
            """,
        },
        errors=["REFERENCED_INACCESSIBLE"],
        says=['"Query.v"'],
    )
