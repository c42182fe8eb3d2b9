"""The transports to the subgraphs, which outlive an exchange of the supergraph.

A subgraph whose target did not change keeps its transport, with its open connections and, in
process, its running app: starting an app's lifespan a second time would run its workers twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from starlette.types import ASGIApp

from supergraph.config.gateway import GatewayConfig, SubgraphConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import SupergraphError
from supergraph.names import SubgraphName
from supergraph.telemetry.logs import logger
from supergraph.traffic.callbacks import Callbacks
from supergraph.traffic.connect import connect
from supergraph.traffic.merging_transport import MergingTransport
from supergraph.traffic.resubscribing_transport import ResubscribingTransport
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_way import SubscriptionWay
from supergraph.traffic.transport import SubgraphTransport

__all__ = ["SubgraphConnections", "Target"]

#: A URL, "asgi:module:attribute", an ASGI app, a schema, or a transport of the user's own.
Target: TypeAlias = str | ASGIApp | SubgraphTransport | Any

_Key: TypeAlias = tuple[SubgraphName, str | int]
log = logger(__name__)


@dataclass(slots=True)
class _Connection:
    """An open transport and how many supergraphs use it."""

    transport: SubgraphTransport
    target: Target
    holders: int = 0


class SubgraphConnections:
    """Opens transports, shares them between supergraphs, and closes those nobody holds."""

    def __init__(self, config: GatewayConfig, callbacks: Callbacks | None = None) -> None:
        self._config = config
        self._callbacks = callbacks
        self._open: dict[_Key, _Connection] = {}

    def __repr__(self) -> str:
        held = ", ".join(f"{key[0]}: {item.holders}" for key, item in self._open.items())
        return f"<SubgraphConnections {held or 'none'}>"

    def check(self, targets: Mapping[SubgraphName, Target]) -> None:
        """Raise `SupergraphError` for a target that no transport can be made for."""
        for name, target in targets.items():
            self._transport(name, target)

    async def hold(
        self, targets: Mapping[SubgraphName, Target]
    ) -> dict[SubgraphName, SubgraphTransport]:
        """A started transport for each subgraph; when one cannot start, none is held."""
        held: dict[SubgraphName, SubgraphTransport] = {}
        try:
            for name, target in targets.items():
                held[name] = await self._hold_one(name, target)
        except BaseException:
            await self.release(held.values())
            raise
        return held

    async def release(self, transports: Iterable[SubgraphTransport]) -> None:
        """Give transports back; those that nobody else holds are closed."""
        given = {id(transport) for transport in transports}
        unused = []
        for key, connection in list(self._open.items()):
            if id(connection.transport) in given:
                connection.holders -= 1
                if not connection.holders:
                    unused.append(self._open.pop(key).transport)
        for transport in unused:
            await _close(transport)

    async def close(self) -> None:
        """Close every transport, whoever holds it."""
        connections, self._open = list(self._open.values()), {}
        for connection in connections:
            await _close(connection.transport)

    async def _hold_one(self, name: SubgraphName, target: Target) -> SubgraphTransport:
        key = (name, target if isinstance(target, str) else id(target))
        connection = self._open.get(key)
        if connection is None:
            transport = self._transport(name, target)
            await transport.start()
            # `target` is kept so that the id in the key stays that of a living object.
            connection = self._open[key] = _Connection(transport, target)
        connection.holders += 1
        return connection.transport

    def _transport(self, name: SubgraphName, target: Target) -> SubgraphTransport:
        transport = self._plain_transport(name, target)
        merge = self._config.subgraphs.get(name, SubgraphConfig()).merge_entities
        if merge is not None:
            transport = MergingTransport(
                name, transport, window_seconds=merge.window_ms / 1_000, batch_max=merge.batch_max
            )
        seconds = self._config.subscriptions.resubscribe_seconds
        return ResubscribingTransport(transport, seconds) if seconds else transport

    def _plain_transport(self, name: SubgraphName, target: Target) -> SubgraphTransport:
        if all(hasattr(target, method) for method in ("start", "execute", "subscribe", "close")):
            return cast("SubgraphTransport", target)
        try:
            return connect(name, target, _settings(self._config, name), self._way(name))
        except ValueError as error:
            raise SupergraphError(codes.CONFIG_INVALID, str(error)) from error

    def _way(self, name: SubgraphName) -> SubscriptionWay:
        own = self._config.subgraphs.get(name, SubgraphConfig()).subscriptions
        if own.protocol == "callback" and self._callbacks is None:
            message = (
                f"subgraph {name} has the protocol callback, but subscriptions.callback is unset"
            )
            raise SupergraphError(codes.CONFIG_INVALID, message)
        return SubscriptionWay(own.protocol, own.path, own.silence_seconds, self._callbacks)


def _settings(config: GatewayConfig, name: SubgraphName) -> TransportSettings:
    own = config.subgraphs.get(name, SubgraphConfig())
    shares = own.share_in_flight
    return TransportSettings(
        connect_timeout_seconds=config.traffic.connect_seconds,
        request_timeout_seconds=own.timeout_seconds or config.traffic.timeout_seconds,
        response_bytes_max=config.traffic.response_bytes,
        accepts_compressed=config.traffic.compressed,
        connections_max=config.traffic.connections,
        sockets_max=own.subscriptions.connections,
        shares_in_flight=config.traffic.share_in_flight if shares is None else shares,
    )


async def _close(transport: SubgraphTransport) -> None:
    try:
        await transport.close()
    except Exception:  # one transport that fails to close must not keep the others open
        log.exception("transport_close_failed")
