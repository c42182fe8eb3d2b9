"""IMPLEMENTED_BY_INACCESSIBLE."""

from tests.composition.kit import check_composition


def test_hidden_field_of_visible_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { x: Int }
            type V implements I { x: Int @inaccessible y: Int }
            """,
        },
        errors=["IMPLEMENTED_BY_INACCESSIBLE"],
        says=['"V.x"', '"I.x"'],
    )
