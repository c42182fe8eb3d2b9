"""Requests that depend on `@skip` and `@include`."""

from supergraph.planner.operation import Condition
from supergraph.planner.plan_nodes import (
    ConditionNode,
    EntityGroup,
    FetchNode,
    RequiredField,
    SequenceNode,
)
from tests.kit.check_plan import check_plan, plan, requests_of

PRODUCTS = {
    "a": """
        type Query { product: Product }
        type Product @key(fields: "id") { id: ID! price: Float! }
    """,
    "b": """
        type Product @key(fields: "id") {
          id: ID!
          price: Float! @external
          isDear: Boolean! @requires(fields: "price")
        }
    """,
    "c": """
        type Product @key(fields: "id") {
          id: ID!
          isDear: Boolean! @external
          label: String @requires(fields: "isDear")
        }
    """,
}


def test_what_only_a_conditional_fetch_requires_is_fetched_under_its_condition() -> None:
    check_plan(
        PRODUCTS,
        "query ($full: Boolean!) { product { price label @include(if: $full) } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                product {
                  __typename
                  price
                  id
                }
              }
            }
            Include(if: $full) {
              Flatten(path: "product") {
                Fetch(service: "b") {
                  {
                    ... on Product {
                      __typename
                      id
                      price
                    }
                  } =>
                  {
                    ... on Product {
                      isDear
                    }
                  }
                }
              }
            }
            Include(if: $full) {
              Flatten(path: "product") {
                Fetch(service: "c") {
                  {
                    ... on Product {
                      __typename
                      id
                      isDear
                    }
                  } =>
                  {
                    ... on Product {
                      label @include(if: $full)
                    }
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_what_the_client_selects_too_is_fetched_under_no_condition() -> None:
    found = plan(
        PRODUCTS, "query ($full: Boolean!) { product { isDear label @include(if: $full) } }"
    )
    assert isinstance(found.node, SequenceNode)
    assert [type(node) for node in found.node.nodes] == [FetchNode, FetchNode, ConditionNode]


def test_a_typename_beside_a_conditional_field_is_fetched_all_the_same() -> None:
    found = plan(
        {
            "media": """
                type Query { media: [Media!]! }
                interface Media @key(fields: "id") { id: ID! title: String }
                type Book implements Media @key(fields: "id") { id: ID! title: String }
            """,
            "reviews": """
                type Query { best: Media }
                type Media @key(fields: "id") @interfaceObject { id: ID! score: Int }
            """,
        },
        "query ($full: Boolean!) { best { __typename title @include(if: $full) } }",
    )
    assert isinstance(found.node, SequenceNode)
    assert [type(node) for node in found.node.nodes] == [FetchNode, FetchNode]


def test_a_field_selected_twice_needs_for_the_one_only_what_is_fetched_for_the_other() -> None:
    """What a conditional occurrence requires is not there when only the other one counts."""
    subgraphs = {
        "shop": """
            type Query { shop: Shop }
            type Shop @key(fields: "id") { id: ID! city: String }
        """,
        "maps": """
            type Shop @key(fields: "id") {
              id: ID!
              city: String @external
              map: String @requires(fields: "city")
              zone: String
            }
        """,
    }
    query = "query ($full: Boolean!) { shop @include(if: $full) { map } shop { zone } }"
    _, entities = requests_of(plan(subgraphs, query))
    first, second = entities.entities
    assert first.conditions == {Condition("full", includes=True)}
    assert [required_names(group) for group in (first, second)] == [["id", "city"], ["id"]]
    assert second.conditions == frozenset()


def required_names(group: EntityGroup) -> list[str]:
    return [
        selection.name
        for fragment in group.requires
        for selection in fragment.selections
        if isinstance(selection, RequiredField)
    ]
