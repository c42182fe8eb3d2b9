"""Coercion of variables: exactly graphql-core's, which is asked about whatever is unusual."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, get_variable_values, parse
from hypothesis import given
from hypothesis import strategies as st

from supergraph.stages import variables
from supergraph.stages.variables import compile_variables
from tests.kit.examples import examples

SCHEMA = build_schema(
    """
    type Query { a: Int }
    enum Size { SMALL LARGE }
    scalar Json
    input Inner { id: ID! tags: [String!] size: Size = LARGE list: [Int] = [1, 2] }
    input Outer { inner: Inner! many: [[Inner]] price: Float ok: Boolean = true json: Json! }
    input Loop { next: Loop value: Int }
    input One @oneOf { a: Int b: String }
    """
)
TYPES = [
    *("Int", "Int!", "Float", "String!", "Boolean", "ID", "Size", "Size!", "Json", "Json!"),
    *("[Int!]", "[[String]!]!", "Inner", "Inner!", "[Inner!]", "Outer!", "Loop", "One"),
]
DEFAULTS = {
    "Int": "7",
    "Float": "1",
    "Boolean": "null",
    "ID": "5",
    "Size": "SMALL",
    "Json": '{a: [1, "x"]}',
    "[Int!]": "3",
    "Inner": '{id: 1, tags: "x"}',
}
NAMES = ["id", "tags", "size", "list", "inner", "many", "price", "ok", "json", "next", "value", "a"]

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["SMALL", "TINY", "1", "", "x"])
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=12,
)
inner = st.fixed_dictionaries(
    {"id": st.sampled_from(["1", 1, 1.0, None])},
    optional={"tags": st.lists(st.text(max_size=2)) | leaves, "size": leaves, "list": values},
)
likely = inner | st.fixed_dictionaries(
    {"inner": inner, "json": values},
    optional={"many": values | st.lists(st.lists(inner)), "price": leaves, "ok": leaves},
)


def operation(definitions: str) -> OperationDefinitionNode:
    node = parse(f"query ({definitions}) {{ a }}").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    return node


def as_graphql_core(node: OperationDefinitionNode, given: dict[str, Any]) -> Any:
    result = get_variable_values(SCHEMA, node.variable_definitions or (), given, 20)
    if isinstance(result, list):
        return [error.formatted for error in result]
    return exact(result.coerced)


def exact(value: Any) -> Any:
    """With the types of all values, since 1, 1.0 and True are equal; and in order."""
    if isinstance(value, dict):
        return [(name, exact(item)) for name, item in value.items()]
    if isinstance(value, list):
        return [exact(item) for item in value]
    return type(value), value


def coerced(node: OperationDefinitionNode, given: dict[str, Any]) -> Any:
    result = compile_variables(node, SCHEMA, hide_suggestions=False)(given)
    if isinstance(result, list):
        return [error.formatted for error in result]
    return exact(result)


@given(
    st.lists(st.tuples(st.sampled_from(TYPES), st.booleans()), min_size=1, max_size=3),
    st.data(),
)
@examples(400)
def test_result_is_that_of_graphql_core(types: list[tuple[str, bool]], data: st.DataObject) -> None:
    definitions = []
    for number, (type_, has_default) in enumerate(types):
        default = DEFAULTS.get(type_)
        shown = f" = {default}" if has_default and default else ""
        definitions.append(f"$v{number}: {type_}{shown}")
    node = operation(" ".join(definitions))
    given = data.draw(
        st.dictionaries(st.sampled_from(["v0", "v1", "v2", "other"]), likely | values)
    )

    assert coerced(node, given) == as_graphql_core(node, given)


@pytest.mark.parametrize(
    ("definitions", "given"),
    [
        ("$a: Int! $b: String", {"a": 1, "b": None}),
        ("$a: Int = 3 $b: [ID!]", {"b": ["x"]}),
        ("$a: Outer!", {"a": {"inner": {"id": "1", "tags": []}, "json": {"any": [1]}}}),
        ("$a: Size! $b: Json", {"a": "SMALL", "b": 2**70}),
        ("", {"unknown": 1}),
    ],
)
def test_usual_variables_do_not_trouble_graphql_core(
    monkeypatch: pytest.MonkeyPatch, definitions: str, given: dict[str, Any]
) -> None:
    node = operation(definitions) if definitions else parse("{ a }").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    expected = as_graphql_core(node, given)
    coerce = compile_variables(node, SCHEMA, hide_suggestions=False)
    monkeypatch.setattr(variables, "get_variable_values", None)

    assert exact(coerce(given)) == expected


def test_default_value_belongs_to_its_request() -> None:
    coerce = compile_variables(operation("$a: Json = {b: 1}"), SCHEMA, hide_suggestions=False)
    first = coerce({})
    assert isinstance(first, dict)
    first["a"]["b"] = 2

    assert coerce({}) == {"a": {"b": 1}}


def test_endless_nesting_is_an_error() -> None:
    value: dict[str, Any] = {}
    for _ in range(1_000):
        value = {"next": value}
    result = compile_variables(operation("$a: Loop"), SCHEMA, hide_suggestions=False)({"a": value})

    assert isinstance(result, list)
    assert result[0].message == "Variable values are nested too deeply."


@pytest.mark.parametrize("hide", [True, False])
def test_suggestions_can_be_hidden(hide: bool) -> None:
    coerce = compile_variables(operation("$a: Size"), SCHEMA, hide_suggestions=hide)
    result = coerce({"a": "SMALE"})

    assert isinstance(result, list)
    assert ("Did you mean" in result[0].message) is not hide
