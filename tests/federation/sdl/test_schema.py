"""A document becomes the schema that graphql-core would build from its own nodes."""

import pytest
from graphql import build_ast_schema, introspection_from_schema, parse, print_schema

from supergraph.federation.sdl.parse import parse_sdl
from supergraph.federation.sdl.schema import build_schema

EVERY_KIND = '''
"""Described."""
schema { query: Q mutation: M }
directive @own("d" a: [Int!] = [1, 2] @deprecated) repeatable on FIELD | QUERY
directive @deprecated(reason: String = "own") on FIELD_DEFINITION
interface Node implements Named { id: ID! name: String }
interface Named { name: String }
"The root" type Q implements Node & Named {
  id: ID!
  "described" name(a: [[In!]]! = [[{s: "x", l: [1, null], e: A, f: 1.5, b: true}]], b: D): String
  old(x: Int = null @deprecated(reason: "x"), y: Float = -1.5): U @deprecated
  older: [E!] @deprecated(reason: "because")
}
type M { a: Int b: Q }
union U = Q | M
enum E { "a" A B @deprecated(reason: "b") }
input In { s: String = "a\\nb" l: [Int] e: E = B f: Float b: Boolean self: In }
input One @oneOf { a: Int b: String }
scalar D @specifiedBy(url: "https://dates")
scalar Plain
type Unused { x: Int }
'''
DEFAULT_ROOTS = "type Query { a: Int } type Subscription { a: Int } type Mutations { a: Int }"


@pytest.mark.parametrize("text", [EVERY_KIND, DEFAULT_ROOTS])
def test_the_schema_is_the_one_graphql_core_builds(text: str) -> None:
    expected = build_ast_schema(parse(text), assume_valid=True)
    found = build_schema(parse_sdl(text))
    assert print_schema(found) == print_schema(expected)
    assert introspection_from_schema(found) == introspection_from_schema(expected)
    assert list(found.type_map) == list(expected.type_map)
    assert [d.name for d in found.directives] == [d.name for d in expected.directives]


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(TypeError, match="Unknown type: 'Missing'"):
        build_schema(parse_sdl("type Query { a: [Missing!] }"))
