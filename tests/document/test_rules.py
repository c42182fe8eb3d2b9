"""Rule by rule: valid documents are certain, invalid ones get the errors graphql-core has for them.

https://spec.graphql.org/September2025/#sec-Validation
"""

import pytest

from tests.document.judge import gateway_errors, is_certain, reference_errors

CERTAIN = {
    "operations": [
        "{ dog { name } }",
        "query { dog { name } }",
        "query A { dog { name } } query B { dog { id } } mutation C { feed(points: []) }",
        "query A { ...F } fragment F on Query { dog { name } } query B { ...F }",
        "subscription { died }",
        "subscription S { dead: died @note }",
        "subscription S($k: String) { born(kind: $k) { ... on Dog { name } } }",
        "{ __typename dog { __typename name: __typename } any { __typename } }",
        "{}",
        "{ dog { } any { ... on Dog { } } }",
    ],
    "fields": [
        "{ named { id name friend { friend { id } } } node(id: 1) { id } lonely { id } }",
        "{ dog { name(upper: true) barks tags owner { name } } count }",
        '{ count(f: 1, b: true, s: "x", color: RED) }',
    ],
    "fragments": [
        "{ any { ...D ...H } } fragment D on Dog { name } fragment H on Human { id }",
        "{ named { ... on Dog { barks } ... on Node { id } ... on Pet { __typename } } }",
        "{ dog { ... on Named { name } ... on Any { __typename } ... { id } } }",
        "{ lonely { ... on Lonely { id } ...L } } fragment L on Lonely { id }",
        (
            "{ ...A } fragment A on Query { ...B dog { ...C } }"
            " fragment B on Query { dog { ...C } } fragment C on Dog { id }"
        ),
        "{ ...F ...F } fragment F on Query { count }",
    ],
    "values": [
        "{ pets(first: null, where: null, colors: null, json: null, pick: null) { __typename } }",
        "{ pets(first: 2147483647) { __typename } b: pets(first: -2147483648) { __typename } }",
        "{ pets(where: {x: 1}) { __typename } }",
        '{ pets(where: {x: 1, y: 2, tags: "a", inner: {x: 1}, color: RED}) { __typename } }',
        '{ pets(where: {x: 1, tags: ["a", """b"""], color: null}) { __typename } }',
        "{ pets(colors: RED) { __typename } }",
        "{ pets(colors: [RED, GREEN]) { __typename } }",
        "{ pets(matrix: 1) { __typename } a: pets(matrix: [1, [2, 3]]) { __typename } }",
        '{ pets(ids: 1) { __typename } a: pets(ids: ["a", 1]) { __typename } }',
        "{ pets(pick: {number: 1}) { __typename } a: pets(pick: {point: {x: 1}}) { __typename } }",
        "{ pets(json: 1) { __typename } a: pets(json: [1, {a: RED, b: null}]) { __typename } }",
        "{ count(f: 1.5) a: count(f: 1e400) b: count(f: 99999999999999999999) }",
        'mutation { feed(points: {x: 1}) rename(id: 1, name: "a") { __typename } }',
    ],
    "variables": [
        "query ($a: Int) { pets(first: $a) { __typename } }",
        "query ($a: Int!) { pets(first: $a) { __typename } }",
        "query ($a: ID!) { node(id: $a) { id } }",
        "query ($a: ID = 1) { node(id: $a) { id } }",
        "query ($a: Int) { human(id: 1) { pets(first: $a) { __typename } } }",
        "query ($a: [ID!]) { pets(ids: $a) { __typename } }",
        "query ($a: ID!) { pets(ids: [$a, 1]) { __typename } }",
        "query ($a: ID = 1) { pets(ids: [$a]) { __typename } }",
        "query ($a: [[Int!]!]!) { pets(matrix: $a) { __typename } }",
        "query ($a: [Int!]!, $b: Int!) { pets(matrix: [$a, [$b]]) { __typename } }",
        "query ($a: Int!, $b: Int) { pets(where: {x: $a, y: $b}) { __typename } }",
        "query ($a: Int = 1) { pets(where: {x: $a}) { __typename } }",
        "query ($a: Int!) { pets(pick: {number: $a}) { __typename } }",
        "query ($a: JSON, $b: Point) { pets(json: $a, where: $b) { __typename } }",
        "query ($a: Int) { pets(json: {a: [$a]}) { __typename } }",
        (
            "query ($a: Int = null, $b: Point = {x: 1, tags: []}) "
            "{ pets(first: $a, where: $b) { id: __typename } }"
        ),
        "query ($a: Boolean!) { dog @include(if: $a) { name @skip(if: $a) } }",
        (
            "query A($a: Int) { ...F } query B($a: Int!) { ...F } fragment F on Query {"
            " pets(first: $a) { __typename } }"
        ),
        (
            "query ($a: Boolean! @only(in: RED)) @note(number: 1) { "
            "count @only(in: GREEN) @note @note dog { ...F @note ... @note { id } ..."
            " on Dog @include(if: $a) { id } } } fragment F on Dog @only(in: RED) { id }"
        ),
        "query ($a: String!) { count @note(text: $a) }",
        "query ($a: String) { count @note(text: $a) }",
    ],
    "merging": [
        "{ dog { name name id } dog { id owner { name } owner { id } } }",
        "{ a: count a: count dog { x: id x: id } }",
        "{ pets(first: 1, ids: []) { __typename } pets(ids: [], first: 1) { __typename } }",
        "{ any { ... on Dog { x: barks } ... on Human { y: name } } }",
        "{ pets { ... on Dog { x: id y: name } ... on Cat { x: id y: barks } } }",
        "{ pets { ... on Dog { x: owner { a: name } } ... on Cat { y: owner { a: id } } } }",
        "{ pets { ... on Dog { name(upper: true) } ... on Cat { name(upper: false) } } }",
        "{ named { friend { name } ... on Cat { friend { id } } ... on Named { friend { id } } } }",
        (
            "{ dog { ...A ...B } } fragment A on Dog { owner { id } } fragment B on Dog {"
            " owner { name } ...C } fragment C on Named { id }"
        ),
    ],
    "defer": [
        (
            '{ dog { ... @defer { name } ...F @defer(label: "a") } } fragment F on Dog {'
            ' ... on Dog @defer(label: "b", if: false) { id } ... @defer(label: null) { id } }'
        ),
    ],
}

