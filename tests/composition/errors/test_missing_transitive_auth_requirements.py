"""MISSING_TRANSITIVE_AUTH_REQUIREMENTS."""

from tests.composition.kit import check_composition


def test_requiring_field_asks_for_less() -> None:
    check_composition(
        {
            "a": """
            type Query { u: U }
            type U @key(fields: "id") { id: ID! email: String @authenticated }
            """,
            "b": """
            type U @key(fields: "id") {
              id: ID!
              email: String @external
              domain: String @requires(fields: "email")
            }
            """,
        },
        errors=["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"],
        says=['"U.domain"', '"U.email"'],
    )
