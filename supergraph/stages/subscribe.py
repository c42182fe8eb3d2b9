"""Subscribe: which clients may share a subscription, and what they are told when it fails."""

from collections.abc import Hashable

import orjson

from supergraph.config.gateway import SubscriptionConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.stages.execute import ExecutionPolicy, resume_after
from supergraph.stages.request import PreparedOperation
from supergraph.stages.respond import encode, errors_of
from supergraph.subscriptions.events import Ended
from supergraph.subscriptions.hub import HubLimits, SubscriptionHub
from supergraph.telemetry.logs import logger
from supergraph.traffic.forwarding import forwarded_headers

__all__ = ["new_hub", "sharing_key"]

log = logger(__name__)


def new_hub(config: SubscriptionConfig) -> SubscriptionHub:
    """The hub of a gateway."""
    limits = HubLimits(
        config.buffer_events, config.when_full, config.heartbeat_seconds, config.clients
    )
    message = f"Over {config.buffer_events} events were not read"
    return SubscriptionHub(
        limits, _ended(ClientError(codes.SUBSCRIPTION_TOO_SLOW, message)), _failed
    )


def sharing_key(prepared: PreparedOperation, policy: ExecutionPolicy) -> Hashable | None:
    """What is equal for clients that see the same; None for variables that cannot be compared.

    It has the operation, and all that subgraphs may know of who asks.
    """
    try:
        variables = orjson.dumps(prepared.operation.variables, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer over 64 bits, which is rare enough to be alone
        return None
    headers = forwarded_headers(prepared.request.headers, policy.forwarded)
    scope = frozenset(headers.items())
    return prepared.supergraph, prepared.plan, variables, scope, resume_after(prepared)


def _failed(error: Exception) -> Ended:
    code = error.code if isinstance(error, SupergraphError) else codes.INTERNAL
    log.error("subscription_failed", code=code.name, exc_info=error)
    return _ended(error)


def _ended(error: Exception) -> Ended:
    return Ended(encode(list(errors_of(error))))
