"""Reading SDL: what graphql-core reads is read the same, what it refuses is refused."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supergraph.federation.sdl.errors import SdlSyntaxError
from supergraph.federation.sdl.parse import NESTING_MAX, parse_sdl
from tests.federation.sdl.reference import check_like_reference
from tests.kit.examples import examples

EVERY_SYNTAX = '''\ufeff# A comment, and a byte order mark before it.
"""The schema's own description."""
schema @a @b(x: 1) { query: Query, mutation: Mutation subscription: S }
extend schema @link(url: "https://specs.apollo.dev/link/v1.0", import: ["@key", {name: "@a"}])
extend schema { query: Q }

"One line" directive @a(x: Int! = 1 @deprecated, """Block""" y: [A!] = [{b: C}, null,])
  @b repeatable on | FIELD_DEFINITION | OBJECT
directive @c on SCHEMA

"""
    Indented
      more

  and less\\n \\""" quoted
"""
type T implements & I & J @a(f: -1.5e+10, g: 0, h: -0, i: 1E2, j: true, k: null, l: NAME)
{ x: Int }
type U implements I@a{"d"a(b:C=D"e"f:[G]):[[H!]!]!@i"""j"""k:L}
type type { type: type input(input: input = on): on
  query: fragment, extend: true, implements: null }
interface I implements J { x(a: String =
  "é\\u00e9\\u{1F600}\\uD83D\\uDE00\\"\\\\\\/\\b\\f\\n\\r\\t 𝄞"
  ): I }
union V @a = | A | B
union W = A
union X
enum E @a { A @deprecated(reason: "") "d" B implements }
enum F
scalar D @specifiedBy(url: """https://a""")
input N @a { a: Int = 1 @b, "d" b: N! = {a: [1, [2]], c: {}} }
extend type T implements K
extend type T @a
extend type T { y: Int }
extend interface I { y: Int }
extend union V = C
extend enum E { C }
extend scalar D @a
extend input N { c: Int }
'''

REFUSED = [
    "",
    " ",
    ",",
    "# nothing",
    "\ufeff",
    "type",
    "type {}",
    "type A {}",
    "type A { }",
    "type A { a }",
    "type A { a: }",
    "type A { a: [Int }",
    "type A { a: Int!! }",
    "type A { a(): Int }",
    "type A { a(b: Int = $c): Int }",
    "type A { a(b: Int = ): Int }",
    "type A { a: Int } }",
    "type A { a: Int",
    "type A implements",
    "type A implements B C",
    "type A implements B, C",
    "type A implements & & B",
    "type A @",
    "type A @b()",
    "type A @b(c)",
    "type A @b(c: 01)",
    "type A @b(c: 1.)",
    "type A @b(c: .5)",
    "type A @b(c: 1a)",
    "type A @b(c: -)",
    "type A @b(c: +1)",
    "type A @b(c: 1e)",
    "type A @b(c: 0x1)",
    "type A @b(c: 1.5.5)",
    "type A @b(c: 1_0)",
    'type A @b(c: "',
    'type A @b(c: "a\nb")',
    'type A @b(c: "\\x")',
    'type A @b(c: "\\u12")',
    'type A @b(c: "\\u{}")',
    'type A @b(c: "\\u{110000}")',
    'type A @b(c: "\\u{FFFFFFFF}")',
    'type A @b(c: "\\u{D800}")',
    'type A @b(c: "\\uD800")',
    'type A @b(c: "\\uDC00\\uD800")',
    'type A @b(c: "\\")',
    'type A @b(c: """")',
    'type A @b(c: """a)',
    'type A @b(c: """a\\""")',
    'type A @b(c: """\\"""")',
    '"""',
    '"""\\"""',
    '"a',
    '"a\\',
    '"d"',
    '"d" extend type A { a: Int }',
    '"d" "e" type A',
    'type A { "d" }',
    "type A } {",
    "type A ; type B",
    "type Ä",
    "type A é",
    "type A { a: Int ... }",
    "type A { a: Int . }",
    "'a' type A",
    "extend",
    "extend type A",
    "extend type A {}",
    "extend union A",
    "extend union A =",
    "extend enum A",
    "extend scalar A",
    "extend input A",
    "extend schema",
    "extend interface A",
    "extend foo A @b",
    "extend directive @a @b",
    "schema",
    "schema {}",
    "schema @a",
    "schema { foo: A }",
    "schema { query A }",
    "schema { query: [A] }",
    "enum A { true }",
    "enum A { A, null }",
    "enum A { A: B }",
    "union A = ",
    "union A = B |",
    "union A = || B",
    "input A { a(b: Int): Int }",
    "directive a on OBJECT",
    "directive @a",
    "directive @a on",
    "directive @a on Object",
    "directive @a on OBJECT | ",
    "directive @a on repeatable OBJECT",
    "directive @a repeatable repeatable on OBJECT",
    "{ a }",
    "query { a }",
    "fragment A on B { a }",
    "type A query { a }",
    "type A \x00",
    "type A \x0b type B",
    "type A \u00a0 type B",
    "type A\u2028type B",
    "type A\x85",
]


def test_every_syntax_is_read_as_graphql_core_reads_it() -> None:
    assert check_like_reference(EVERY_SYNTAX)


@pytest.mark.parametrize("line_break", ["\r", "\r\n", "\n\r"])
def test_places_count_every_kind_of_line_break(line_break: str) -> None:
    assert check_like_reference(EVERY_SYNTAX.replace("\n", line_break))


@pytest.mark.parametrize("text", REFUSED)
def test_what_graphql_core_refuses_is_refused(text: str) -> None:
    assert not check_like_reference(text)


ALPHABET = st.sampled_from(
    [
        *'{}()[]:=!@|&$.,# \t\n\r"\\\ufeffé0123-e_A',
        *('"""', '\\"""', "...", "\\u00e9", "\\u{1F600}", "\\uD83D", "\\n", '"a"', "1.5", "-1e9"),
        *("type ", "extend ", "enum ", "input ", "union ", "scalar ", "schema ", "interface "),
        *("directive @a on ", "implements ", "repeatable ", "query", "true", "null", "OBJECT"),
        *("type A { a: Int }", "a: [A!]", "(b: C = 1)", " @d(e: f)", "{ A }", "= A | B"),
    ]
)


@examples(400)
@given(st.lists(ALPHABET, max_size=25).map("".join))
@example('type A @b(c: """a\\""""""")')
def test_any_sequence_of_pieces_is_judged_alike(text: str) -> None:
    check_like_reference(text)


@examples(400)
@given(st.data())
def test_a_document_with_pieces_exchanged_is_judged_alike(data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(EVERY_SYNTAX)))
    end = begin + data.draw(st.integers(0, 5))
    piece = "".join(data.draw(st.lists(ALPHABET, max_size=3)))
    check_like_reference(EVERY_SYNTAX[:begin] + piece + EVERY_SYNTAX[end:])


BLOCK_PIECES = st.sampled_from([*' \t\n\r"\\aé,#', '\\"""', '"""'])
STRING_PIECES = st.sampled_from([*'"\\unbt/{}0129aAdDfFeE8', "\\u", "\\uD8", "\\uDC"])


@examples(300)
@given(st.lists(BLOCK_PIECES, max_size=20).map("".join))
def test_block_strings_have_the_same_value(body: str) -> None:
    check_like_reference(f'"""{body}""" scalar A')


@examples(300)
@given(st.lists(STRING_PIECES, max_size=14).map("".join))
def test_strings_have_the_same_value(body: str) -> None:
    check_like_reference(f'"{body}" scalar A')


def test_an_error_is_worded_and_placed_as_by_graphql_core() -> None:
    with pytest.raises(SdlSyntaxError) as caught:
        parse_sdl("type A {\n  a: Int\n  b Int\n}")
    assert (caught.value.message, caught.value.line, caught.value.column) == (
        "Syntax Error: Expected ':', found Name 'Int'.",
        3,
        5,
    )


def test_an_operation_is_refused_where_it_begins() -> None:
    with pytest.raises(SdlSyntaxError, match="cannot contain operations") as caught:
        parse_sdl("type A\n  query { a }")
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(SdlSyntaxError):
        parse_sdl('"\ud800" type A')


@pytest.mark.parametrize("depth", [NESTING_MAX, NESTING_MAX + 1])
def test_nesting_has_the_same_limit(depth: int) -> None:
    nested = "[" * depth + "A" + "]" * depth
    for text in (f"type A {{ a: {nested} }}", f"type A @b(c: {nested})"):
        assert check_like_reference(text) is (depth == NESTING_MAX)


def test_a_number_with_more_digits_than_python_converts_is_read() -> None:
    (definition,) = parse_sdl(f"scalar A @b(c: {'9' * 5000})").definitions
    assert definition.directives[0].arguments[0].value == float("inf")


def test_too_many_tokens_are_refused() -> None:
    assert parse_sdl("scalar A " * 10, tokens_max=20)
    with pytest.raises(SdlSyntaxError, match="more than 20 tokens"):
        parse_sdl("scalar A " * 11, tokens_max=20)


@pytest.mark.parametrize(
    "piece",
    ['"""\\"""', '"\\"', '"', "#\n{", '"""', "0" * 9, "\\", "{", "- ", '"\\\n', "1." * 5, "["],
)
def test_hostile_text_is_refused_in_linear_time(piece: str) -> None:
    text = "type A " + piece * 100_000
    started = time.process_time()
    with pytest.raises(SdlSyntaxError):
        parse_sdl(text, tokens_max=50_000)
    assert time.process_time() - started < 20  # Quadratic time would be hours.
