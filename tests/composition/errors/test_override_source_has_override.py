"""OVERRIDE_SOURCE_HAS_OVERRIDE."""

from tests.composition.kit import check_composition


def test_chain() -> None:
    check_composition(
        {
            "a": 'type Query { a: Int @override(from: "b") }',
            "b": 'type Query { a: Int @override(from: "a") }',
        },
        errors=["INVALID_FIELD_SHARING", "OVERRIDE_SOURCE_HAS_OVERRIDE"],
        says=['"Query.a"'],
    )
