"""DEFAULT_VALUE_USES_INACCESSIBLE."""

from tests.composition.kit import check_composition


def test_hidden_enum_value() -> None:
    check_composition(
        {
            "a": """
            type Query { v(x: X = Y): Int }
            enum X { Y @inaccessible Z }
            """,
        },
        errors=["DEFAULT_VALUE_USES_INACCESSIBLE"],
        says=['"X.Y"'],
    )
