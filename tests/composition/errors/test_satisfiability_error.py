"""SATISFIABILITY_ERROR."""

from tests.composition.kit import check_composition


def test_no_way_to_the_field() -> None:
    check_composition(
        {
            "a": """
            type Query { v: V }
            type V { x: Int @shareable }
            """,
            "b": "type V { x: Int @shareable y: Int }",
        },
        errors=["SATISFIABILITY_ERROR"],
        says=["y"],
    )


def test_an_interface_object_whose_implementations_nobody_can_tell() -> None:
    check_composition(
        {
            "a": """
            interface I { id: ID! }
            type V implements I @key(fields: "id") { id: ID! }
            """,
            "b": """
            type Query { i: I }
            type I @interfaceObject @key(fields: "id") { id: ID! }
            """,
        },
        errors=["SATISFIABILITY_ERROR"],
        says=["Query.i[V]", "give the interface a @key"],
        at=[("b", 2, 6)],
    )


def test_a_query_type_in_an_answer_is_a_new_start() -> None:
    check_composition(
        {
            "a": """
            type Query { a: Int }
            type Mutation { change: Payload }
            type Payload { query: Query }
            """,
            "b": "type Query { b: Int }",
        },
    )


MOVED_BY_LABELS = {
    "a": """
    type Query { v: V }
    type V { x: Int @shareable y: Int @shareable }
    """,
    "b": """
    type V @key(fields: "y") { y: Int x: Int @shareable @override(from: "a", label: "x") }
    """,
}


def test_a_field_that_is_in_reach_whatever_label_is_active() -> None:
    check_composition(MOVED_BY_LABELS)


def test_fields_that_two_labels_together_put_out_of_reach() -> None:
    moved_back = """
    type V @key(fields: "x") { x: Int y: Int @shareable @override(from: "a", label: "y") }
    """
    check_composition(
        MOVED_BY_LABELS | {"c": moved_back},
        errors=["SATISFIABILITY_ERROR"],
        says=['Query.v.x cannot be answered when "x" and "y" override:'],
    )
