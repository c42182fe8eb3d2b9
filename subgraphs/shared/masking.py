"""What of an error a client sees.

A `GraphQLError` raised on purpose passes, with a code. An exception that nobody expected is logged
with its traceback and answered as INTERNAL: no SQL, no path, no class name leaves the service.
"""

import logging

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.extensions import MaskErrors

from subgraphs.shared.errors import ErrorCode

__all__ = ["MaskUnexpectedErrors", "is_unexpected", "log_unexpected"]

logger = logging.getLogger(__name__)

MASKED_MESSAGE = "The service could not answer this field. The fault is ours and has been logged."


def is_unexpected(error: GraphQLError) -> bool:
    """Whether the error is a fault of ours: an exception nobody raised for the client."""
    if "code" in (error.extensions or {}):
        return False
    # An error with a path arose while a field was resolved. Without a code of ours it is, for
    # example, a null where the schema promises a value.
    return error.original_error is not None or error.path is not None


def log_unexpected(errors: list[GraphQLError], operation_name: str | None) -> None:
    """Write the faults among the errors to the log, with the place in the response."""
    for error in filter(is_unexpected, errors):
        logger.error(
            "operation %s failed at %s",
            operation_name or "(unnamed)",
            error.path,
            exc_info=error.original_error or error,
        )


class MaskUnexpectedErrors(MaskErrors):
    """Gives every error a code, and hides what must stay inside."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=lambda error: "code" not in (error.extensions or {}))

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as the client may see it."""
        unexpected = is_unexpected(error)
        return GraphQLError(
            MASKED_MESSAGE if unexpected else error.message,
            nodes=error.nodes,
            source=error.source,
            positions=error.positions,
            path=error.path,
            extensions={"code": _code(error, unexpected).value},
        )


def _code(error: GraphQLError, unexpected: bool) -> ErrorCode:
    if unexpected:
        return ErrorCode.INTERNAL
    if isinstance(error, GraphQLSyntaxError):
        return ErrorCode.GRAPHQL_PARSE_FAILED
    return ErrorCode.GRAPHQL_VALIDATION_FAILED
