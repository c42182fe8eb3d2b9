"""Plans of operations with `@defer`: which part of the answer waits for which fetches."""

from typing import Any

import pytest
from graphql import introspection_from_schema, parse, validate

from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.decide import decide
from supergraph.planner.normalize.deferrals import DEFERRAL_VARIABLES_MAX, DEFERRALS_MAX
from supergraph.planner.picture.mermaid import mermaid
from supergraph.planner.plan_nodes import (
    DeferConditionNode,
    DeferNode,
    IncrementalNode,
    QueryPlan,
)
from supergraph.planner.planner import Planner
from supergraph.planner.print import print_plan
from supergraph.planner.serialize import plan_to_json
from supergraph.planner.waves import planned_fetches
from tests.kit.check_plan import compose_supergraph

A = """
type Query { t: T, ts: [T!]!, any: [Any!]! }
type Mutation { change: T }
type Subscription { changed: T }
type T @key(fields: "id") { id: ID! v0: Int v1: Int value: Value }
type Value { a: Int b: Int u: U }
type U @key(fields: "id") { id: ID! }
type Lonely { n: Int m: Int }
union Any = T | Lonely
"""
B = """
type T @key(fields: "id") { id: ID! v2: Int u: U }
type U @key(fields: "id") { id: ID! }
"""
C = """
type U @key(fields: "id") { id: ID! x: Int y: Int }
type T @key(fields: "id") { id: ID! v2: Int @external v3: Int @requires(fields: "v2") }
"""
SUBGRAPHS = {"a": A, "b": B, "c": C}
PLANNER = Planner(parse_supergraph(compose_supergraph(SUBGRAPHS)), defers=True)


def plan(query: str) -> QueryPlan:
    document = parse(query)
    assert validate(PLANNER.api_schema, document) == []
    return PLANNER.plan(document, None)


def parts(query: str) -> dict[str, Any]:
    """The Defer node as JSON."""
    node: dict[str, Any] = plan_to_json(plan(query))["node"]
    assert node["kind"] == "Defer"
    return node


def services(node: dict[str, Any] | None) -> list[str]:
    """The subgraphs that a plan node as JSON asks, in order."""
    if node is None:
        return []
    if node["kind"] in {"Fetch", "BatchFetch"}:
        return [node["serviceName"]]
    below = [node["node"]] if "node" in node else node.get("nodes", [])
    if node["kind"] == "Defer":
        below = [node["primary"].get("node"), *(item.get("node") for item in node["deferred"])]
    return [name for item in below for name in services(item)]


def test_a_deferred_part_waits_for_the_fetch_that_gives_its_keys() -> None:
    assert print_plan(plan('{ t { v0 ... @defer(label: "more") { v1 v2 } } }')) == EXPECTED.strip()


EXPECTED = """
QueryPlan {
  Defer {
    Primary {
      {
        t {
          v0
        }
      }:
      Fetch(service: "a", id: 0) {
        {
          t {
            __typename
            v0
            id
          }
        }
      }
    }, [
      Deferred(depends: [0], path: "t", label: "more") {
        {
          v1
          v2
        }:
        Parallel {
          Flatten(path: "t") {
            Fetch(service: "a") {
              {
                ... on T {
                  __typename
                  id
                }
              } =>
              {
                ... on T {
                  v1
                }
              }
            }
          }
          Flatten(path: "t") {
            Fetch(service: "b") {
              {
                ... on T {
                  __typename
                  id
                }
              } =>
              {
                ... on T {
                  v2
                }
              }
            }
          }
        }
      }
    ]
  }
}
"""


def test_the_json_has_the_keys_of_apollos_plans() -> None:
    node = parts('{ t { v0 ... on T @defer(label: "more") { v2 } } }')

    assert node["primary"]["subselection"] == "{ t { v0 } }"
    assert node["primary"]["node"]["id"] == "0"
    [deferred] = node["deferred"]
    assert deferred.pop("node")["kind"] == "Flatten"
    assert deferred == {
        "depends": [{"id": "0"}],
        "label": "more",
        "queryPath": ["t"],
        "subselection": "{ v2 }",
    }


def test_parts_of_lists_have_paths_without_items_and_with_type_conditions() -> None:
    node = parts("{ any { ... on T { v0 ... @defer { v2 } } } }")

    assert node["deferred"][0]["queryPath"] == ["any", "... on T"]
    assert node["deferred"][0]["node"]["path"] == ["any", "@"]


def test_a_fragment_for_some_types_says_so_in_its_selection() -> None:
    node = parts("{ any { __typename ... on T @defer { v2 } } }")

    assert node["deferred"][0]["subselection"] == "{ ... on T { v2 } }"


def test_a_part_does_not_wait_for_fetches_it_does_not_need() -> None:
    node = parts("{ t { v2 u { x } ... @defer { v1 } } }")

    assert services(node["primary"]["node"]) == ["a", "b", "c"]
    assert node["deferred"][0]["depends"] == [{"id": "0"}]


