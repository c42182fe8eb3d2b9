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


def test_a_context_that_needs_authorisation() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { u: U secret: String! @authenticated }
            type U @key(fields: "id") {
              id: ID!
              f(x: String @fromContext(field: "$c { secret }")): Int
            }
            """,
        },
        errors=["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"],
        says=['"U.f"', '"T.secret"'],
    )
