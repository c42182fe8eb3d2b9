"""EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE."""

from tests.composition.kit import check_composition


def test_provides_on_an_external_field() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") {
              id: ID!
              f: F @external @provides(fields: "x")
              g: Int @requires(fields: "f { x }")
            }
            type F @key(fields: "id") { id: ID! x: Int @external }
            """,
            "b": """
            type E @key(fields: "id") { id: ID! f: F }
            type F @key(fields: "id") { id: ID! x: Int }
            """,
        },
        errors=["EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE"],
        says=['"E.f"'],
    )
