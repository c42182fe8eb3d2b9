"""OVERRIDE_ON_INTERFACE."""

from tests.composition.kit import check_composition


def test_field_of_an_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { n: Int @override(from: "b") }
            type X implements I { n: Int }
            """,
        },
        errors=["OVERRIDE_ON_INTERFACE"],
        says=["interface"],
    )
