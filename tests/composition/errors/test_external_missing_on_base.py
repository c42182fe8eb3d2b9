"""EXTERNAL_MISSING_ON_BASE."""

from tests.composition.kit import check_composition


def test_resolved_nowhere() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "id") {
              id: ID! n: Int @external
              m: Int @requires(fields: "n") }
            """,
        },
        errors=["EXTERNAL_MISSING_ON_BASE"],
        says=['"E.n"', '"a"'],
    )
