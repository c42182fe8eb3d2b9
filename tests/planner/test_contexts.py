"""`@context`: values are fetched above the fields that read them, and passed as arguments."""

import pytest
from graphql import parse

from supergraph.errors import GatewayError
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import Planner
from supergraph.planner.serialize import plan_to_json
from tests.kit.check_plan import check_plan, compose_supergraph, plan

SHOPS = """
type Query { shop: Shop, rental: Rental }
interface Rental { place: Place }
type Shop implements Rental @key(fields: "id") @context(name: "shop") {
  id: ID!
  currency: String
  place: Place
  address: Address
}
type Stall implements Rental @key(fields: "id") @context(name: "shop") {
  id: ID!
  owner: Owner
  place: Place
}
type Owner { currency: String }
type Place { item: Item }
type Address { city: String }
type Item @key(fields: "id") {
  id: ID!
  name: String
  price(
    in: String
      @fromContext(field: "$shop ... on Shop { currency } ... on Stall { owner { currency } }")
    digits: Int
  ): Int
}
"""
TAXES = """
type Item @key(fields: "id") {
  id: ID!
  price(digits: Int): Int @external
  tax: Int @requires(fields: "price(digits: 2)")
}
"""


def test_entity_is_entered_again_with_the_value_of_the_object_above() -> None:
    check_plan(
        {"shops": SHOPS},
        "{ shop { place { item { name price(digits: 2) } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "shops") {
              {
                shop {
                  currency
                  place {
                    item {
                      __typename
                      name
                      id
                    }
                  }
                }
              }
            }
            Flatten(path: "shop.place.item") {
              Fetch(service: "shops") {
                $contextualArgument_1_0: "../../... on Shop/currency"
                {
                  ... on Item {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Item {
                    price(digits: 2, in: $contextualArgument_1_0)
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_each_type_that_sets_the_context_selects_its_own_value() -> None:
    check_plan(
        {"shops": SHOPS},
        "{ rental { place { item { price } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "shops") {
              {
                rental {
                  __typename
                  place {
                    item {
                      __typename
                      id
                    }
                  }
                  ... on Shop {
                    currency
                  }
                  ... on Stall {
                    owner {
                      currency
                    }
                  }
                }
              }
            }
            Flatten(path: "rental.place.item") {
              Fetch(service: "shops") {
                $contextualArgument_1_0: "../../... on Shop/currency"
                $contextualArgument_1_0: "../../... on Stall/owner/currency"
                {
                  ... on Item {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Item {
                    price(in: $contextualArgument_1_0)
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_value_of_another_subgraph_is_waited_for() -> None:
    check_plan(
        {
            "shops": """
            type Query { shop: Shop }
            type Shop @key(fields: "id") @context(name: "shop") {
              id: ID!
              currency: String @external
              item: Item
            }
            type Item @key(fields: "id") {
              id: ID!
              price(in: String @fromContext(field: "$shop { currency }")): Int
            }
            """,
            "money": 'type Shop @key(fields: "id") { id: ID! currency: String }',
        },
        "{ shop { currency: id item { price } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "shops") {
              {
                shop {
                  __typename
                  currency: id
                  item {
                    __typename
                    id
                  }
                  id
                }
              }
            }
            Flatten(path: "shop") {
              Fetch(service: "money") {
                {
                  ... on Shop {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Shop {
                    _currency_0: currency
                  }
                }
              }
            }
            Flatten(path: "shop.item") {
              Fetch(service: "shops") {
                $contextualArgument_2_0: "../... on Shop/_currency_0"
                {
                  ... on Item {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Item {
                    price(in: $contextualArgument_2_0)
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_requirement_reads_a_context_as_well() -> None:
    check_plan(
        {"shops": SHOPS, "taxes": TAXES},
        "{ shop { place { item { tax } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "shops") {
              {
                shop {
                  currency
                  place {
                    item {
                      __typename
                      id
                    }
                  }
                }
              }
            }
            Flatten(path: "shop.place.item") {
              Fetch(service: "shops") {
                $contextualArgument_1_0: "../../... on Shop/currency"
                {
                  ... on Item {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Item {
                    price(digits: 2, in: $contextualArgument_1_0)
                  }
                }
              }
            }
            Flatten(path: "shop.place.item") {
              Fetch(service: "taxes") {
                {
                  ... on Item {
                    __typename
                    id
                    price
                  }
                } =>
                {
                  ... on Item {
                    tax
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_rewrites_stand_in_the_json_as_in_apollos_plans() -> None:
    found = plan_to_json(
        plan({"shops": SHOPS}, "query Q($d: Int) { shop { place { item { price(digits: $d) } } } }")
    )
    fetch = found["node"]["nodes"][1]["node"]

    assert fetch["contextRewrites"] == [
        {
            "kind": "KeyRenamer",
            "path": ["..", "..", "... on Shop", "currency"],
            "renameKeyTo": "contextualArgument_1_0",
        }
    ]
    assert fetch["variableUsages"] == ["d", "contextualArgument_1_0"]
    assert fetch["operation"] == (
        "query Q__shops__1($representations: [_Any!]!, $contextualArgument_1_0: String, $d: Int) "
        "{ _entities(representations: $representations) "
        "{ ... on Item { price(digits: $d, in: $contextualArgument_1_0) } } }"
    )


def test_places_at_different_depths_have_rewrites_of_their_own() -> None:
    subgraphs = {"shops": SHOPS.replace("address: Address", "item: Item")}
    found = plan_to_json(plan(subgraphs, "{ shop { item { price } place { item { price } } } }"))
    aliases = found["node"]["nodes"][1]["entityBatch"]["aliases"]

    assert [
        (alias["alias"], rewrite["path"], rewrite["renameKeyTo"])
        for alias in aliases
        for rewrite in alias["contextRewrites"]
    ] == [
        ("_e0", ["..", "... on Shop", "currency"], "contextualArgument_1_0_0"),
        ("_e1", ["..", "..", "... on Shop", "currency"], "contextualArgument_1_0_1"),
    ]


def test_operation_without_such_fields_selects_nothing_more() -> None:
    check_plan(
        {"shops": SHOPS},
        "{ shop { place { item { name } } } }",
        """
        QueryPlan {
          Fetch(service: "shops") {
            {
              shop {
                place {
                  item {
                    name
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_override_label_of_a_contexts_value_is_one_that_the_plan_depends_on() -> None:
    moved = """
    type Shop @key(fields: "id") {
      id: ID!
      currency: String @override(from: "shops", label: "money")
    }
    """
    planner = Planner(parse_supergraph(compose_supergraph({"money": moved, "shops": SHOPS})))
    document = parse("{ shop { place { item { price } } } }")

    assert planner.labels_used(document, None) == {"money"}


def test_circle_of_values_and_readers_is_refused() -> None:
    subgraphs = {
        "a": """
                type Query { shop: Shop }
                type Shop @key(fields: "id") @context(name: "shop") {
                  id: ID!
                  item: Item
                  rate: Int @external
                }
                type Item @key(fields: "id") {
                  id: ID!
                  price(at: Int @fromContext(field: "$shop { rate }")): Int
                }
                """,
        "b": """
                type Shop @key(fields: "id") {
                  id: ID!
                  item: Item @external
                  rate: Int @requires(fields: "item { price }")
                }
                type Item @key(fields: "id") { id: ID! price: Int @external }
                """,
    }
    with pytest.raises(GatewayError, match="depends on a field that reads it") as refused:
        plan(subgraphs, "{ shop { item { price } } }")
    assert refused.value.code.name == "QUERY_PLANNING_FAILED"
