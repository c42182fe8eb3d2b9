"""INTERFACE_OBJECT_USAGE_ERROR."""

from tests.composition.kit import check_composition


def test_no_key() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            type I @interfaceObject { id: ID! }
            """,
        },
        errors=["INTERFACE_OBJECT_USAGE_ERROR"],
        says=["@key"],
    )


def test_no_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            type I @interfaceObject @key(fields: "id") { id: ID! }
            """,
        },
        errors=["INTERFACE_OBJECT_USAGE_ERROR"],
        says=["interface nowhere"],
    )
