"""REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH."""

from tests.composition.kit import check_composition


def test_required_in_one() -> None:
    check_composition(
        {
            "a": "type Query { v(x: Int!): Int @shareable }",
            "b": "type Query { v: Int @shareable }",
        },
        errors=["REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"],
        says=['required in "a"', 'missing in "b"'],
    )
