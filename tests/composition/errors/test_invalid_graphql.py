"""INVALID_GRAPHQL."""

from tests.composition.kit import check_composition, fed1


def test_syntax_error_names_its_place() -> None:
    check_composition(
        {
            "a": fed1("type Query { a: }"),
        },
        errors=["INVALID_GRAPHQL"],
        says=["does not parse"],
        at=[("a", 1, 17)],
    )


def test_unknown_type_names_the_coordinate() -> None:
    check_composition(
        {
            "a": "type Query { a: Missing }",
        },
        errors=["INVALID_GRAPHQL"],
        says=['"Query.a"', '"Missing"'],
        at=[("a", 1, 14)],
    )


def test_directive_that_is_not_imported_says_how_to_get_it() -> None:
    check_composition(
        {
            "a": fed1("type Query { a: Int @shareable }"),
        },
        errors=["INVALID_GRAPHQL"],
        says=["@link"],
    )


def test_wrong_location_of_a_directive() -> None:
    check_composition(
        {
            "a": """
            type Query { a: Int }
            enum E @key(fields: "x") { A }
            """,
        },
        errors=["INVALID_GRAPHQL"],
        says=["ENUM"],
    )


def test_empty_type() -> None:
    check_composition(
        {
            "a": """
            type Query { a: A }
            type A
            """,
        },
        errors=["INVALID_GRAPHQL"],
        says=["at least one field"],
    )


def test_field_defined_twice() -> None:
    check_composition(
        {
            "a": "type Query { a: Int a: Int }",
        },
        errors=["INVALID_GRAPHQL"],
        says=['"Query.a" is defined twice'],
    )


def test_implementation_lacks_a_field() -> None:
    check_composition(
        {
            "a": """
            type Query { a: A }
            interface I { x: Int }
            type A implements I { y: Int }
            """,
        },
        errors=["INVALID_GRAPHQL"],
        says=['lacks its field "x"'],
    )


def test_default_of_the_wrong_type() -> None:
    check_composition(
        {
            "a": 'type Query { a(x: Int = "one"): Int }',
        },
        errors=["INVALID_GRAPHQL"],
        says=['"Query.a(x:)"'],
    )


def test_input_type_that_requires_itself() -> None:
    check_composition(
        {
            "a": """
            type Query { a(x: X): Int }
            input X { y: Y! }
            input Y { x: X! }
            """,
        },
        errors=["INVALID_GRAPHQL"],
        says=["nullable"],
    )


def test_missing_argument_of_a_directive() -> None:
    check_composition(
        {
            "a": """
            type Query { a: A }
            type A @key { id: ID }
            """,
        },
        errors=["INVALID_GRAPHQL"],
        says=['"fields" of "@key"'],
    )
