"""REQUIRES_UNSUPPORTED_ON_INTERFACE."""

from tests.composition.kit import check_composition


def test_field_of_an_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { e: I }
            interface I { m: Int n: Int @requires(fields: "m") }
            type E implements I { m: Int n: Int }
            """,
        },
        errors=["REQUIRES_UNSUPPORTED_ON_INTERFACE", "REQUIRES_FIELDS_MISSING_EXTERNAL"],
        says=["interface"],
    )
