"""The errors of a subgraph that could not be asked, in one form of words."""

from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.http1.errors import (
    AnswerTooLargeError,
    ClosedEarlyError,
    Http1Error,
    InvalidHeaderError,
    NotHttpError,
)

__all__ = ["exchange_failure", "failure"]


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


def exchange_failure(name: SubgraphName, error: OSError | Http1Error) -> SubgraphError:
    """What an exchange over HTTP raised, but for time limits; may pass where nobody answered."""
    match error:
        case InvalidHeaderError():
            return failure(name, codes.INVALID_FORWARDED_HEADER, f"was not asked: {error}")
        case AnswerTooLargeError():
            return failure(name, codes.SUBGRAPH_RESPONSE_TOO_LARGE, f"answered with {error}")
        case NotHttpError():
            return failure(name, codes.SUBGRAPH_MALFORMED_RESPONSE, "did not answer in HTTP")
        case ClosedEarlyError():
            what = "closed the connection early"
        case _:
            what = "cannot be reached"
    return failure(name, codes.SUBGRAPH_UNREACHABLE, what, may_pass=True)
