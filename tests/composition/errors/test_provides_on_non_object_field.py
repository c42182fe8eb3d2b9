"""PROVIDES_ON_NON_OBJECT_FIELD."""

from tests.composition.kit import check_composition


def test_scalar() -> None:
    check_composition(
        {
            "a": 'type Query { e: Int @provides(fields: "x") }',
        },
        errors=["PROVIDES_ON_NON_OBJECT_FIELD"],
        says=['"Int"'],
    )
