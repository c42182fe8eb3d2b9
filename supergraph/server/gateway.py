"""The gateway: one supergraph behind an ASGI app and two Python calls."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Self

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from supergraph.config.gateway import GatewayConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import SupergraphError
from supergraph.executor.execute import ExecutionResult
from supergraph.federation.event_streams import EventStream, event_streams, with_event_subgraphs
from supergraph.federation.supergraph_state import SupergraphState, parse_supergraph
from supergraph.names import SubgraphName
from supergraph.planner.planner import Planner
from supergraph.records import record
from supergraph.server.app import ClientConnections, build_app
from supergraph.server.callback_endpoint import callback_routes
from supergraph.server.connections import SubgraphConnections, Target
from supergraph.server.events import GatewayEvents
from supergraph.server.failures import failure_of
from supergraph.server.health import health_routes
from supergraph.server.reserved_streams import ReservedStreams
from supergraph.server.websocket_endpoint import WebSocketEndpoint
from supergraph.stages.labels import Chance
from supergraph.stages.pipeline import RequestPipeline
from supergraph.stages.request import GraphQLRequest
from supergraph.stages.subscribe import SHUTDOWN
from supergraph.stages.supergraph import Supergraph
from supergraph.stages.user_stages import UserStage, import_stage
from supergraph.stages.warm_up import warm_up
from supergraph.telemetry.logs import logger
from supergraph.traffic.callbacks import Callbacks

__all__ = ["Gateway"]


@record
class _Loaded:
    """A supergraph that can be started."""

    planner: Planner
    targets: dict[SubgraphName, Target]
    streams: tuple[EventStream, ...]


log = logger(__name__)


class Gateway:
    """An ASGI app that answers for a supergraph.

    `subgraphs` says how to reach each subgraph: a URL, an ASGI app, a schema or a transport; what
    it leaves out is reached by the gateway configuration's target or the supergraph's URL.
    `stages` are functions of the user's own (see `supergraph.stages.user_stages`). `chance` draws
    a number from 0 up to 1 for the override labels of a request. A supergraph that cannot be loaded
    raises `SupergraphError` here.

    The ASGI lifespan or `async with gateway:` starts and stops it; whoever does neither, such as
    an app that mounts it, has it started by the first operation and calls `close`.
    """

    def __init__(
        self,
        supergraph_sdl: str,
        subgraphs: Mapping[str, Target] | None = None,
        config: GatewayConfig | None = None,
        *,
        stages: Iterable[UserStage] = (),
        chance: Chance = random.random,
    ) -> None:
        self.config = config or GatewayConfig()
        self.pipeline = RequestPipeline(
            self.config, [*map(import_stage, self.config.stages), *stages], chance=chance
        )
        self._subgraphs = dict(subgraphs or {})
        callbacks = _callbacks(self.config)
        self._connections = SubgraphConnections(self.config, callbacks)
        self._events = GatewayEvents(self.config.events)
        self._clients = ClientConnections(
            WebSocketEndpoint(self.pipeline, self.config.websocket, self.start),
            ReservedStreams(self.config.subscriptions),
        )
        self._loaded = self._load(supergraph_sdl, self._subgraphs)
        self._is_started = False
        self._changing = asyncio.Lock()
        self._retirements: set[asyncio.Task[None]] = set()
        self._app = build_app(
            self.pipeline,
            self.config,
            self._clients,
            lifespan=self._lifespan,
            start=self.start,
            routes=[
                *health_routes(lambda: self._is_started),
                *callback_routes(self.config, callbacks),
            ],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        await self._app(scope, receive, send)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.close()

    @property
    def is_ready(self) -> bool:
        """Whether the transports are started."""
        return self._is_started

    @property
    def planner(self) -> Planner:
        """Plans operations on the loaded supergraph; it needs no start."""
        return self._loaded.planner

    async def start(self) -> None:
        """Open the ways to the subgraphs; does nothing when they are open."""
        if self.is_ready:  # without the lock: every operation comes by here
            return
        async with self._changing:
            if not self.is_ready:
                await self._events.start()
                await self._switch()
                self._is_started = True
                log.info("gateway_started", subgraphs=sorted(self._loaded.targets))

    async def close(self) -> None:
        """Close clients' WebSockets and every connection to a subgraph; live subscriptions end."""
        async with self._changing:
            self._is_started = False
            await self._clients.close()
            self.pipeline.hub.end(SHUTDOWN)
            self.pipeline.use(None)
            for task in self._retirements:
                task.cancel()
            await asyncio.gather(*self._retirements, return_exceptions=True)
            await self._connections.close()
            await self._events.close()
            await self.pipeline.close()

    async def swap(
        self, supergraph_sdl: str, subgraphs: Mapping[str, Target] | None = None
    ) -> None:
        """Answer new operations with another supergraph; those in flight end on the old one.

        Live subscriptions go on with the new one where it can answer them; the others end with
        SUBSCRIPTION_SCHEMA_RELOAD. When the new one cannot be loaded or started, `SupergraphError`
        (or what the transport raised) comes out and nothing has changed.
        """
        targets = self._subgraphs if subgraphs is None else dict(subgraphs)
        loaded = self._load(supergraph_sdl, targets)
        async with self._changing:
            previous, self._loaded = self._loaded, loaded
            if self._is_started:
                try:
                    await self._switch()
                except BaseException:
                    self._loaded = previous
                    raise
            self._subgraphs = targets
            log.info("supergraph_swapped", subgraphs=sorted(loaded.targets))

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ExecutionResult:
        """Answer a query or mutation. A request that is refused has errors and no data."""
        await self.start()
        request = _request(query, variables, operation_name, headers)
        try:
            return await self.pipeline.execute(await self.pipeline.prepare(request))
        except SupergraphError as error:
            return _refused(error)

    async def subscribe(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[ExecutionResult, None]:
        """Yield the results of a subscription; closing the generator ends it."""
        await self.start()
        request = _request(query, variables, operation_name, headers)
        try:
            prepared = await self.pipeline.prepare(request)
            async with aclosing(self.pipeline.subscribe(prepared)) as results:
                async for result in results:
                    yield result
        except SupergraphError as error:
            yield _refused(error)

    def _load(self, sdl: str, subgraphs: Mapping[str, Target]) -> _Loaded:
        state = parse_supergraph(sdl)
        targets = _targets(state, subgraphs, self.config)
        self._connections.check(targets)
        streams = event_streams(state) if self._events.are_configured else ()
        offered = self.config.incremental_delivery
        planner = Planner(
            with_event_subgraphs(state, streams), defers=offered.defer, streams=offered.stream
        )
        return _Loaded(planner, targets, streams)

    async def _switch(self) -> None:
        """Start what the loaded supergraph needs, use it, and retire the one used so far."""
        loaded = self._loaded
        transports = await self._connections.hold(loaded.targets)
        streams = self._events.transports(loaded.streams, transports)
        supergraph = Supergraph(loaded.planner, transports | streams, self.config.caches)
        try:
            await self._warm_up(supergraph)
        except BaseException:
            await self._connections.release(transports.values())
            raise
        previous = self.pipeline.use(supergraph)
        if previous is not None:
            log.info("subscriptions_go_on", count=self.pipeline.hub.clients)
            task = asyncio.create_task(self._retire(previous))
            self._retirements.add(task)
            task.add_done_callback(self._retirements.discard)

    async def _warm_up(self, supergraph: Supergraph) -> None:
        if not self.pipeline.is_in_use:
            return
        previous = self.pipeline.supergraph
        plans = await warm_up(
            supergraph,
            previous,
            self.config.limits,
            plans=self.config.caches.warm_up_plans,
            introspection=self.config.introspection_enabled,
        )
        log.info("plans_warmed_up", plans=plans, previous=previous.cache_statistics())

    async def _retire(self, supergraph: Supergraph) -> None:
        supergraph.is_retired = True
        await self.pipeline.hub.renew()
        await supergraph.drained()
        await self._connections.release(supergraph.transports.values())

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self:
            yield


def _callbacks(config: GatewayConfig) -> Callbacks | None:
    callback = config.subscriptions.callback
    if callback is None:
        return None
    return Callbacks(callback.public_url, callback.heartbeat_seconds)


def _targets(
    state: SupergraphState, subgraphs: Mapping[str, Target], config: GatewayConfig
) -> dict[SubgraphName, Target]:
    """How each subgraph is reached: the caller's word, then the configuration's, then the URL."""
    unknown = sorted(set(subgraphs) - set(state.subgraphs))
    if unknown:
        message = f"the supergraph has no subgraph named {', '.join(unknown)}"
        raise SupergraphError(codes.CONFIG_INVALID, message)
    for name in sorted(set(config.subgraphs) - set(state.subgraphs)):
        # No error: the file may be ahead of a schema that is about to be exchanged.
        log.warning("configured_subgraph_unknown", subgraph=name)
    targets: dict[SubgraphName, Target] = {}
    for name, url in state.subgraphs.items():
        configured = config.subgraphs.get(name)
        target = subgraphs.get(name) or (configured and configured.target) or url
        if not target:
            message = f"nothing says how to reach subgraph {name}: it has no routing URL"
            raise SupergraphError(codes.CONFIG_INVALID, message)
        targets[name] = target
    return targets


def _request(
    query: str,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    headers: Mapping[str, str] | None,
) -> GraphQLRequest:
    return GraphQLRequest(
        query=query,
        variables=variables or {},
        operation_name=operation_name,
        headers={name.lower(): value for name, value in (headers or {}).items()},
    )


def _refused(error: SupergraphError) -> ExecutionResult:
    return ExecutionResult(None, [dict(item) for item in failure_of(error)])
