"""The answer "not sure"."""

__all__ = ["NESTING_MAX", "DoubtError"]

#: Selection sets, lists and objects inside each other, fragments expanded, beyond which nothing is
#: certain. As in graphql-core: what recurses over a valid document relies on it.
NESTING_MAX = 200


class DoubtError(Exception):
    """There is something here that only graphql-core may judge, or word an error about."""
