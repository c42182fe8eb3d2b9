"""The errors of a subgraph that could not be asked, in one form of words."""

from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName

__all__ = ["failure"]


def failure(
    name: SubgraphName,
    code: ErrorCode,
    what: str,
    *,
    was_open: bool = False,
    may_pass: bool = False,
) -> SubgraphError:
    """The coded error that says of a subgraph what it did, or what became of it."""
    message = f'Subgraph "{name}" {what}.'
    return SubgraphError(code, message, name, was_open=was_open, may_pass=may_pass)
