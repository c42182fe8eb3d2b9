"""QUERY_ROOT_TYPE_INACCESSIBLE."""

from tests.composition.kit import check_composition


def test_hidden_query() -> None:
    check_composition(
        {
            "a": "type Query @inaccessible { v: Int }",
        },
        errors=["QUERY_ROOT_TYPE_INACCESSIBLE"],
        says=["query root"],
    )
