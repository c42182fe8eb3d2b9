"""OVERRIDE_FROM_SELF_ERROR."""

from tests.composition.kit import check_composition


def test_own_name() -> None:
    check_composition(
        {
            "a": 'type Query { a: Int @override(from: "a") }',
        },
        errors=["OVERRIDE_FROM_SELF_ERROR"],
        says=['"Query.a"'],
    )
