"""OVERRIDE_LABEL_INVALID."""

from tests.composition.kit import check_composition


def test_percent_over_100() -> None:
    check_composition(
        {
            "a": 'type Query { a: Int @override(from: "b", label: "percent(101)") }',
            "b": "type Query { a: Int }",
        },
        errors=["OVERRIDE_LABEL_INVALID"],
        says=["percent(101)"],
    )
