"""Hostile requests over HTTP: a coded answer of bounded size, before any planning is done."""

import json
from typing import Any

import pytest

from tests.faults.graph import healthy, query
from tests.faults.misbehaving_subgraph import Setup

PARSE = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
NAME = "GRAPHQL_UNKNOWN_OPERATION_NAME"
INPUT = "BAD_USER_INPUT"
REQUEST = "INVALID_GRAPHQL_REQUEST"
TOKENS = "MAX_TOKENS_LIMIT"
DEPTH = "MAX_DEPTH_LIMIT"
FIELDS = "MAX_FIELDS_LIMIT"
ALIASES = "MAX_ALIASES_LIMIT"
DOCUMENT = "DOCUMENT_TOO_LARGE"
BODY = "REQUEST_TOO_LARGE"
#: Of an answer that refuses; the requests are up to a hundred times as long.
ANSWER_BYTES_MAX = 60_000
ECHO = "query ($v: Json) { echo(value: $v) }"
FILTER = "query ($v: Filter) { echo(filter: $v) }"


def nested(levels: int) -> str:
    return "{ depots " + "{ shelf " * levels + "{ number }" + "}" * levels + "}"


def bomb(levels: int) -> str:
    """Each fragment spreads the next one twice: 2^levels fields."""
    fragments = [f"fragment F{n} on Depot {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    last = f"fragment F{levels} on Depot {{ count }}"
    return " ".join(["{ depots { ...F0 } }", *fragments, last])


def many(count: int, text: str) -> str:
    """The text over and over, with its number in place of N."""
    return " ".join(text.replace("N", str(number)) for number in range(count))


DOCUMENTS = {
    "nothing but a comment": ("# nothing", PARSE),
    "an open brace": ("{", PARSE),
    "braces": ("{" * 9_000, PARSE),
    "a closing brace": ("}", PARSE),
    "words": ("select * from users", PARSE),
    "HTML": ("<script>alert(1)</script>", PARSE),
    "a zero byte": ("\x00", PARSE),
    "an open string": ('{ echo(value: "', PARSE),
    "an open block string": ('{ echo(value: """' + "x" * 100_000, PARSE),
    "a fragment alone": ("fragment F on Query { title }", VALIDATION),
    "a type": ("type Query { title: String }", VALIDATION),
    "an unknown field": ("{ nothing }", VALIDATION),
    "unknown fields": ("{ depots { " + many(2_000, "fN") + " } }", VALIDATION),
    "unknown arguments": ("{ title(" + many(2_000, "aN: 1") + ") }", VALIDATION),
    "one argument 2,000 times": ("{ echo(" + many(2_000, "value: N") + ") }", VALIDATION),
    "undeclared variables": ("{ " + many(90, "e: echo(value: $vN)") + " }", VALIDATION),
    "unused variables": ("query (" + many(2_000, "$vN: Int") + ") { title }", VALIDATION),
    "one name 1,000 times": (many(1_000, "query Q { title }"), VALIDATION),
    "a subscription": ("subscription { title }", VALIDATION),
    "a fragment in itself": ("{ ...F } fragment F on Query { ...F }", VALIDATION),
    "fragments in a circle": (
        "{ ...F0 } " + many(99, "fragment FN on Query { title ...GN }")
        + " " + " ".join(f"fragment G{n} on Query {{ ...F{(n + 1) % 99} }}" for n in range(99)),
        VALIDATION,
    ),
    "a fragment bomb": (bomb(60), FIELDS),
    "fragments that all spread all": (
        "{ depots { ...F0 } } "
        + many(40, "fragment FN on Depot { " + " ".join(f"...F{n}" for n in range(40)) + " }"),
        FIELDS,
    ),
    "60 levels": (nested(60), DEPTH),
    "2,000 levels": (nested(2_000), DEPTH),
    "a literal of 5,000 lists": ("{ echo(value: " + "[" * 4_900 + "]" * 4_900 + ") }", DEPTH),
    "a type of 5,000 lists": (
        "query ($v: " + "[" * 4_000 + "Int" + "]" * 4_000 + ") { echo(value: $v) }", DEPTH
    ),
    "10,000 aliases": ("{ " + many(10_000, "aN: title") + " }", TOKENS),
    "300 aliases": ("{ depots { " + many(300, "aN: count") + " } }", ALIASES),
    "10,000 equal fields": ("{ depots { " + "count " * 10_000 + "} }", TOKENS),
    "a list of 10,000 numbers": ("{ echo(value: [" + "1 " * 10_000 + "]) }", TOKENS),
    "10,000 directives": ("{ title " + "@skip(if: true) " * 10_000 + "}", TOKENS),
    "1,000 directives": ("{ title " + "@skip(if: true) " * 1_000 + "}", VALIDATION),
    "20,000 comments": ("#\n" * 20_000 + "{ title }", TOKENS),
    "10,000 operations": (many(10_000, "query QN { title }"), DOCUMENT),
    "1,000 operations, none named": (many(1_000, "query QN { title }"), NAME),
    "a text of 1.9 MB": ("{ title } #" + "x" * 1_900_000, DOCUMENT),
    "a text of 3 MB": ("{ title } #" + "x" * 3_000_000, BODY),
    "a name of 150,000 letters": ("{ " + "x" * 150_000 + " }", VALIDATION),
    "a number of 150,000 digits": ("{ echo(filter: {ids: " + "1" * 150_000 + "}) }", VALIDATION),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_hostile_document_is_refused_before_it_is_planned(
    gateway: Setup, name: str
) -> None:
    text, code = DOCUMENTS[name]
    if name == "a number of 150,000 digits":
        code = None  # a valid ID, long as it is
    errors = await refused(gateway, json.dumps({"query": text}).encode(), code)
    if code == PARSE:
        assert all(item["locations"] for item in errors)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", REQUEST),
        (b"{", REQUEST),
        (b"\xff\xfe", REQUEST),
        (b'{"query": "{ title \xff }"}', REQUEST),
        (b"[" * 100_000, "BATCHING_NOT_ENABLED"),
        (b'{"query":' * 100_000, REQUEST),
        (b'{"query": "{ title }", "variables": ' + b"[" * 100_000, REQUEST),
        (b'{"query": "{ title }", "variables": {"v": NaN}}', REQUEST),
        (b'{"query": "{ title }", "variables": {"v": 1e999}}', REQUEST),
        (b'{"query": "{ title }", "variables": [1]}', REQUEST),
        (b'{"query": "{ title }", "variables": "{}"}', REQUEST),
        (b'{"query": "{ title }", "operationName": {"a": 1}}', REQUEST),
        (b'{"query": "{ title }", "extensions": 7}', REQUEST),
        (b'{"query": ["{ title }"]}', REQUEST),
        (b'[{"query": "{ title }"}]', "BATCHING_NOT_ENABLED"),
        (b"7", REQUEST),
        (b"null", REQUEST),
        (b"{}", "MISSING_QUERY_STRING"),
        (b'{"query": null}', "MISSING_QUERY_STRING"),
        (b'{"query": ""}', "MISSING_QUERY_STRING"),
        (b'{"query": "{ title }", "operationName": "Q"}', NAME),
        (b'{"query": "query A { title } query B { title }"}', NAME),
        (b'{"query": "query A { title }", "operationName": "' + b"B" * 1_000_000 + b'"}', NAME),
        (b" " * 2_000_001, BODY),
    ],
    ids=lambda value: str(value[:50]),
)
async def test_a_body_that_asks_for_nothing_is_refused(
    gateway: Setup, body: bytes, code: str
) -> None:
    await refused(gateway, body, code)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query ($v: Json!) { echo(value: $v) }", "{}"),
        ("query ($v: Json!) { echo(value: $v) }", '{"v": null}'),
        ("query ($v: Json!) { echo(value: $v) }", '{"V": 1}'),
        (FILTER, '{"v": 7}'),
        (FILTER, '{"v": {"unknown": 1}}'),
        (FILTER, '{"v": {"state": "PURPLE"}}'),
        (FILTER, '{"v": {"state": "SECRET"}}'),
        (FILTER, '{"v": {"ids": [null]}}'),
        (FILTER, '{"v": {"ids": ' + json.dumps([None] * 100_000) + "}}"),
        (FILTER, '{"v": {"ids": ' + json.dumps([[str(n)] for n in range(100_000)]) + "}}"),
        (FILTER, '{"v": ' + json.dumps({f"f{n}": n for n in range(100_000)}) + "}"),
        (FILTER, '{"v": {"all": ' + json.dumps([{"not": 1}] * 100_000) + "}}"),
        (FILTER, '{"v": ' + '{"not": ' * 900 + "{}" + "}" * 900 + "}"),
        (FILTER, '{"v": ' + '{"all": ' * 900 + "{}" + "}" * 900 + "}"),
    ],
    ids=lambda value: value[:50],
)
async def test_variables_of_wrong_types_are_refused_before_planning(
    gateway: Setup, text: str, variables: str
) -> None:
    body = b'{"query": %b, "variables": %b}' % (json.dumps(text).encode(), variables.encode())
    errors = await refused(gateway, body, INPUT)
    assert len(errors) <= 21


