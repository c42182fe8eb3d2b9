"""CONTEXT_INVALID_SELECTION."""

import pytest

from tests.composition.kit import check_composition


@pytest.mark.parametrize(
    ("selection", "says"),
    [
        ("{ nope }", 'no field "nope"'),
        ("{ id name }", "several fields"),
        ("{ u { id } }", 'the argument takes "String"'),
        ("{ u }", "needs a selection"),
        ("{ name { x } }", "no fields to select"),
        ("{ x: name }", "aliases"),
        ("{ ... on U { id } }", "no condition fits"),
        ("{ name ... on T { name } }", "beside type conditions"),
        ("{ ... on T { name } ... on T { id } }", "two conditions"),
        ("{ ...F }", "fragment"),
        ("{ ", "Syntax Error"),
    ],
)
def test_a_selection_that_gives_no_value(selection: str, says: str) -> None:
    check_composition(
        {
            "a": f"""
            type Query {{ t: T }}
            type T @context(name: "c") {{ id: ID! u: U name: String! }}
            type U @key(fields: "id") {{
              id: ID!
              f(a: String @fromContext(field: "$c {selection}")): Int
            }}
            """,
        },
        errors=["CONTEXT_INVALID_SELECTION"],
        says=[says],
    )
