"""KEY_INVALID_FIELDS."""

from tests.composition.kit import check_composition


def test_unknown_field() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "no") { id: ID! }
            """,
        },
        errors=["KEY_INVALID_FIELDS"],
        says=['no field "no"'],
        at=[("a", 2, 8)],
    )


def test_empty_field_set() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "") { id: ID! }
            """,
        },
        errors=["KEY_INVALID_FIELDS"],
        says=["empty"],
    )


def test_composite_field_without_selection() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "o") { o: O }
            type O { x: Int }
            """,
        },
        errors=["KEY_INVALID_FIELDS"],
        says=["selection"],
    )


def test_alias() -> None:
    check_composition(
        {
            "a": """
            type Query { e: E }
            type E @key(fields: "x: id") { id: ID! }
            """,
        },
        errors=["KEY_INVALID_FIELDS"],
        says=["renames"],
    )
