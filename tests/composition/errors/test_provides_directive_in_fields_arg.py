"""PROVIDES_DIRECTIVE_IN_FIELDS_ARG."""

from tests.composition.kit import check_composition


def test_applied_directive() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E @provides(fields: "n @shareable") }
            type E @key(fields: "id") { id: ID! n: Int @external m: Int }
            """,
        },
        errors=["PROVIDES_DIRECTIVE_IN_FIELDS_ARG"],
        says=["@shareable"],
    )