#: Valid, but nothing our validator judges.
RARE = [
    "{ __schema { types { name fields { name } } } }",
    '{ __type(name: "Dog") { name } count }',
    "subscription { ...F } fragment F on Subscription { died }",
    "subscription { ... on Subscription { died } }",
    "subscription { died died }",
    "{ pets @stream { __typename } }",
    'mutation { rename(id: 1, name: "a") { ... on Dog { ... @defer { id } } } }',
    "subscription { born { ... @defer(if: false) { __typename } } }",
    '"described" query { count }',
]

INVALID = {
    "operations": [
        "query A { count } query A { count }",
        "{ count } query A { count }",
        "{ count } { count }",
        "query A { count } mutation A { feed(points: []) }",
        "fragment F on Query { count }",
        "type T { a: Int } query { count }",
        "subscription { died born { __typename } }",
        "subscription { __typename }",
        "subscription { died @skip(if: true) }",
        "subscription ($a: Boolean!) { died @include(if: $a) }",
        "subscription { ...F } fragment F on Subscription { died other: died }",
        "subscription { a: died b: died }",
    ],
    "fields": [
        "{ missing }",
        "{ dog { nam } }",
        "{ any { name } }",
        "{ pets { id } }",
        "{ named { barks } }",
        "{ count { a } }",
        "{ dog }",
        "{ any }",
        "{ dog { __schema { types { name } } } }",
        "{ dog { name { x } } }",
        "{ __type { name } }",
    ],
    "arguments": [
        "{ dog { meets { __typename } } }",
        "{ dog { meets(other: 1, wrong: 2) { __typename } } }",
        "{ dog { meets(other: 1, other: 1) { __typename } } }",
        "{ node { id } }",
        "{ count(wrong: 1) }",
        "{ __typename(a: 1) }",
        "{ count @note(wrong: 1) }",
        "{ count @note(number: 1, number: 1) }",
        "{ count @only }",
        "{ count @include }",
        "mutation { rename(id: 1) { __typename } }",
    ],
    "fragments": [
        "{ ...Missing }",
        "{ dog { ... on Missing { id } } }",
        "{ dog { ... on Color { id } ...F } } fragment F on JSON { id }",
        "{ dog { ... on Point { x } } }",
        "{ ...F } fragment F on Missing { id }",
        "{ count } fragment F on Dog { id }",
        "{ count } fragment F on Dog { ...F }",
        "{ ...F } fragment F on Query { count } fragment F on Query { count }",
        "{ dog { ... on Cat { id } } }",
        "{ dog { ...F } } fragment F on Cat { id }",
        "{ lonely { ... on Dog { id } ... on Node { id } } }",
        "{ any { ... on Cat { id } } }",
        "{ dog { ...F } } fragment F on Dog { ...F }",
        "{ dog { ...F } } fragment F on Dog { friend { ...G } } fragment G on Dog { ...F }",
        (
            "{ dog { ...A } } fragment A on Dog { ...B } fragment B on Dog { ...C }"
            " fragment C on Dog { ...B }"
        ),
        "{ ... on Query { missing } }",
    ],
    "values": [
        *(
            f"{{ pets({argument}) {{ __typename }} }}"
            for argument in (
                "first: 2147483648",
                "first: -2147483649",
                "first: 1.0",
                'first: "1"',
                "first: true",
                "first: RED",
                "first: [1]",
                "first: {}",
                "first: 1" + "0" * 5_000,
                "where: 1",
                "where: {}",
                "where: {x: null}",
                "where: {x: 1, z: 1}",
                "where: []",
                "where: {x: 1, x: 1}",
                "where: {x: 1, y: null}",
                "where: {x: 1, inner: {}}",
                "where: {x: 1, tags: [null]}",
                "where: {x: 1, tags: 1}",
                "where: {x: 1, color: BLUE}",
                "where: [{x: 1}]",
                'where: "x"',
                "colors: BLUE",
                'colors: "RED"',
                "colors: [null]",
                "colors: [[RED]]",
                "matrix: null, ids: null",
                "matrix: [[null]]",
                'matrix: "1"',
                "matrix: [[[1]]]",
                "ids: 1.5",
                "ids: [null]",
                "ids: true",
                "pick: {}",
                'pick: {number: 1, text: "a"}',
                "pick: {number: null}",
                "pick: {wrong: 1}",
                "pick: {point: {}}",
                "pick: {number: 1, number: 1}",
                "json: {a: 1, a: 2}",
                "json: [{a: {b: 1, b: 1}}]",
            )
        ),
        '{ count(f: "1") }',
        "{ count(f: true) }",
        "{ count(b: 1) }",
        '{ count(b: "true") }',
        "{ count(s: 1) }",
        "{ count(s: RED) }",
        "{ count(color: true) }",
        "{ dog { name(upper: null) meets(other: null) { __typename } } }",
        "{ human(id: 1.0) { name } }",
        "{ count @note(text: null) }",
        "{ count @only(in: BLUE) }",
        'query ($a: Int = "1") { pets(first: $a) { __typename } }',
        "query ($a: Int! = null) { pets(first: $a) { __typename } }",
        "query ($a: Point = {}) { pets(where: $a) { __typename } }",
        "query ($a: Boolean = 1) { count(b: $a) }",
    ],
    "variables": [
        "{ pets(first: $a) { __typename } }",
        "query A { ...F } fragment F on Query { pets(first: $a) { __typename } }",
        (
            "query A($a: Int) { ...F } query B { ...F } fragment F on Query {"
            " pets(first: $a) { __typename } }"
        ),
        "query ($a: Int) { count }",
        "query A($a: Int) { pets(first: $a) { __typename } } query B($a: Int) { count }",
        "query ($a: Int, $a: Int) { pets(first: $a) { __typename } }",
        "query ($a: Missing) { pets(json: [$a]) { __typename } }",
        "query ($a: Dog) { pets(json: [$a]) { __typename } }",
        "query ($a: [Dog!]!) { pets(json: [$a]) { __typename } }",
        "query ($a: String) { pets(first: $a) { __typename } }",
        "query ($a: ID) { node(id: $a) { id } }",
        "query ($a: ID = null) { node(id: $a) { id } }",
        "query ($a: Int) { pets(where: {x: $a}) { __typename } }",
        "query ($a: Int) { pets(pick: {number: $a}) { __typename } }",
        "query ($a: Int = 1) { pets(pick: {number: $a}) { __typename } }",
        "query ($a: [Int]) { pets(matrix: [$a]) { __typename } }",
        "query ($a: Int) { pets(matrix: [[$a]]) { __typename } }",
        "query ($a: Int!) { pets(matrix: $a) { __typename } }",
        "query ($a: [Int!]!) { pets(matrix: $a) { __typename } }",
        "query ($a: String!) { pets(json: {a: $b}) { __typename } count(s: $a) }",
        "query ($a: Boolean) { count @include(if: $a) }",
        "query ($a: Color) { count @only(in: $a) }",
        (
            "query ($a: Boolean = true) { count @skip(if: $a) dog { ...F } }"
            " fragment F on Dog { name @skip(if: $b) }"
        ),
        "query ($a: Point) { pets(where: {x: 1, inner: $a, json: [$c]}) { __typename } }",
    ],
    "directives": [
        "{ count @missing }",
        "{ count @deprecated }",
        "query @include(if: true) { count }",
        "query @only(in: RED) { count }",
        "{ dog { ... @only(in: RED) { id } } }",
        "{ dog { ...F } } fragment F on Dog @note { id }",
        "query ($a: Int @note) { pets(first: $a) { __typename } }",
        "{ count @only(in: RED) @only(in: RED) }",
        "{ count @include(if: true) @skip(if: false) @include(if: true) }",
        "{ dog { ... @skip(if: true) @skip(if: true) { id } } }",
    ],
    "merging": [
        "{ dog { x: id x: name } }",
        "{ pets(first: 1) { __typename } pets(first: 2) { __typename } }",
        "{ pets { __typename } pets(first: 2) { __typename } }",
        "query ($a: Int) { pets(first: 1) { __typename } pets(first: $a) { __typename } }",
        "{ pets(where: {x: 1}) { __typename } pets(where: {x: 2}) { __typename } }",
        "{ pets { ... on Dog { x: barks } ... on Cat { x: barks } } }",
        "{ pets { ... on Dog { x: tags } ... on Cat { x: tags } } }",
        "{ pets { ... on Dog { x: id } ... on Cat { x: name } } }",
        "{ pets { ... on Dog { owner { x: id } } ... on Cat { owner { x: name } } } }",
        "{ pets { ... on Dog { x: name } ... on Named { x: id } } }",
        "{ pets { ... on Dog { x: name(upper: true) } ... on Named { x: name } } }",
        "{ dog { ...A ...B } } fragment A on Dog { x: id } fragment B on Dog { x: name }",
        (
            "{ dog { ...A ...B } } fragment A on Dog { owner { x: id } }"
            " fragment B on Dog { owner { ...C } } fragment C on Human { x: name }"
        ),
        "{ dog { x: id ...A } } fragment A on Dog { ...B } fragment B on Dog { x: name }",
        "{ dog { owner { x: id } } dog { owner { x: name } } }",
        "{ pets { ... on Dog { x: owner { name } } ... on Cat { x: lives } } }",
        "{ dog { ... on Dog { x: name } ... { x: id } } }",
        "{ pets @stream { __typename } pets @stream { __typename } }",
        "{ pets { ... on Dog { x: __typename } ... on Cat { x: __typename x: id } } }",
        "{ dog { x: missing x: other } }",
        "{ dog { x: missing { a } x: missing { a: b } } }",
        "{ dog { name(upper: true, upper: false) name(upper: true, upper: false) } }",
    ],
    "defer and stream": [
        '{ dog { ... @defer(label: "a") { id } ... @defer(label: "a") { name } } }',
        "query ($a: String) { dog { ... @defer(label: $a) { id } } }",
        "{ dog { ... @defer(if: null) { id } } }",
        "{ count @defer }",
        "{ dog { name @stream } }",
        "mutation { ... @defer { feed(points: []) } }",
        "subscription { born { ... @defer { __typename } } }",
        '{ pets @stream(label: "a") { ... @defer(label: "a") { __typename } } }',
    ],
    "introspection": [
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "{ __schema { types { missing } } }",
        "{ __schema }",
    ],
    "several at once": [
        "query A($a: Int, $b: Missing) { missing dog { name(x: 1) ...F } } fragment G on Dgo { i }",
        "{ count } fragment A on Dog { ...B missing } fragment B on Cat { ...A other }",
        "{" + "x: missing y: dog { x } " * 30 + "}",
    ],
}


