"""TYPE_KIND_MISMATCH."""

from tests.composition.kit import check_composition


def test_object_and_enum() -> None:
    check_composition(
        {
            "a": """
            type Query { v: V }
            type V { x: Int }
            """,
            "b": "enum V { A }",
        },
        errors=["TYPE_KIND_MISMATCH"],
        says=['object type in "a"', 'enum in "b"'],
    )