@pytest.mark.parametrize(
    "value",
    [
        "x" * 900_000,
        list(range(100_000)),
        [[number] for number in range(50_000)],
        {f"key {number}": number for number in range(50_000)},
        2**4_000,
    ],
    ids=["text", "list", "lists", "object", "number"],
)
async def test_large_variables_of_the_right_type_reach_the_subgraph_whole(
    gateway: Setup, value: Any
) -> None:
    result = await gateway.ask(ECHO, variables={"v": value})
    assert result == {"data": {"echo": value}}


@pytest.mark.parametrize("levels", [100, 254, 255, 500, 900, 940, 960, 975, 1_000, 5_000, 100_000])
@pytest.mark.parametrize(
    ("text", "opening", "closing"),
    [(ECHO, "[", "]"), (ECHO, '{"a":', "}"), (FILTER, '{"not":', "}"), (FILTER, '{"all":', "}")],
)
async def test_deeply_nested_variables_are_answered_or_refused(
    gateway: Setup, text: str, opening: str, closing: str, levels: int
) -> None:
    """How deep is too deep is not promised, but it is never an INTERNAL error."""
    value = opening * levels + ("null" if ":" in opening else "") + closing * levels
    answer = await gateway.client.post(
        "/graphql",
        content=b'{"query": %b, "variables": {"v": %b}}'
        % (json.dumps(text).encode(), value.encode()),
        headers={"accept": gateway.media_type, "content-type": "application/json"},
    )
    assert answer.status_code in {200, 400}
    assert b"INTERNAL" not in answer.content
    assert levels > 100 or b'"errors"' not in answer.content
    assert levels < 100_000 or b'"errors"' in answer.content


