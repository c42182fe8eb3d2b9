"""ROOT_SUBSCRIPTION_USED."""

from tests.composition.kit import check_composition


def test_another_type_is_the_root() -> None:
    check_composition(
        {
            "a": """
            schema { query: Query subscription: Root }
            type Root { a: Subscription }
            type Subscription { x: Int }
            type Query { a: Int }
            """,
        },
        errors=["ROOT_SUBSCRIPTION_USED"],
        says=['"Root"'],
    )
