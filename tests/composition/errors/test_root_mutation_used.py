"""ROOT_MUTATION_USED."""

from tests.composition.kit import check_composition


def test_another_type_is_the_root() -> None:
    check_composition(
        {
            "a": """
            schema { query: Query mutation: Root }
            type Root { a: Mutation }
            type Mutation { x: Int }
            type Query { a: Int }
            """,
        },
        errors=["ROOT_MUTATION_USED"],
        says=['"Root"'],
    )
