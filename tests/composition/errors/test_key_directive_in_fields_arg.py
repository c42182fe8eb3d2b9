"""KEY_DIRECTIVE_IN_FIELDS_ARG."""

from tests.composition.kit import check_composition


def test_applied_directive() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id @tag(name: \\"x\\")") { id: ID! }
            """,
        },
        errors=["KEY_DIRECTIVE_IN_FIELDS_ARG"],
        says=["@tag"],
    )
