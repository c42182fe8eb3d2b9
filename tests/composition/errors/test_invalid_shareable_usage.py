"""INVALID_SHAREABLE_USAGE."""

from tests.composition.kit import check_composition


def test_field_of_an_interface() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { n: Int @shareable }
            type X implements I { n: Int }
            """,
        },
        errors=["INVALID_SHAREABLE_USAGE"],
        says=['"I.n"'],
    )


def test_twice_on_one_declaration() -> None:
    check_composition(
        {
            "a": "type Query { a: Int @shareable @shareable }",
        },
        errors=["INVALID_SHAREABLE_USAGE"],
        says=["twice"],
    )
