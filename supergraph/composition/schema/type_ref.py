"""Questions about a type reference, which is its GraphQL text (`[ID!]!`)."""

from collections.abc import Callable

__all__ = ["is_list", "is_non_null", "is_subtype_ref", "item_type", "named_type", "nullable"]


def named_type(ref: str) -> str:
    """The named type inside all lists and non-nulls."""
    return ref.strip("[]!")


def is_non_null(ref: str) -> bool:
    """Whether null is excluded at the outermost level."""
    return ref.endswith("!")


def nullable(ref: str) -> str:
    """The same type with null allowed at the outermost level."""
    return ref.removesuffix("!")


def is_list(ref: str) -> bool:
    """Whether it is a list, null allowed or not."""
    return ref.startswith("[")


def item_type(ref: str) -> str:
    """The type of a list's items."""
    return nullable(ref)[1:-1]


def is_subtype_ref(sub: str, of: str, is_named_subtype: Callable[[str, str], bool]) -> bool:
    """Whether every value of `sub` is a value of `of`; the callable judges different names."""
    if sub == of:
        return True
    if is_non_null(sub):
        return is_subtype_ref(nullable(sub), nullable(of), is_named_subtype)
    if is_non_null(of):
        return False
    if is_list(sub) or is_list(of):
        if not (is_list(sub) and is_list(of)):
            return False
        return is_subtype_ref(item_type(sub), item_type(of), is_named_subtype)
    return is_named_subtype(sub, of)
