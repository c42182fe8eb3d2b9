"""Progressive `@override`: the subgraph that a field is asked from follows its label."""

from graphql import parse

from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import GRAPHS_MAX, Planner
from supergraph.planner.print import print_plan
from tests.kit.check_plan import check_plan, compose_supergraph

OLD = """
type Query { product: Product }
type Product @key(fields: "id") { id: ID! price: Int @shareable name: String }
"""
NEW = """
type Product @key(fields: "id") {
  id: ID!
  price: Int @shareable @override(from: "old", label: "prices")
  name: String @override(from: "old", label: "percent(10)")
}
"""
TAXES = """
type Product @key(fields: "id") {
  id: ID!
  price: Int @external
  tax: Int @requires(fields: "price")
}
type Query { offer: Product @provides(fields: "price") }
"""
SHOP = {"old": OLD, "new": NEW, "taxes": TAXES}

FROM_OLD = """
QueryPlan {
  Fetch(service: "old") {
    {
      product {
        price
      }
    }
  }
}
"""


def test_old_subgraph_answers_while_the_label_is_inactive() -> None:
    check_plan(SHOP, "{ product { price } }", FROM_OLD)


def test_label_of_another_field_moves_nothing() -> None:
    check_plan(SHOP, "{ product { price } }", FROM_OLD, {"percent(10)", "unheard of"})


def test_new_subgraph_answers_while_the_label_is_active() -> None:
    check_plan(
        SHOP,
        "{ product { price name } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "old") {
              {
                product {
                  __typename
                  name
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "new") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    price
                  }
                }
              }
            }
          }
        }
        """,
        {"prices"},
    )


def test_required_field_is_fetched_from_where_its_label_says() -> None:
    check_plan(
        SHOP,
        "{ product { tax } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "old") {
              {
                product {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "new") {
                {
                  ... on Product {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Product {
                    price
                  }
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "taxes") {
                {
                  ... on Product {
                    __typename
                    id
                    price
                  }
                } =>
                {
                  ... on Product {
                    tax
                  }
                }
              }
            }
          }
        }
        """,
        {"prices"},
    )


def test_field_that_a_third_subgraph_provides_is_taken_from_there_either_way() -> None:
    expected = """
        QueryPlan {
          Fetch(service: "taxes") {
            {
              offer {
                price
              }
            }
          }
        }
        """
    check_plan(SHOP, "{ offer { price } }", expected)
    check_plan(SHOP, "{ offer { price } }", expected, {"prices"})


def test_overridden_key_still_identifies_the_old_subgraph_s_entities() -> None:
    subgraphs = {
        "old": """
        type Query { product: Product }
        type Product @key(fields: "id") @key(fields: "upc") {
          id: ID! upc: ID! @shareable price: Int
        }
        """,
        "new": """
        type Product @key(fields: "id") {
          id: ID!
          upc: ID! @shareable @override(from: "old", label: "upcs")
        }
        """,
        "stock": 'type Product @key(fields: "upc") { upc: ID! @shareable inStock: Boolean }',
    }
    check_plan(
        subgraphs,
        "{ product { inStock } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "old") {
              {
                product {
                  __typename
                  upc
                }
              }
            }
            Flatten(path: "product") {
              Fetch(service: "stock") {
                {
                  ... on Product {
                    __typename
                    upc
                  }
                } =>
                {
                  ... on Product {
                    inStock
                  }
                }
              }
            }
          }
        }
        """,
        {"upcs"},
    )


def test_root_field_moves_with_its_label() -> None:
    subgraphs = {
        "old": "type Query { total: Int other: Int }",
        "new": 'type Query { total: Int @override(from: "old", label: "percent(50)") }',
    }
    check_plan(
        subgraphs,
        "{ total other }",
        """
        QueryPlan {
          Parallel {
            Fetch(service: "new") {
              {
                total
              }
            }
            Fetch(service: "old") {
              {
                other
              }
            }
          }
        }
        """,
        {"percent(50)"},
    )


def planner() -> Planner:
    return Planner(parse_supergraph(compose_supergraph(SHOP)))


def test_plan_depends_on_labels_of_selected_and_required_fields_only() -> None:
    shop = planner()

    assert shop.override_labels == {"prices", "percent(10)"}
    assert shop.labels_used(parse("{ product { id } }"), None) == frozenset()
    assert shop.labels_used(parse("{ product { ... on Product { name } } }"), None) == {
        "percent(10)"
    }
    assert shop.labels_used(parse("{ product { tax } }"), None) == {"prices"}


def test_plan_depends_on_labels_of_keys_of_the_types_it_meets() -> None:
    subgraphs = {
        "old": """
        type Query { nodes: [Node!]! }
        interface Node { owner: User }
        type Task implements Node @key(fields: "owner { email }") { owner: User @shareable }
        type User @key(fields: "email") @key(fields: "id") { id: ID! email: String! @shareable }
        """,
        "new": """
        type User @key(fields: "id") {
          id: ID!
          email: String! @shareable @override(from: "old", label: "emails")
        }
        """,
        "due": """
        type Task @key(fields: "owner { email }") { owner: User @shareable due: String }
        type User @key(fields: "email") { email: String! @shareable }
        """,
    }
    shop = Planner(parse_supergraph(compose_supergraph(subgraphs)))

    assert shop.labels_used(parse("{ nodes { ... on Task { due } } }"), None) == {"emails"}


def test_more_sets_of_labels_than_graphs_are_kept_give_the_same_plans() -> None:
    labels = [f"l{index}" for index in range(GRAPHS_MAX + 2)]
    fields = [f"f{index}: Int" for index in range(len(labels))]
    moved = [
        f'{field} @override(from: "old", label: "{label}")'
        for field, label in zip(fields, labels, strict=True)
    ]
    shop = Planner(
        parse_supergraph(
            compose_supergraph(
                {
                    "old": f"type Query {{ {' '.join(fields)} }}",
                    "new": f"type Query {{ {' '.join(moved)} }}",
                }
            )
        )
    )
    document = parse("{ f0 }")
    first = print_plan(shop.plan(document, None, {"l0"}))
    others = {print_plan(shop.plan(document, None, {label})) for label in labels[1:]}

    assert 'service: "new"' in first
    assert len(others) == 1
    assert print_plan(shop.plan(document, None, {"l0"})) == first
