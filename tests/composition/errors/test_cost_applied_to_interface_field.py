"""COST_APPLIED_TO_INTERFACE_FIELD."""

from tests.composition.kit import check_composition


def test_field_of_an_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { x: Int @cost(weight: 2) }
            type V implements I { x: Int }
            """,
        },
        errors=["COST_APPLIED_TO_INTERFACE_FIELD"],
        says=['"I.x"'],
    )
