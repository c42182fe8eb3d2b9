"""MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL."""

from tests.composition.kit import check_composition


def test_tag_on_external() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n: Int }
            """,
            "b": """
            type E @key(fields: "id") {
              id: ID! n: Int @tag(name: "t") @external
              m: Int @requires(fields: "n") }
            """,
        },
        errors=["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"],
        says=["@tag", '"b"'],
    )
