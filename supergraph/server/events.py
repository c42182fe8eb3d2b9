"""Where the gateway's events come from, and the transports of the fields they are for."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any

from broadcasting import Broadcast, open_broadcast
from supergraph.config.gateway import EventConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import SupergraphError
from supergraph.federation.event_streams import EventStream
from supergraph.names import SubgraphName
from supergraph.traffic.events.source import BroadcastSource
from supergraph.traffic.events.transport import EventReader, EventTransport
from supergraph.traffic.transport import SubgraphTransport

__all__ = ["GatewayEvents"]


class GatewayEvents:
    """Connected while the gateway runs.

    Raises `SupergraphError` with CONFIG_INVALID for an import string that leads nowhere.
    """

    def __init__(self, config: EventConfig) -> None:
        self._redis_url = config.redis_url or None
        self._named = _imported(config.broadcast) if config.broadcast else None
        self._own: Broadcast | None = None

    @property
    def are_configured(self) -> bool:
        """Whether events come from anywhere."""
        return self._redis_url is not None or self._named is not None

    async def start(self) -> None:
        """Connect; does not wait for Redis."""
        if self._redis_url is not None and self._own is None:
            self._own = open_broadcast(self._redis_url)
            await self._own.connect()

    async def close(self) -> None:
        """End every reader."""
        own, self._own = self._own, None
        if own is not None:
            await own.disconnect()

    def transports(
        self,
        streams: Iterable[EventStream],
        subgraphs: Mapping[SubgraphName, SubgraphTransport],
    ) -> dict[SubgraphName, SubgraphTransport]:
        """The transport of each stream; its snapshots are asked of its subgraph."""
        return {
            stream.name: EventTransport(stream, subgraphs[stream.subgraph], self)
            for stream in streams
        }

    def subscribe(
        self, channel: str, *, is_durable: bool, resume_after: str | None
    ) -> AbstractAsyncContextManager[EventReader]:
        """Read a channel of the broadcast; see `EventSource`."""
        source = BroadcastSource(self._broadcast())
        return source.subscribe(channel, is_durable=is_durable, resume_after=resume_after)

    def _broadcast(self) -> Broadcast:
        if self._own is not None:
            return self._own
        # It may only be there once the apps of this process have started.
        named = self._named() if callable(self._named) else self._named
        if not isinstance(named, Broadcast):
            raise SupergraphError(codes.CONFIG_INVALID, "events.broadcast names no Broadcast")
        return named


def _imported(name: str) -> Any:
    module_name, _, attribute = name.partition(":")
    try:
        return getattr(import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        message = f"events.broadcast {name!r} cannot be imported: {error}"
        raise SupergraphError(codes.CONFIG_INVALID, message) from error
