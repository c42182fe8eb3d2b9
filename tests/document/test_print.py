"""Syntax is printed as graphql-core prints it."""

import pytest
from graphql import OperationDefinitionNode, parse, print_ast

from supergraph.document.print import print_argument, print_variable_definition

VALUES = [
    "1",
    "-1.5e3",
    '"a"',
    '""',
    r'"a\"b\n\u00e9\u0007\\"',
    '"é😀"',
    '"""block"""',
    '"""\n  two\n    lines\n"""',
    "true",
    "false",
    "null",
    "RED",
    "$variable",
    "[]",
    "[1, $a, [RED]]",
    "{}",
    '{a: 1, b: {c: "d"}}',
    "[" + "1111111111, " * 12 + "]",
    "{a: [" + "1111111111, " * 12 + "]}",
]


@pytest.mark.parametrize("value", VALUES)
def test_arguments_are_printed_like_graphql_core_does(value: str) -> None:
    operation = parse(f"{{ a(b: {value}) }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    (argument,) = operation.selection_set.selections[0].arguments  # type: ignore[attr-defined]

    assert print_argument(argument) == print_ast(argument)


@pytest.mark.parametrize(
    "definition",
    [
        "$a: A",
        "$a: [[A!]!]",
        "$a: A! = {b: 1}",
        "$a: A @b(c: 1) @d",
        "$a: A = null @b",
        '"x" $a: A',
    ],
)
def test_variable_definitions_are_printed_like_graphql_core_does(definition: str) -> None:
    operation = parse(f"query ({definition}) {{ a }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    (node,) = operation.variable_definitions or ()

    assert print_variable_definition(node) == print_ast(node)
