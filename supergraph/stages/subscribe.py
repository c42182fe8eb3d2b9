"""Subscribe: which clients may share a subscription, and what they are told when it fails."""

import base64
from collections.abc import Hashable, Mapping

import msgspec

from supergraph.config.gateway import SubscriptionConfig
from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import ClientError, SupergraphError
from supergraph.planner.plan_nodes import SubscriptionNode
from supergraph.stages.execute import ExecutionPolicy, resume_after
from supergraph.stages.request import PreparedOperation
from supergraph.stages.respond import encode, errors_of
from supergraph.subscriptions.buffer import FullPolicy
from supergraph.subscriptions.events import Ended
from supergraph.subscriptions.hub import HubLimits, SubscriptionHub
from supergraph.telemetry.logs import logger
from supergraph.traffic.forwarding import forwarded_headers

__all__ = [
    "EXPIRED",
    "SHUTDOWN",
    "full_policy",
    "new_hub",
    "reload_failed",
    "seconds_of_token",
    "sharing_key",
]

#: A longer header is no token that is worth reading.
TOKEN_CHARACTERS_MAX = 16_384
_ENCODER = msgspec.json.Encoder(order="deterministic")

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
        variables = _ENCODER.encode(prepared.operation.variables)
    except (TypeError, UnicodeError, RecursionError):  # rare enough to be alone
        return None
    headers = forwarded_headers(prepared.request.headers, policy.forwarded)
    scope = frozenset(headers.items())
    return prepared.supergraph, prepared.plan, variables, scope, resume_after(prepared)


def full_policy(prepared: PreparedOperation) -> FullPolicy | None:
    """What a client that reads too slowly loses, where the events say it by themselves.

    Of events that tell a whole state, everything but the latest.
    """
    node = prepared.plan.node
    if not isinstance(node, SubscriptionNode):
        return None
    transport = prepared.supergraph.transports.get(node.primary.service_name)
    return "latest" if getattr(transport, "tells_state", False) else None


def seconds_of_token(headers: Mapping[str, str], now: float) -> float | None:
    """How long a bearer token in the headers still holds (its claim `exp`); None without one.

    The signature is not looked at: a client can only shorten its own subscription by it. Whoever
    needs to know who somebody is verifies the token, which the subgraphs do.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or len(token) > TOKEN_CHARACTERS_MAX:
        return None
    try:
        claims = token.split(".")[1]
        padded = claims + "=" * (-len(claims) % 4)
        expires = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims).exp
    except (IndexError, ValueError, RecursionError, msgspec.DecodeError):
        return None  # a token of another kind
    return None if expires is None else max(0.0, expires - now)


class _Claims(msgspec.Struct):
    exp: float | None = None


def reload_failed(error: Exception) -> Ended:
    """How a subscription ends that the new supergraph cannot answer."""
    code = codes.SUBSCRIPTION_SCHEMA_RELOAD
    if isinstance(error, ClientError):
        return _ended(ClientError(code, f"{code.meaning} {error.message}"))
    log.error("subscription_not_renewed", exc_info=error)
    return _ended(ClientError(code, code.meaning))


def _failed(error: Exception) -> Ended:
    code = error.code if isinstance(error, SupergraphError) else codes.INTERNAL
    log.error("subscription_failed", code=code.name, exc_info=error)
    return _ended(error)


def _ended(error: Exception) -> Ended:
    return Ended(encode(list(errors_of(error))))


def _coded(code: ErrorCode) -> Ended:
    return _ended(ClientError(code, code.meaning))


#: How subscriptions end with the client's token, and with the gateway.
EXPIRED = _coded(codes.SUBSCRIPTION_JWT_EXPIRED)
SHUTDOWN = _coded(codes.SUBSCRIPTION_SHUTDOWN)
