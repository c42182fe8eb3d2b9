"""How a service says no.

A `ServiceError` is an answer with a code, meant for the client: it passes to the response as it is.
Any other exception is a fault of ours and is masked (`subgraphs.shared.masking`). A mutation that
refuses its input answers `UserError`s in its payload instead, so a form can show them per field.
"""

from enum import StrEnum

import strawberry
from graphql import GraphQLError

__all__ = [
    "ErrorCode",
    "InputRefusedError",
    "ServiceError",
    "UserError",
    "bad_input",
    "forbidden",
    "unauthenticated",
]


class ErrorCode(StrEnum):
    """Every `extensions.code` a service answers."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    INVALID_CURSOR = "INVALID_CURSOR"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    INVALID_REPRESENTATION = "INVALID_REPRESENTATION"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    INTERNAL = "INTERNAL"


class ServiceError(GraphQLError):
    """A refusal with a code; the message is written for the client and holds no internals."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message, extensions={"code": code.value})
        self.code = code


def unauthenticated(message: str = "Log in first: no access token was sent.") -> ServiceError:
    """The request needs a valid access token and has none."""
    return ServiceError(ErrorCode.UNAUTHENTICATED, message)


def forbidden(message: str) -> ServiceError:
    """The viewer is known but their role does not allow this."""
    return ServiceError(ErrorCode.FORBIDDEN, message)


def bad_input(message: str) -> ServiceError:
    """An argument has the right type but a value that cannot be used."""
    return ServiceError(ErrorCode.BAD_USER_INPUT, message)


@strawberry.federation.type(shareable=True)
class UserError:
    """Why a mutation refused its input; nothing was changed."""

    field: str | None = strawberry.field(
        description="The input field that is wrong, as a dotted path; null when it is the whole."
    )
    code: str = strawberry.field(description="A stable code for programs.")
    message: str = strawberry.field(description="A sentence for people.")


class InputRefusedError(Exception):
    """Raised inside a mutation's transaction to undo it and answer `userErrors`."""

    def __init__(self, *user_errors: UserError) -> None:
        super().__init__(", ".join(error.code for error in user_errors))
        self.user_errors = list(user_errors)
