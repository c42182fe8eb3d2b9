"""TYPE_DEFINITION_INVALID."""

from tests.composition.kit import check_composition


def test_field_set_as_an_input_type() -> None:
    check_composition(
        {
            "a": """
            input federation__FieldSet { a: Int }
            type Query { a: Int }
            """,
        },
        errors=["TYPE_DEFINITION_INVALID"],
        says=["scalar"],
    )