def test_what_a_deferred_field_requires_is_deferred_too() -> None:
    node = parts("{ t { v0 ... @defer { v3 } } }")

    assert services(node["primary"]["node"]) == ["a"]
    assert services(node["deferred"][0]["node"]) == ["b", "c"]


def test_what_both_parts_select_is_fetched_once_in_the_primary() -> None:
    node = parts("{ t { v0 v2 ... @defer { v0 v2 v1 } } }")

    assert services(node["primary"]["node"]) == ["a", "b"]
    assert services(node["deferred"][0]["node"]) == ["a"]
    assert node["deferred"][0]["subselection"] == "{ v0 v2 v1 }"


def test_a_part_that_adds_nothing_has_no_fetches() -> None:
    [deferred] = parts("{ t { v0 ... @defer { v0 __typename } } }")["deferred"]

    assert "node" not in deferred
    assert deferred["depends"] == []


def test_what_no_key_leads_to_is_fetched_with_the_primary() -> None:
    node = parts("{ t { value { a ... @defer { b } } } }")

    assert "b" in node["primary"]["node"]["operation"]
    assert node["primary"]["subselection"] == "{ t { value { a } } }"
    assert node["deferred"] == [
        {"depends": [], "queryPath": ["t", "value"], "subselection": "{ b }"}
    ]


def test_entities_below_a_value_are_deferred_as_far_as_keys_go() -> None:
    node = parts("{ t { value { a ... @defer { u { x } } } } }")

    assert services(node["primary"]["node"]) == ["a"]
    [deferred] = node["deferred"]
    assert deferred["depends"] == [{"id": "0"}]
    assert deferred["node"]["path"] == ["t", "value", "u"]


def test_siblings_are_fetched_apart() -> None:
    node = parts('{ t { v0 ... @defer(label: "x") { v2 } ... @defer(label: "y") { u { y } } } }')

    assert [item["label"] for item in node["deferred"]] == ["x", "y"]
    assert [services(item["node"]) for item in node["deferred"]] == [["b"], ["b", "c"]]


def test_a_part_inside_a_part_waits_for_what_that_fetched() -> None:
    node = parts('{ t { v0 ... @defer { u { x ... @defer(label: "in") { y } } } } }')
    [outer] = node["deferred"]
    nested = outer["node"]

    assert nested["kind"] == "Defer"
    assert "subselection" not in outer
    assert nested["primary"]["subselection"] == "{ u { x } }"
    assert services(nested["primary"]["node"]) == ["b", "c"]
    [inner] = nested["deferred"]
    assert (inner["label"], inner["queryPath"]) == ("in", ["t", "u"])
    assert services(inner["node"]) == ["c"]
    [awaited] = inner["depends"]
    assert nested["primary"]["node"]["nodes"][0]["node"]["id"] == awaited["id"]


def test_a_part_inside_a_part_may_need_no_more_than_the_primary() -> None:
    [outer] = parts("{ t { v0 ... @defer { v2 ... @defer { v1 } } } }")["deferred"]
    [inner] = outer["node"]["deferred"]

    assert outer["depends"] == inner["depends"] == [{"id": "0"}]


def test_deferred_root_fields_wait_for_nothing() -> None:
    node = parts("{ t { v0 } ... @defer { ts { v2 } } }")

    assert services(node["primary"]["node"]) == ["a"]
    [deferred] = node["deferred"]
    assert (deferred["depends"], deferred["queryPath"]) == ([], [])
    assert services(deferred["node"]) == ["a", "b"]


def test_an_operation_may_be_deferred_as_a_whole() -> None:
    node = parts("{ ... @defer { t { v0 } } }")

    assert node["primary"] == {}
    assert services(node["deferred"][0]["node"]) == ["a"]


def test_a_field_with_nothing_left_asks_for_its_type() -> None:
    assert parts("{ t { ... @defer { v0 } } }")["primary"]["subselection"] == "{ t { __typename } }"


def test_mutations_defer_below_their_root_and_do_not_wait_for_it() -> None:
    node = parts("mutation { a: change { v0 ... @defer { v2 } } b: change { v1 } }")

    assert services(node["primary"]["node"]) == ["a"]
    assert services(node["deferred"][0]["node"]) == ["b"]
    apart = parts("mutation { a: change { v0 ... @defer { v2 } } b: change { v2 } }")
    assert services(apart["primary"]["node"]) == ["a", "b"]


@pytest.mark.parametrize(
    "query",
    [
        "mutation { ... @defer { change { v0 } } }",
        "subscription { ... @defer { changed { v0 } } }",
        "subscription { changed { v0 ... @defer { v1 } } }",
        '{ t { ... @defer(label: "x") { v0 } ... @defer(label: "x") { v1 } } }',
        "query ($l: String) { t { ... @defer(label: $l) { v0 } } }",
        "{ t @defer { v0 } }",
    ],
)
def test_the_rules_of_the_directive_hold(query: str) -> None:
    assert validate(PLANNER.api_schema, parse(query))


