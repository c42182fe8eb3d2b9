"""Which of several ways is taken."""

from tests.kit.check_plan import plan, requests_of


def test_of_as_many_requests_the_way_on_which_fewer_types_wait_is_taken() -> None:
    subgraphs = {
        "a": """
            type Query { media: [Media] @shareable }
            union Media = Book | Film
            type Book @key(fields: "id") { id: ID! }
            type Film @key(fields: "id") { id: ID! }
        """,
        "b": """
            type Query { media: [Media] @shareable @provides(fields: "... on Book { title }") }
            union Media = Book | Film
            type Book @key(fields: "id") { id: ID! title: String @external }
            type Film @key(fields: "id") { id: ID! }
        """,
        "c": """
            type Book @key(fields: "id") { id: ID! title: String @shareable }
            type Film @key(fields: "id") { id: ID! title: String @shareable }
        """,
    }
    first, second = requests_of(
        plan(subgraphs, "{ media { ... on Book { title } ... on Film { title } } }")
    )
    assert first.service_name == "b"
    [group] = second.entities
    assert [fragment.type_condition for fragment in group.requires] == ["Film"]


def test_members_of_a_union_that_are_fetched_from_different_subgraphs_cost_a_request_each() -> None:
    entity = 'type {} @key(fields: "id") {{ id: ID! {} }}'
    subgraphs = {
        "one": "type Query { found: [Found] @shareable } union Found = A | B "
        + entity.format("A", "")
        + entity.format("B", ""),
        "two": "type Query { found: [Found] @shareable } union Found = A | B "
        + entity.format("A", "label: String @shareable")
        + entity.format("B", ""),
        "a": entity.format("A", "label: String @shareable"),
        "b": entity.format("B", "label: String"),
    }
    found = requests_of(plan(subgraphs, "{ found { ... on A { label } ... on B { label } } }"))
    assert [fetch.service_name for fetch in found] == ["two", "b"]
