"""Plans of small supergraphs, as printed: one rule of the planner each."""

from tests.kit.check_plan import check_plan

USERS = """
type Query { me: User, users: [User!]! }
type User @key(fields: "id") { id: ID! name: String! @shareable email: String! }
"""
REVIEWS = """
type User @key(fields: "id") {
  id: ID!
  name: String! @external
  reviews: [Review!]!
  signature: String! @requires(fields: "name")
}
type Review { id: ID! body: String! author: User! @provides(fields: "name") }
"""


def test_a_required_field_is_fetched_before_it_is_sent() -> None:
    check_plan(
        {"users": USERS, "reviews": REVIEWS},
        "{ me { signature } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  __typename
                  id
                  name
                }
              }
            }
            Flatten(path: "me") {
              Fetch(service: "reviews") {
                {
                  ... on User {
                    __typename
                    id
                    name
                  }
                } =>
                {
                  ... on User {
                    signature
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_provided_field_costs_no_fetch_of_its_own() -> None:
    check_plan(
        {"users": USERS, "reviews": REVIEWS},
        "{ me { reviews { author { name email } } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  __typename
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
                      author {
                        __typename
                        name
                        id
                      }
                    }
                  }
                }
              }
            }
            Flatten(path: "me.reviews.@.author") {
              Fetch(service: "users") {
                {
                  ... on User {
                    __typename
                    id
                  }
                } =>
                {
                  ... on User {
                    email
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_key_gets_a_free_name_where_the_client_took_its_own() -> None:
    check_plan(
        {"users": USERS, "reviews": REVIEWS},
        "{ me { id: name signature } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  __typename
                  id: name
                  _id_0: id
                  name
                }
              }
            }
            Flatten(path: "me") {
              Fetch(service: "reviews") {
                {
                  ... on User {
                    __typename
                    _id_0: id
                    name
                  }
                } =>
                {
                  ... on User {
                    signature
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_fetch_that_only_serves_a_conditional_field_is_conditional() -> None:
    check_plan(
        {"users": USERS, "reviews": REVIEWS},
        "query ($full: Boolean!) { me { name reviews @include(if: $full) { body } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "users") {
              {
                me {
                  __typename
                  name
                  id
                }
              }
            }
            Include(if: $full) {
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
                      reviews @include(if: $full) {
                        body
                      }
                    }
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_key_that_only_a_third_subgraph_knows_is_fetched_there_first() -> None:
    check_plan(
        {
            "a": """
                type Query { p: P }
                type P @key(fields: "id") { id: ID! }
            """,
            "b": """
                type P @key(fields: "id") @key(fields: "upc") { id: ID! upc: ID! }
            """,
            "c": """
                type P @key(fields: "upc") { upc: ID! price: Int }
            """,
        },
        "{ p { price } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                p {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "p") {
              Fetch(service: "b") {
                {
                  ... on P {
                    __typename
                    id
                  }
                } =>
                {
                  ... on P {
                    upc
                  }
                }
              }
            }
            Flatten(path: "p") {
              Fetch(service: "c") {
                {
                  ... on P {
                    __typename
                    upc
                  }
                } =>
                {
                  ... on P {
                    price
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_root_fields_of_a_mutation_wait_for_all_of_the_one_before() -> None:
    check_plan(
        {
            "a": """
                type Query { x: Int }
                type Mutation { one: P! three: P! }
                type P @key(fields: "id") { id: ID! n: Int }
            """,
            "b": """
                type Mutation { two: P! }
                type P @key(fields: "id") { id: ID! m: Int }
            """,
        },
        "mutation { one { m } two { n } three { id } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                one {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "one") {
              Fetch(service: "b") {
                {
                  ... on P {
                    __typename
                    id
                  }
                } =>
                {
                  ... on P {
                    m
                  }
                }
              }
            }
            Fetch(service: "b") {
              {
                two {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "two") {
              Fetch(service: "a") {
                {
                  ... on P {
                    __typename
                    id
                  }
                } =>
                {
                  ... on P {
                    n
                  }
                }
              }
            }
            Fetch(service: "a") {
              {
                three {
                  id
                }
              }
            }
          }
        }
        """,
    )


def test_a_subscription_is_a_primary_fetch_and_the_rest_per_event() -> None:
    check_plan(
        {
            "a": """
                type Query { x: Int }
                type Subscription { ticks: P! }
                type P @key(fields: "id") { id: ID! }
            """,
            "b": """
                type P @key(fields: "id") { id: ID! m: Int }
            """,
        },
        "subscription S { ticks { id m } }",
        """
        QueryPlan {
          Subscription {
            Primary {
              Fetch(service: "a") {
                {
                  ticks {
                    __typename
                    id
                  }
                }
              }
            }
            Rest {
              Flatten(path: "ticks") {
                Fetch(service: "b") {
                  {
                    ... on P {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on P {
                      m
                    }
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_shared_root_field_is_split_where_no_subgraph_has_it_all() -> None:
    check_plan(
        {
            "a": """
                type Query { box: Box @shareable }
                type Box @shareable { width: Int depth: Int }
            """,
            "b": """
                type Query { box: Box @shareable }
                type Box @shareable { depth: Int height: Int }
            """,
        },
        "{ box { width depth height } }",
        """
        QueryPlan {
          Parallel {
            Fetch(service: "a") {
              {
                box {
                  width
                  depth
                }
              }
            }
            Fetch(service: "b") {
              {
                box {
                  height
                }
              }
            }
          }
        }
        """,
    )


def test_the_subgraph_that_serves_more_fields_is_preferred() -> None:
    check_plan(
        {
            "a": """
                type Query { p: P }
                type P @key(fields: "id") { id: ID! }
            """,
            "b": """
                type P @key(fields: "id") { id: ID! x: Int @shareable }
            """,
            "c": """
                type P @key(fields: "id") { id: ID! x: Int @shareable y: Int }
            """,
        },
        "{ p { x y } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                p {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "p") {
              Fetch(service: "c") {
                {
                  ... on P {
                    __typename
                    id
                  }
                } =>
                {
                  ... on P {
                    x
                    y
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_field_waits_for_all_fetches_its_requirement_came_from() -> None:
    check_plan(
        {
            "a": """
                type Query { p: P }
                type P @key(fields: "id") { id: ID! }
            """,
            "b": """
                type P @key(fields: "id") { id: ID! x: Int }
            """,
            "c": """
                type P @key(fields: "id") { id: ID! y: Int }
            """,
            "d": """
                type P @key(fields: "id") {
                  id: ID!
                  x: Int @external
                  y: Int @external
                  sum: Int @requires(fields: "x y")
                }
            """,
        },
        "{ p { sum } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                p {
                  __typename
                  id
                }
              }
            }
            Parallel {
              Flatten(path: "p") {
                Fetch(service: "b") {
                  {
                    ... on P {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on P {
                      x
                    }
                  }
                }
              }
              Flatten(path: "p") {
                Fetch(service: "c") {
                  {
                    ... on P {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on P {
                      y
                    }
                  }
                }
              }
            }
            Flatten(path: "p") {
              Fetch(service: "d") {
                {
                  ... on P {
                    __typename
                    id
                    x
                    y
                  }
                } =>
                {
                  ... on P {
                    sum
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_nested_requirement_is_fetched_where_it_stands() -> None:
    check_plan(
        {
            "orgs": """
                type Query { o: O }
                type O @key(fields: "id") { id: ID! plan: String }
            """,
            "tasks": """
                type Query { t: T }
                type T @key(fields: "id") { id: ID! o: O cost: Int @requires(fields: "o { plan }") }
                type O @key(fields: "id") { id: ID! plan: String @external }
            """,
        },
        "{ t { cost } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "tasks") {
              {
                t {
                  __typename
                  id
                  o {
                    __typename
                    id
                  }
                }
              }
            }
            Flatten(path: "t.o") {
              Fetch(service: "orgs") {
                {
                  ... on O {
                    __typename
                    id
                  }
                } =>
                {
                  ... on O {
                    plan
                  }
                }
              }
            }
            Flatten(path: "t") {
              Fetch(service: "tasks") {
                {
                  ... on T {
                    __typename
                    id
                    o {
                      plan
                    }
                  }
                } =>
                {
                  ... on T {
                    cost
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_field_of_an_interface_is_fetched_per_type_in_one_request() -> None:
    check_plan(
        {
            "tasks": """
                type Query { accounts: [Account!]! }
                interface Account { id: ID! }
                type Bot implements Account @key(fields: "id") { id: ID! }
                type Phone implements Account @key(fields: "id") { id: ID! }
            """,
            "accounts": """
                interface Account { id: ID! label: String }
                type Bot implements Account @key(fields: "id") { id: ID! label: String }
                type Phone implements Account @key(fields: "id") {
                  id: ID!
                  label: String
                  number: String
                }
            """,
        },
        "{ accounts { label ... on Phone { number } } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "tasks") {
              {
                accounts {
                  __typename
                  ... on Bot {
                    __typename
                    id
                  }
                  ... on Phone {
                    __typename
                    id
                  }
                }
              }
            }
            Flatten(path: "accounts.@") {
              Fetch(service: "accounts") {
                {
                  ... on Bot {
                    __typename
                    id
                  }
                  ... on Phone {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Bot {
                    label
                  }
                  ... on Phone {
                    label
                    number
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_conditions_of_nested_fragments_stay_apart() -> None:
    check_plan(
        {"users": USERS, "reviews": REVIEWS},
        """
        query Q($a: Boolean!, $b: Boolean!) { me { ...F @include(if: $a) } }
        fragment F on User { name ... @include(if: $b) { email } }
        """,
        """
        QueryPlan {
          Fetch(service: "users") {
            {
              me {
                name @include(if: $a)
                ... @include(if: $b) {
                  ... @include(if: $a) {
                    email
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_fragment_on_the_only_implementation_keeps_its_type() -> None:
    check_plan(
        {
            "a": """
                type Query { task: Task }
                interface Task { id: ID! }
                type Campaign implements Task { id: ID! name: String }
            """,
        },
        "{ task { id ... on Campaign { name } } }",
        """
        QueryPlan {
          Fetch(service: "a") {
            {
              task {
                __typename
                id
                ... on Campaign {
                  name
                }
              }
            }
          }
        }
        """,
    )


def test_places_that_ask_one_subgraph_at_the_same_time_share_a_request() -> None:
    check_plan(
        {
            "a": """
                type Query { left: P right: P other: Q }
                type P @key(fields: "id") { id: ID! }
                type Q @key(fields: "id") { id: ID! }
            """,
            "b": """
                type P @key(fields: "id") { id: ID! x: Int }
                type Q @key(fields: "id") { id: ID! y: Int }
            """,
        },
        "{ left { x } right { x } other { y } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                left {
                  __typename
                  id
                }
                right {
                  __typename
                  id
                }
                other {
                  __typename
                  id
                }
              }
            }
            BatchFetch(service: "b") {
              Flatten(paths: ["left", "right"]) {
                {
                  ... on P {
                    __typename
                    id
                  }
                } =>
                {
                  ... on P {
                    x
                  }
                }
              }
              Flatten(paths: ["other"]) {
                {
                  ... on Q {
                    __typename
                    id
                  }
                } =>
                {
                  ... on Q {
                    y
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_a_fetch_nobody_waits_for_joins_a_later_one_of_the_same_entities() -> None:
    check_plan(
        {
            "a": """
                type Query { p: P }
                type P @key(fields: "id") { id: ID! }
            """,
            "b": 'type P @key(fields: "id") { id: ID! price: Int }',
            "c": """
                type P @key(fields: "id") {
                  id: ID!
                  price: Int @external
                  inStock: Boolean
                  shipping: Int @requires(fields: "price")
                }
            """,
        },
        "{ p { inStock shipping } }",
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a") {
              {
                p {
                  __typename
                  id
                }
              }
            }
            Flatten(path: "p") {
              Fetch(service: "b") {
                {
                  ... on P {
                    __typename
                    id
                  }
                } =>
                {
                  ... on P {
                    price
                  }
                }
              }
            }
            Flatten(path: "p") {
              Fetch(service: "c") {
                {
                  ... on P {
                    __typename
                    id
                    price
                  }
                } =>
                {
                  ... on P {
                    shipping
                    inStock
                  }
                }
              }
            }
          }
        }
        """,
    )


def test_an_interface_object_is_entered_under_the_interfaces_name() -> None:
    check_plan(
        {
            "media": """
                type Query { media: [Media!]! }
                interface Media @key(fields: "id") { id: ID! title: String }
                type Book implements Media @key(fields: "id") { id: ID! title: String }
                type Film implements Media @key(fields: "id") { id: ID! title: String }
            """,
            "reviews": """
                type Query { best: Media }
                type Media @key(fields: "id") @interfaceObject { id: ID! score: Int }
            """,
        },
        "{ best { score ... on Book { title } } media { title score } }",
        """
        QueryPlan {
          Parallel {
            Sequence {
              Fetch(service: "media") {
                {
                  media {
                    __typename
                    title
                    ... on Book {
                      __typename
                      id
                    }
                    ... on Film {
                      __typename
                      id
                    }
                  }
                }
              }
              Flatten(path: "media.@") {
                Fetch(service: "reviews") {
                  {
                    ... on Media {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Media {
                      score
                    }
                  }
                }
              }
            }
            Sequence {
              Fetch(service: "reviews") {
                {
                  best {
                    score
                    id
                  }
                }
              }
              Flatten(path: "best") {
                Fetch(service: "media") {
                  {
                    ... on Media {
                      __typename
                      id
                    }
                  } =>
                  {
                    ... on Media {
                      __typename
                      ... on Book {
                        title
                      }
                    }
                  }
                }
              }
            }
          }
        }
        """,
    )
