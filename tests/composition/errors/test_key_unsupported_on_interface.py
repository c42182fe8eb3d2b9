"""KEY_UNSUPPORTED_ON_INTERFACE."""

from tests.composition.kit import check_composition


def test_before_version_2_3() -> None:
    check_composition(
        {
            "a": """
            type Query { e: I }
            interface I @key(fields: "id") { id: ID! }
            type E implements I @key(fields: "id") { id: ID! }
            """,
        },
        errors=["KEY_UNSUPPORTED_ON_INTERFACE"],
        says=["v2.3"],
        version=2,
    )
