"""The exceptions of the package, by whose fault it is.

A `ClientError` is answered to the client as it stands; a `SubgraphError` costs the fields of the
subgraph it names; a `GatewayError` is ours and is masked for clients.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.names import SubgraphName

__all__ = [
    "ClientError",
    "GatewayError",
    "SubgraphError",
    "SupergraphError",
    "broken_invariant",
    "invariant",
]


class SupergraphError(Exception):
    """Base of all: a message that may be shown, and a code from the registry."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ClientError(SupergraphError):
    """The request cannot be answered as it was sent.

    `errors` are ready GraphQL errors (message, locations, extensions) when there are several.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        errors: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(code, message)
        self.errors = tuple(errors) or ({"message": message, "extensions": {"code": code.name}},)


class SubgraphError(SupergraphError):
    """A named subgraph failed to answer; only the fields asked from it are lost.

    Of a subscription: `was_open` says that its stream had begun, and `may_pass` that the same
    request has a chance a little later, because nobody refused it.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        service_name: SubgraphName,
        *,
        was_open: bool = False,
        may_pass: bool = False,
    ) -> None:
        super().__init__(code, message)
        self.service_name = service_name
        self.was_open = was_open
        self.may_pass = may_pass


class GatewayError(SupergraphError):
    """The gateway itself failed; clients see the code and a masked message."""


def invariant(condition: object, why: str) -> None:
    """Raise a masked INTERNAL error unless `condition` holds.

    Unlike `assert` it stays under `python -O`; `why` says what the code relies on.
    """
    if not condition:
        broken_invariant(why)


def broken_invariant(why: str) -> NoReturn:
    """Raise the masked INTERNAL error of `invariant`, from a branch that must be unreachable."""
    raise GatewayError(codes.INTERNAL, f"invariant broken: {why}")
