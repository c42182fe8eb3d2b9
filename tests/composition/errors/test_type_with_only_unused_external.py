"""TYPE_WITH_ONLY_UNUSED_EXTERNAL."""

from tests.composition.kit import check_composition, fed1


def test_federation_1_type() -> None:
    check_composition(
        {
            "a": fed1("""type Query { e: E f: F }
type E @key(fields: "id") { id: ID! }
type F { x: Int @external }"""),
            "b": fed1("type F { x: Int }"),
        },
        errors=["TYPE_WITH_ONLY_UNUSED_EXTERNAL"],
        says=['"F"'],
    )
