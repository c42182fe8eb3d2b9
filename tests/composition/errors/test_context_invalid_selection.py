"""CONTEXT_INVALID_SELECTION."""

from tests.composition.kit import check_composition


def test_unknown_field() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { nope }")): Int }
            """,
        },
        errors=["CONTEXT_INVALID_SELECTION"],
        says=['no field "nope"'],
    )


def test_several_fields() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { id name }")): Int }
            """,
        },
        errors=["CONTEXT_INVALID_SELECTION"],
        says=["several fields"],
    )


def test_another_type() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { u { id } }")): Int }
            """,
        },
        errors=["CONTEXT_INVALID_SELECTION"],
        says=['takes "String"'],
    )


def test_alias() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { x: name }")): Int }
            """,
        },
        errors=["CONTEXT_INVALID_SELECTION"],
        says=["aliases"],
    )


def test_condition_that_never_fits() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { ... on U { id } }")): Int }
            """,
        },
        errors=["CONTEXT_INVALID_SELECTION"],
        says=["no condition fits"],
    )


def test_no_selection_of_an_object() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { id: ID! u: U name: String! }
            type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { u }")): Int }
            """,
        },
        errors=["CONTEXT_INVALID_SELECTION"],
        says=["needs a selection"],
    )
