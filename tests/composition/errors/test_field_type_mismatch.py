"""FIELD_TYPE_MISMATCH."""

from tests.composition.kit import check_composition


def test_string_and_int() -> None:
    check_composition(
        {
            "a": """
            type Query { v: V }
            type V @shareable { x: Int }
            """,
            "b": "type V @shareable { x: String }",
        },
        errors=["FIELD_TYPE_MISMATCH"],
        says=['"V.x"', '"a" has "Int"', '"b" has "String"'],
        at=[("a", 2, 21), ("b", 1, 21)],
    )