def cases(by_rule: dict[str, list[str]]) -> list[object]:
    return [
        pytest.param(text, id=f"{rule} {number}")
        for rule, texts in by_rule.items()
        for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize("text", cases(CERTAIN))
def test_ordinary_document_is_certainly_valid(text: str) -> None:
    assert reference_errors(text) == []
    assert is_certain(text)
    assert gateway_errors(text) == gateway_errors(text, introspection=False) == []


@pytest.mark.parametrize("text", RARE)
def test_rare_document_is_judged_by_graphql_core(text: str) -> None:
    assert reference_errors(text) == []
    assert not is_certain(text)
    assert gateway_errors(text) == []


@pytest.mark.parametrize("text", cases(INVALID))
def test_invalid_document_gets_the_errors_of_graphql_core(text: str) -> None:
    assert reference_errors(text)
    for introspection in (True, False):
        assert gateway_errors(text, introspection=introspection) == reference_errors(
            text, introspection=introspection
        )


def test_streamed_typename_of_a_union_is_an_error_like_others() -> None:
    (error,) = gateway_errors("{ any { __typename @stream } }")

    assert error["message"] == "Stream directive cannot be used on non-list field on type 'Any'."
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_wrong_argument_of_defer_in_a_subscription_is_an_error_like_others() -> None:
    (error,) = gateway_errors("subscription { ... @defer(label: 1) { died } }")

    assert error["message"].startswith("Argument 'label' has invalid value")
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_introspection_is_refused_where_it_is_off() -> None:
    text = "{ count __schema { types { name } } }"

    assert gateway_errors(text) == []
    assert gateway_errors(text, introspection=False) == reference_errors(text, introspection=False)
    assert gateway_errors(text, introspection=False)
