"""The parser makes graphql-core's nodes, or leaves the text to graphql-core."""

import pytest
from graphql import GraphQLSyntaxError, VariableDefinitionNode, parse, print_ast
from graphql.error import GraphQLError as LocatedError
from hypothesis import given
from hypothesis import strategies as st

from supergraph.document.parse import parse_document
from tests.kit.examples import examples

TOKENS_MAX = 10_000


def check_parse(text: str) -> bool:
    """Compare with graphql-core's parser; answers whether ours read the text."""
    document = parse_document(text, TOKENS_MAX)
    try:
        expected = parse(text, no_location=True)
    except GraphQLSyntaxError:
        assert document is None
        return False
    if document is None:
        return False
    assert document.to_dict() == expected.to_dict()
    assert print_ast(document) == print_ast(expected)
    return True


READ = [
    "{a}",
    "{}",
    "{ a { } }",
    "query { a }",
    "query query { query mutation: on fragment { true null } }",
    "query on { on }",
    "mutation M @d { a }",
    "subscription S($a: Int) { a(b: $a) }",
    "query Q($a: [Int!]! = [1, 2] @d(x: 1), $b: B = {c: {d: null}}, $on: on) { a }",
    "query ($a: [[[Int]!]]!) { a }",
    "{ a: b c: d(e: 1, f: $g) @h @i(j: k) { l } }",
    "{ ...F ... on T { a } ... { b } ... @d { c } ... on on { d } ...F @d(a: 1) }",
    "fragment F on T @d { a }",
    "fragment fragment on fragment { a } query Q { ...fragment }",
    "{ a(b: 0, c: -0, d: 10, e: -1, f: 1.0, g: 1e9, h: -1.5E+10, i: 0.0e-0) }",
    "{ a(b: [], c: {}, d: [[[]]], e: {f: [{}]}, g: [1 2,3]) }",
    "{ a(b: true, c: false, d: null, e: RED, f: trueish, g: _) }",
    r'{ a(b: "", c: "x", d: "\"\\\/\b\f\n\r\t", e: "A\u{1F600}😀", f: "é中😀") }',
    '{ a(b: """""", c: """x""", d: """\n    x\n      y\n\n    z\n""", e: """ \\""" "" \\n """) }',
    '{ a(b: """a\r\nb\rc\n  d""", c: """\t x""") }',
    '\ufeff{\ufeffa,,,\t,b\r\n\r#comment } \n c # """ \'\n}#end',
    "{ a # é 😀\n}",
    '{a(b:1)c(d:"e")f(g:$h)...F...on T{i}@j}'.replace("@j", ""),
    "{ a(b: [1-2]) }",
    "  ,, {a} ,, ",
]

LEFT = [
    "",
    " ",
    "#",
    "{",
    "}",
    "{a",
    "{a}}",
    "{a{}",
    "{a:}",
    "{a:b:c}",
    "{:a}",
    "{a()}",
    "{a(b)}",
    "{a(b:)}",
    "{a(b:1}",
    "{a(b:01)}",
    "{a(b:00)}",
    "{a(b:1.)}",
    "{a(b:.1)}",
    "{a(b:-)}",
    "{a(b:--1)}",
    "{a(b:+1)}",
    "{a(b:1e)}",
    "{a(b:1e+)}",
    "{a(b:1.e1)}",
    "{a(b:0x1)}",
    "{a(b:1a)}",
    "{a(b:1_)}",
    "{a(b:1.0.0)}",
    "{a(b:1...)}",
    "{a(b:$)}",
    "{a(b:$1)}",
    "{a(b:[)}",
    "{a(b:{c})}",
    "{a(b:{c:})}",
    '{a(b:")}',
    '{a(b:"\n")}',
    '{a(b:"\\")}',
    '{a(b:"\\x")}',
    '{a(b:"\\u12")}',
    '{a(b:"\\uD800")}',
    '{a(b:"\\uDC00\\uD800")}',
    '{a(b:"\\u{110000}")}',
    '{a(b:"\\u{}")}',
    '{a(b:""")}',
    '{a(b:"""\\""")}',
    "{a(b:'c')}",
    "{a b c ?}",
    "{a.b}",
    "{..a}",
    "{....a}",
    "{...}",
    "{...on}",
    "{... on {a}}",
    "{é}",
    "{aé}",
    "{a\u00a0b}",
    "{a\x00b}",
    "{a\x0bb}",
    "{\ud800}",
    "{a}b",
    "{a}{b",
    "a",
    "query",
    "query Q",
    "query Q(){a}",
    "query Q($a){a}",
    "query Q($a:){a}",
    "query Q($a:Int=){a}",
    "query Q($a:Int=$b){a}",
    "query Q($a:Int=[$b]){a}",
    "query Q($a:Int @d(b:$c)){a}",
    "query Q($a:Int!!){a}",
    "query Q($a:[Int){a}",
    "query Q($a:[]){a}",
    "query Q(a:Int){a}",
    "query 1 {a}",
    "query Q @ {a}",
    "query Q @d(){a}",
    "fragment on on T {a}",
    "fragment F {a}",
    "fragment F on {a}",
    "fragment F($a:Int) on T {a}",
    "fragment F on T",
    "{...F(a:1)}",
    "extend type T {a:Int}",
    "{a|b}",
    "{a&b}",
    "{a}&",
    '"d"{a}',
]

