"""A supergraph that Federation 1 composed is planned like one of today."""

from textwrap import dedent

from graphql import parse, validate

from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import Planner
from supergraph.planner.print import print_plan

SUPERGRAPH = """
schema
  @core(feature: "https://specs.apollo.dev/core/v0.1")
  @core(feature: "https://specs.apollo.dev/join/v0.1")
{ query: Query }

directive @core(feature: String!) repeatable on SCHEMA
directive @join__field(
  graph: join__Graph, provides: join__FieldSet, requires: join__FieldSet
) on FIELD_DEFINITION
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT | INTERFACE
directive @join__owner(graph: join__Graph!) on OBJECT | INTERFACE
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
scalar join__FieldSet
enum join__Graph {
  ACCOUNTS @join__graph(name: "accounts" url: "http://accounts")
  REVIEWS @join__graph(name: "reviews" url: "http://reviews")
}

type Query {
  me: User @join__field(graph: ACCOUNTS)
  latest: [Post!]! @join__field(graph: REVIEWS)
}
interface Post { id: ID! stamp: Stamp }
type Stamp { day: Int! }
type Review implements Post
  @join__owner(graph: REVIEWS)
  @join__type(graph: REVIEWS, key: "id")
{
  id: ID! @join__field(graph: REVIEWS)
  stamp: Stamp @join__field(graph: REVIEWS)
  author: User @join__field(graph: REVIEWS, provides: "name")
}
type User
  @join__owner(graph: ACCOUNTS)
  @join__type(graph: ACCOUNTS, key: "id")
  @join__type(graph: REVIEWS, key: "id")
{
  id: ID! @join__field(graph: ACCOUNTS)
  name: String @join__field(graph: ACCOUNTS)
  reviews: [Review!] @join__field(graph: REVIEWS)
}
"""


def check(query: str, expected: str) -> None:
    planner = Planner(parse_supergraph(SUPERGRAPH))
    document = parse(query)
    assert validate(planner.api_schema, document) == []
    assert print_plan(planner.plan(document, None)) == dedent(expected).strip()


def test_an_entity_is_entered_by_its_key() -> None:
    check(
        "{ me { name reviews { id } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "accounts") {
              {
                me {
                  __typename
                  name
                  id
                }
              }
            }
            Flatten(path: "me") {
              Fetch(service: "reviews") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    reviews {
                      id
                    }
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_value_types_and_the_keys_of_others_are_known_everywhere() -> None:
    check(
        "{ latest { stamp { day } ... on Review { author { id } } } }",
        """
        QueryPlan {
          Fetch(service: "reviews") {
            {
              latest {
                __typename
                stamp {
                  day
                }
                ... on Review {
                  author {
                    id
                  }
                }
              }
            }
          }
        }
        """,
    )
