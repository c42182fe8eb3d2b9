"""EXTERNAL_ON_INTERFACE."""

from tests.composition.kit import check_composition


def test_field_of_an_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { n: Int @external }
            type X implements I { n: Int }
            """,
        },
        errors=["EXTERNAL_ON_INTERFACE", "EXTERNAL_UNUSED"],
        says=['"I.n"'],
    )
