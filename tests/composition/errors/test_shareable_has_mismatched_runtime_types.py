"""SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES."""

from tests.composition.kit import check_composition

MEMBERS = """
type {one} {{ id: ID! }}
union Media = {one}
type Query {{ media: Media @shareable }}
"""


def test_no_type_in_common() -> None:
    check_composition(
        {"a": MEMBERS.format(one="Book"), "b": MEMBERS.format(one="Song")},
        errors=["SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"],
        says=['"Query.media"', '"a" returns Book; "b" returns Song'],
        at=[("a", 3, 14), ("b", 3, 14)],
    )


def test_some_types_in_common_are_a_hint() -> None:
    check_composition(
        {
            "a": """
            type Query { media: Media @shareable }
            union Media = Book | Song
            type Book { id: ID! @shareable }
            type Song { id: ID! }
            """,
            "b": """
            type Query { media: Media @shareable }
            union Media = Book
            type Book { id: ID! @shareable }
            """,
        },
        hints=["INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN", "INCONSISTENT_UNION_MEMBER"],
    )
