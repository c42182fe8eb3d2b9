"""INVALID_FIELD_SHARING."""

from tests.composition.kit import check_composition


def test_missing_shareable() -> None:
    check_composition(
        {
            "a": """
            type Query { a: Int v: V }
            type V { x: Int }
            """,
            "b": "type V { x: Int @shareable }",
        },
        errors=["INVALID_FIELD_SHARING"],
        says=['"V.x"', '"a"', "@shareable"],
        at=[("a", 2, 10), ("b", 1, 10)],
    )


def test_shared_subscription() -> None:
    check_composition(
        {
            "a": """
            type Query { a: Int }
            type Subscription { s: Int @shareable }
            """,
        },
        errors=["INVALID_FIELD_SHARING"],
        says=["subscription"],
    )
