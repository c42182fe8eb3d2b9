"""AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE."""

from tests.composition.kit import check_composition


def test_field_of_an_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { x: Int @authenticated }
            type V implements I { x: Int }
            """,
        },
        errors=["AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"],
        says=['"I.x"'],
    )
