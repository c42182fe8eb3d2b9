"""EXTENSION_WITH_NO_BASE."""

from tests.composition.kit import check_composition, fed1


def test_only_extended() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            extend type E { x: Int }
            """,
        },
        errors=["EXTENSION_WITH_NO_BASE"],
        says=['"E"'],
        at=[("a", 2, 13)],
    )


def test_federation_1() -> None:
    check_composition(
        {
            "a": fed1("""type Query { e: E }
extend type E @key(fields: "id") { id: ID! @external }"""),
        },
        errors=["EXTENSION_WITH_NO_BASE"],
        says=['"E"'],
    )
