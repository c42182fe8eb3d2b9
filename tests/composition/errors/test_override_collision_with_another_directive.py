"""OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE."""

from tests.composition.kit import check_composition


def test_overridden_field_has_requires() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") { id: ID! n: Int }
            extend type E { m: Int }
            """,
            "b": """
            type E @key(fields: "id") {
              id: ID! n: Int @external
              r: Int @shareable @requires(fields: "n") }
            """,
            "c": 'type E @key(fields: "id") { id: ID! r: Int @shareable @override(from: "b") }',
        },
        errors=["OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"],
        says=["@requires", '"b"'],
    )
