"""DIRECTIVE_DEFINITION_INVALID."""

from tests.composition.kit import check_composition


def test_argument_of_another_type() -> None:
    check_composition(
        {
            "a": """
            directive @shareable(why: String) on FIELD_DEFINITION
            type Query { a: Int }
            """,
        },
        errors=["DIRECTIVE_DEFINITION_INVALID"],
        says=['"why"'],
        at=[("a", 1, 12)],
    )


def test_location_the_specification_lacks() -> None:
    check_composition(
        {
            "a": """
            directive @requires(fields: federation__FieldSet!) on OBJECT
            scalar federation__FieldSet
            type Query { a: Int }
            """,
        },
        errors=["DIRECTIVE_DEFINITION_INVALID"],
        says=["OBJECT"],
    )
