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


def test_the_overridden_field_is_resolved_by_an_interface_object() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I @key(fields: "id") { id: ID! a: Int }
            type V implements I @key(fields: "id") { id: ID! a: Int @override(from: "b") }
            """,
            "b": """
            type I @interfaceObject @key(fields: "id") { id: ID! a: Int }
            """,
        },
        errors=["OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", "INVALID_FIELD_SHARING"],
        says=["@interfaceObject"],
    )
