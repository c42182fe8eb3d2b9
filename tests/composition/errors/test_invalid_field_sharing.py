"""INVALID_FIELD_SHARING."""

from tests.composition.kit import check_composition


def test_missing_shareable() -> None:
    check_composition(
        {
            "a": """
            type Query { a: Int v: V }
            type V { x: Int }
            """,
            "b": "type V { x: Int @shareable }",
        },
        errors=["INVALID_FIELD_SHARING"],
        says=['"V.x"', '"a"', "@shareable"],
        at=[("a", 2, 10), ("b", 1, 10)],
    )


def test_shared_subscription() -> None:
    check_composition(
        {
            "a": """
            type Query { a: Int }
            type Subscription { s: Int @shareable }
            """,
        },
        errors=["INVALID_FIELD_SHARING"],
        says=["subscription"],
    )


def test_a_field_that_an_interface_object_resolves_too() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I @key(fields: "id") { id: ID! a: Int }
            type V implements I @key(fields: "id") { id: ID! a: Int }
            """,
            "b": """
            type I @interfaceObject @key(fields: "id") { id: ID! a: Int }
            """,
        },
        errors=["INVALID_FIELD_SHARING"],
        says=['"V.a"', '"a" and "b"'],
    )
