"""ONLY_INACCESSIBLE_CHILDREN."""

from tests.composition.kit import check_composition


def test_type_without_visible_fields() -> None:
    check_composition(
        {
            "a": """
            type Query { v: V }
            type V { x: Int @inaccessible }
            """,
        },
        errors=["ONLY_INACCESSIBLE_CHILDREN"],
        says=['"V"'],
    )