#: Documents that graphql-core reads and our parser leaves to it.
RARE = [
    '"described" query Q { a }',
    '"""described""" fragment F on T { a }',
    'query Q("described" $a: Int) { a(b: $a) }',
    "type T { a: Int }",
    "schema { query: Q }",
    '{ a(b: "\ud83d\ude00") }',
    "{ a } # \ud83d\ude00",
]


@pytest.mark.parametrize("text", READ)
def test_document_is_read_as_graphql_core_reads_it(text: str) -> None:
    assert check_parse(text) or "1-2" in text


@pytest.mark.parametrize("text", LEFT)
def test_what_is_no_executable_document_is_left_alone(text: str) -> None:
    assert parse_document(text, TOKENS_MAX) is None
    check_parse(text)


@pytest.mark.parametrize("text", RARE)
def test_rare_syntax_is_left_to_graphql_core(text: str) -> None:
    parse(text)

    assert not check_parse(text)


PIECES = st.sampled_from(
    [
        *"{}():@!$=[]|&",
        *("...", "..", ".", "#x\n", "#", "\n", "\r", ",", " ", "\ufeff", "\t"),
        *("query", "fragment", "mutation", "on", "true", "null", "a", "B", "_1", "__typename"),
        *("0", "1", "-", "-1", "01", "1.5", "1.", "1e5", ".5", "+1", "1a"),
        *('"', '""', '"""', '"a"', '"""a"""', "\\", '\\"', '\\"""', "\\n", "\\u0041", "\\u{41}"),
        *("é", "😀", "\x00", "\ud800", "\udc00", "'", "?"),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
@examples(500)
def test_arbitrary_pieces_are_read_as_graphql_core_reads_them(text: str) -> None:
    check_parse(text)
    check_parse("{a(b:" + text + ")}")
    check_parse("{" + text + "}")


@given(st.text(max_size=40))
@examples(300)
def test_arbitrary_strings_are_read_as_graphql_core_reads_them(text: str) -> None:
    check_parse('{a(b:"' + text + '")}')
    check_parse('{a(b:"""' + text + '""")}')
    check_parse("{a #" + text + "\n}")


def test_only_so_many_tokens_are_read() -> None:
    assert parse_document("{" + "a " * 8 + "}", 10) is not None
    for text in ("{" + "a " * 9 + "}", "# \r\n {\n" + "a " * 9 + "}  "):
        with pytest.raises(GraphQLSyntaxError) as ours:
            parse_document(text, 10)
        with pytest.raises(GraphQLSyntaxError) as theirs:
            parse(text, max_lexical_tokens=10)
        assert ours.value.formatted == theirs.value.formatted


def test_more_comments_than_tokens_are_left_to_graphql_core() -> None:
    assert parse_document("#\n" * 10 + "{a}", 10) is not None
    assert parse_document("#\n" * 11 + "{a}", 10) is None


def test_nesting_is_read_as_deep_as_graphql_core_reads_it() -> None:
    def nested(levels: int) -> list[str]:
        return [
            "{a" * levels + "}" * levels,
            "{a(b:" + "[" * (levels - 1) + "]" * (levels - 1) + ")}",
            "{a(b:" + "{c:" * (levels - 2) + "{}" + "}" * (levels - 2) + ")}",
            "query($a:" + "[" * levels + "A" + "]" * levels + "){a}",
        ]

    for text in nested(100):
        assert check_parse(text)
    for text in nested(201):
        assert parse_document(text, TOKENS_MAX) is None


def test_definition_of_a_variable_knows_its_place() -> None:
    text = "# one\nquery Q(\n  $a: Int\r\n  , $b: B = 1) { a(b: $a) }"
    document = parse_document(text, TOKENS_MAX)
    assert document is not None
    ours, theirs = (
        [
            LocatedError("", node).formatted["locations"]
            for node in source.definitions[0].variable_definitions or ()
            if isinstance(node, VariableDefinitionNode)
        ]
        for source in (document, parse(text))
    )

    assert ours == theirs
    assert len(ours) == 2
