"""What is told of an operation that failed: to its client, and to the log."""

from collections.abc import Mapping
from typing import Any

from supergraph.errors import ClientError, SupergraphError
from supergraph.stages.respond import errors_of
from supergraph.telemetry.logs import logger

__all__ = ["failure_of", "status_of"]

log = logger(__name__)


def failure_of(error: SupergraphError) -> tuple[Mapping[str, Any], ...]:
    """The errors that its client sees; what is not the client's fault is in the log in full."""
    if not isinstance(error, ClientError):
        log.error("request_failed", code=error.code.name, reason=error.message, exc_info=error)
    return errors_of(error)


def status_of(error: SupergraphError) -> int:
    """The HTTP status that says whose fault it is."""
    return error.code.http_status or (400 if isinstance(error, ClientError) else 500)