def test_literal_false_is_not_deferred_and_literal_true_is() -> None:
    assert plan("{ t { v0 ... @defer(if: false) { v2 } } }").incremental is None
    assert plan("subscription { changed { v0 ... @defer(if: false) { v1 } } }").incremental is None
    assert parts("{ t { v0 ... @defer(if: true) { v2 } } }")


def test_a_variable_makes_a_condition_with_both_plans() -> None:
    planned = plan("query ($x: Boolean!) { t { v0 ... @defer(if: $x) { v2 } } }")
    node = plan_to_json(planned)["node"]

    assert (node["kind"], node["condition"]) == ("Condition", "x")
    assert (node["ifClause"]["kind"], node["elseClause"]["kind"]) == ("Defer", "Sequence")
    assert print_plan(planned).count("Then {") == print_plan(planned).count("Else {") == 1
    assert isinstance(decide(planned, {"x": True}).incremental, DeferNode)
    assert print_plan(decide(planned, {"x": False})) == print_plan(plan("{ t { v0 v2 } }"))


def test_an_excluded_part_is_not_shown() -> None:
    planned = plan("query ($x: Boolean!) { t { v0 } ts @skip(if: $x) { v0 ... @defer { v2 } } }")

    assert "Deferred" in print_plan(decide(planned, {"x": False}))
    assert "Deferred" not in print_plan(decide(planned, {"x": True}))


def depth(node: IncrementalNode | None) -> int:
    return 1 + depth(node.deferring) if isinstance(node, DeferConditionNode) else 0


def test_more_variables_than_the_maximum_decide_nothing() -> None:
    names = [f"c{number}" for number in range(DEFERRAL_VARIABLES_MAX + 2)]
    fragments = " ".join(f"... @defer(if: ${name}) {{ {name}: v2 }}" for name in names)
    definitions = ", ".join(f"${name}: Boolean!" for name in names)

    planned = plan(f"query ({definitions}) {{ t {{ v0 {fragments} }} }}")

    assert depth(planned.incremental) == DEFERRAL_VARIABLES_MAX


def test_more_deferred_fragments_than_the_maximum_are_not_deferred() -> None:
    fragments = " ".join(f"... @defer {{ a{number}: v2 }}" for number in range(DEFERRALS_MAX + 3))

    assert len(parts(f"{{ t {{ v0 {fragments} }} }}")["deferred"]) == DEFERRALS_MAX


def test_a_fragment_is_deferred_only_where_it_is_spread_so() -> None:
    fragment = "fragment F on T { v2 }"

    assert parts("{ t { ...F @defer } } " + fragment)["deferred"][0]["node"]
    for spreads in ("...F @defer ...F", "...F ...F @defer"):
        node = parts(f"{{ t {{ {spreads} }} }} {fragment}")
        assert services(node["primary"]["node"]) == ["a", "b"]
        assert "node" not in node["deferred"][0]


def test_pictures_show_what_is_deferred_and_what_it_waits_for() -> None:
    planned = plan('{ t { v2 ... @defer(label: "more") { v1 } } }')

    assert [(item.wave, item.waits_for, item.deferred) for item in planned_fetches(planned)] == [
        (1, (), None),
        (2, (1,), None),
        (2, (1,), "more"),
    ]
    assert "deferred: more" in mermaid(planned)


def test_the_directive_is_known_only_where_it_is_switched_on() -> None:
    without = Planner(parse_supergraph(compose_supergraph(SUBGRAPHS)))
    query = parse("{ t { ... @defer { v0 } } }")

    def names(planner: Planner) -> list[str]:
        schema = introspection_from_schema(planner.api_schema)["__schema"]
        return [directive["name"] for directive in schema["directives"]]

    assert "defer" in names(PLANNER)
    assert "defer" not in names(without)
    [error] = validate(without.api_schema, query)
    assert error.message == "Unknown directive '@defer'."
    assert without.plan(query, None).incremental is None


def test_an_operation_that_reads_contexts_is_not_deferred() -> None:
    shop = """
    type Query { shop: Shop }
    type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String! item: Item }
    type Item @key(fields: "id") {
      id: ID!
      name: String
      price(in: String @fromContext(field: "$shop { currency }")): Int
    }
    """
    planner = Planner(parse_supergraph(compose_supergraph({"shop": shop})), defers=True)

    def printed(query: str) -> str:
        return print_plan(planner.plan(parse(query), None))

    plain = printed("{ shop { item { name price } } }")
    assert printed("{ shop { item { name ... @defer { price } } } }") == plain
    assert "Deferred" in printed("{ shop { item { id ... @defer { name } } } }")
