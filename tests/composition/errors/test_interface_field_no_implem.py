"""INTERFACE_FIELD_NO_IMPLEM."""

from tests.composition.kit import check_composition


def test_field_of_another_subgraph() -> None:
    check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { x: Int }
            type A implements I { x: Int }
            """,
            "b": """
            interface I { x: Int y: Int }
            type B implements I { x: Int y: Int }
            """,
        },
        errors=["INTERFACE_FIELD_NO_IMPLEM"],
        says=['"I.y"', '"A"'],
    )