@pytest.mark.parametrize(
    "text",
    [
        "{ depots { " + "count " * 4_900 + "} }",
        "{ depots { " + "shelf { number } " * 2_400 + "} }",
        "{ " + many(98, "... { title }") + " }",
        many(1_000, "query QN { title }"),
        bomb(10),
    ],
    ids=["equal leaves", "equal objects", "fragments", "operations", "a small bomb"],
)
async def test_a_repetitive_document_is_planned_once_or_refused(gateway: Setup, text: str) -> None:
    for _ in range(2):
        answer = await gateway.client.post(
            "/graphql",
            json={"query": text, "operationName": "Q7" if "Q7" in text else None},
            headers={"accept": gateway.media_type},
        )
        assert answer.status_code in {200, 400}
        assert b"INTERNAL" not in answer.content
    assert gateway.app.pipeline.supergraph.plans.misses <= 1
    assert len(gateway.stock.requests) <= 2


async def test_a_syntax_error_says_where_it_is(gateway: Setup) -> None:
    errors = await refused(gateway, b'{"query": "{\\n  depots {\\n    count)\\n"}', PARSE)
    assert errors == [
        {
            "message": "Syntax Error: Expected Name, found ')'.",
            "locations": [{"line": 3, "column": 10}],
            "extensions": {"code": PARSE},
        }
    ]


async def test_validation_errors_say_where_they_are(gateway: Setup) -> None:
    errors = await refused(gateway, b'{"query": "{\\n  title { a }\\n  nothing\\n}"}', VALIDATION)
    assert [error["locations"] for error in errors] == [
        [{"line": 2, "column": 9}],
        [{"line": 3, "column": 3}],
    ]
    assert "nothing" in errors[1]["message"]


async def test_a_variables_error_says_which_one_and_where(gateway: Setup) -> None:
    body = json.dumps({"query": "query ($v: Filter!) {\n  echo(filter: $v)\n}"}).encode()
    [error] = await refused(gateway, body, INPUT)
    assert "$v" in error["message"]
    assert error["locations"] == [{"line": 1, "column": 8}]


async def refused(gateway: Setup, body: bytes, code: str | None) -> list[dict[str, Any]]:
    """The errors of a refusal; nothing was planned and no subgraph asked.

    The next client is served as if nothing had been.
    """
    answer = await gateway.client.post(
        "/graphql",
        content=body,
        headers={"accept": gateway.media_type, "content-type": "application/json"},
    )
    assert answer.headers["content-type"].startswith(gateway.media_type)
    result = answer.json()
    if code is not None:
        assert answer.status_code in ({413} if code == BODY else {200, 400})
        assert set(result) == {"errors"}
        assert {error["extensions"]["code"] for error in result["errors"]} == {code}
        assert len(answer.content) <= ANSWER_BYTES_MAX
        assert gateway.app.pipeline.supergraph.plans.misses == 0
        assert gateway.stock.requests == []
    assert await gateway.ask(query("root")) == {"data": healthy("root")}
    return list(result.get("errors", []))
