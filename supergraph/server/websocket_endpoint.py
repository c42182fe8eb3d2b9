"""GraphQL over WebSocket (graphql-transport-ws): queries, mutations and subscriptions.

`supergraph.protocols.transport_ws.server` decides what a frame means; here are the socket, the
clock and the tasks: one that reads, one that keeps alive, one per operation. Every write is
awaited, so a client that does not read stops its own operations and nobody else's. However a
connection ends, its operations are cancelled, which ends them at the subgraphs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from starlette.types import Receive, Scope, Send

from supergraph.config.gateway import WebSocketConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.executor.execute import ExecutionResult
from supergraph.protocols.transport_ws import messages
from supergraph.protocols.transport_ws.messages import Close, Limits, SubscribePayload
from supergraph.protocols.transport_ws.server import (
    Completed,
    Event,
    Initialised,
    OverLimit,
    PingReceived,
    PongReceived,
    ServerConnection,
    Started,
)
from supergraph.server.client_headers import ClientHeaders
from supergraph.server.exchange import Exchange
from supergraph.server.init_headers import init_headers
from supergraph.server.origin import is_origin_allowed
from supergraph.stages.pipeline import RequestPipeline
from supergraph.stages.request import GraphQLRequest, PreparedOperation
from supergraph.stages.respond import encode, encode_result, errors_of
from supergraph.subscriptions.events import Ended, Published
from supergraph.telemetry.logs import logger

__all__ = ["WebSocketEndpoint"]

#: How long the end of a connection waits for its operations to end at the subgraphs, and how long
#: a close frame may take to a client that does not read.
END_SECONDS = 5.0
log = logger(__name__)


class WebSocketEndpoint:
    """Serves WebSockets at the GraphQL path.

    `start` makes sure that the gateway is started, for servers and mounts that run no lifespan.
    """

    def __init__(
        self,
        pipeline: RequestPipeline,
        config: WebSocketConfig,
        start: Callable[[], Awaitable[None]],
    ) -> None:
        self.pipeline = pipeline
        self.config = config
        self.limits = Limits(
            message_bytes=config.message_bytes,
            init_bytes=config.init_bytes,
            operations=config.operations,
            init_seconds=config.init_seconds,
        )
        self._start = start
        self._sessions: set[_Session] = set()

    def __repr__(self) -> str:
        return f"<WebSocketEndpoint, {len(self._sessions)} connections>"

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: ClientHeaders,
        exchange: Exchange,
    ) -> None:
        """Serve one connection until it ends."""
        await self._start()
        session = _Session(self, receive, send, headers, exchange)
        self._sessions.add(session)
        try:
            await session.run(scope.get("subprotocols", ()))
        finally:
            self._sessions.discard(session)

    async def close(self) -> None:
        """Close every connection with 1001 and wait until their operations have ended."""
        sessions = tuple(self._sessions)
        for session in sessions:
            session.stop(messages.GOING_AWAY)
        try:
            async with asyncio.timeout(2 * END_SECONDS):
                for session in sessions:
                    await session.end()
        except TimeoutError:
            log.warning("connections_do_not_end", count=len(self._sessions))


class _Session:
    """One client's connection. Thousands of them wait, so what is seldom used is made late."""

    __slots__ = (
        "_asgi_send",
        "_clock",
        "_config",
        "_connection",
        "_ended",
        "_exchange",
        "_headers",
        "_heard_at",
        "_is_over",
        "_loop",
        "_operations",
        "_pinged_at",
        "_pipeline",
        "_receive",
        "_stopped",
        "_tasks",
        "_write_began_at",
        "_writing",
    )

    def __init__(
        self,
        endpoint: WebSocketEndpoint,
        receive: Receive,
        send: Send,
        headers: ClientHeaders,
        exchange: Exchange,
    ) -> None:
        self._pipeline = endpoint.pipeline
        self._config = endpoint.config
        self._receive = receive
        self._asgi_send = send
        self._headers: Mapping[str, str] = headers
        self._exchange = exchange
        self._connection = ServerConnection(endpoint.limits)
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing: asyncio.Lock | None = None
        self._heard_at = 0.0
        self._pinged_at = 0.0
        self._write_began_at = 0.0
        self._loop = asyncio.get_running_loop()
        # When the client's time for `connection_init` is over, or the next ping is due.
        self._clock: asyncio.TimerHandle | None = None
        # The close frame that is to be sent, or None when there is nobody to send one to.
        self._stopped: asyncio.Future[Close | None] = self._loop.create_future()
        self._is_over = False
        self._ended: asyncio.Future[None] | None = None

    def stop(self, close: Close | None) -> None:
        """End the connection; the first word counts."""
        if not self._stopped.done():
            self._stopped.set_result(close)

    async def end(self) -> None:
        """Wait until it is over."""
        if not self._is_over:
            self._ended = self._ended or self._loop.create_future()
            await self._ended

    async def run(self, offered: Sequence[str]) -> None:
        """From the handshake to the end of the last operation."""
        try:
            refusal = await self._accept(messages.SUBPROTOCOL in offered)
            if refusal is not None:
                await self._send_close(refusal)
                return
            self._spawn(self._read())
            self._clock = self._loop.call_later(self._config.init_seconds, self._init_is_late)
            await self._serve()
        finally:
            self._is_over = True
            if self._ended is not None and not self._ended.done():
                self._ended.set_result(None)

    async def _accept(self, is_offered: bool) -> Close | None:
        """Answer the handshake. Refusals are close codes: browsers show no other reason."""
        await self._receive()  # websocket.connect
        await self._asgi_send(
            {
                "type": "websocket.accept",
                "subprotocol": messages.SUBPROTOCOL if is_offered else None,
                "headers": [],
            }
        )
        if not is_offered:
            return messages.SUBPROTOCOL_NOT_ACCEPTABLE
        headers = self._headers
        origins = self._config.origins
        if not is_origin_allowed(headers.get("origin"), headers.get("host"), origins):
            return messages.FORBIDDEN
        return None

    async def _serve(self) -> None:
        """Wait for the end, then close: first silence, then the close frame, then the waiting."""
        close: Close | None = messages.GOING_AWAY
        try:
            close = await self._stopped
        finally:
            self.stop(None)
            if self._clock is not None:
                self._clock.cancel()
            self._exchange.said["operations"] = len(self._operations)
            self._connection.close(close or messages.NORMAL)
            for task in self._tasks:
                task.cancel()
            try:
                if close is not None:
                    await self._send_close(close)
            finally:
                await self._tasks_ended()

    async def _tasks_ended(self) -> None:
        if not self._tasks:
            return
        _, running = await asyncio.wait(tuple(self._tasks), timeout=END_SECONDS)
        if running:
            log.error("operations_do_not_end", count=len(running), seconds=END_SECONDS)

    async def _send_close(self, close: Close) -> None:
        self._exchange.status = close.code
        message = {"type": "websocket.close", "code": close.code, "reason": close.reason}
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._asgi_send(message)
        except (OSError, TimeoutError):
            pass  # the client has gone, or does not read: the server cuts the connection

    async def _read(self) -> None:
        """Feed frames to the state machine and act on what they mean."""
        while not self._stopped.done():
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self.stop(None)
                return
            self._heard_at = self._loop.time()
            text = message.get("text")
            frame = text if text is not None else message.get("bytes", b"")
            await self._act(self._connection.receive(frame))

    async def _act(self, event: Event) -> None:
        match event:
            case Initialised():
                if given := init_headers(event.payload):
                    self._headers = {**given, **self._headers}
                self._ping_later()
                await self._send(self._connection.acknowledge())
            case Started():
                await self._start(event)
            case OverLimit():
                await self._send(self._connection.refusal(event.id, self._over_limit()))
            case Completed():
                self._cancel(event.id)
            case PingReceived():
                await self._send(self._connection.pong(event.payload))
            case PongReceived():
                pass
            case Close():
                self.stop(event)

    def _init_is_late(self) -> None:
        self.stop(messages.CONNECTION_INITIALISATION_TIMEOUT)

    def _ping_later(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock = self._loop.call_later(self._config.ping_seconds, self._ask)

    def _ask(self) -> None:
        """Ask for a sign of life, unless one is overdue."""
        if self._stopped.done():
            return
        if self._is_silent():
            self.stop(messages.KEEP_ALIVE_TIMEOUT)
        else:
            self._ping_later()

    def _is_silent(self) -> bool:
        """Whether the client left a ping, or a write, undone for too long; pings it if not."""
        now = self._loop.time()
        patience = 2 * self._config.ping_seconds
        if self._writing is not None and self._writing.locked():
            # A ping would stand behind the write, which says as much when it does not get done.
            return now - self._write_began_at >= patience
        if self._pinged_at > self._heard_at:
            return now - self._pinged_at >= patience
        self._pinged_at = now
        self._spawn(self._send(self._connection.ping()))
        return False

    async def _start(self, started: Started) -> None:
        previous = self._operations.get(started.id)
        if previous is not None:
            # The client used the id of an operation that is still ending: one after the other,
            # so that no late result of the old one is taken for one of the new.
            await asyncio.wait([previous], timeout=END_SECONDS)
        while len(self._operations) >= 2 * self._config.operations:
            # The surplus has been completed by the client but not ended at the subgraphs yet.
            await asyncio.wait(self._operations.values(), return_when=asyncio.FIRST_COMPLETED)
        id_ = started.id
        work = self._operate(id_, self._request(started.payload))
        self._operations[id_] = self._spawn(work, lambda done: self._forget(id_, done))

    def _forget(self, operation_id: str, task: asyncio.Task[None]) -> None:
        if self._operations.get(operation_id) is task:
            del self._operations[operation_id]
        self._reap(task)

    def _cancel(self, operation_id: str) -> None:
        task = self._operations.get(operation_id)
        if task is not None:
            task.cancel()

    async def _operate(self, id_: str, request: GraphQLRequest) -> None:
        """Run one operation and tell its end, whatever it is."""
        try:
            prepared = await self._pipeline.prepare(request)
            if prepared.kind == "subscription":
                await self._stream(id_, prepared)
                return
            await self._send_result(id_, await self._pipeline.execute(prepared))
        except ClientError as error:
            await self._send(self._connection.error(id_, encode(error.errors)))
        except Exception as error:
            code = error.code if isinstance(error, SupergraphError) else codes.INTERNAL
            log.exception("request_failed", code=code.name)
            await self._send(self._connection.error(id_, encode(errors_of(error))))
        else:
            await self._send(self._connection.complete(id_))

    async def _stream(self, operation_id: str, prepared: PreparedOperation) -> None:
        connection, send = self._connection, self._send
        async with self._pipeline.watch(prepared) as watching:
            while True:
                item = await watching.get()
                if isinstance(item, Published):
                    await send(connection.next(operation_id, item.payload))
                elif isinstance(item, Ended):
                    break
        if item.errors is None:
            await self._send(connection.complete(operation_id))
        else:
            await self._send(connection.error(operation_id, item.errors))

    async def _send_result(self, operation_id: str, result: ExecutionResult) -> None:
        await self._send(self._connection.next(operation_id, encode_result(result)))

    async def _send(self, frame: str | None) -> None:
        """Write a frame once the one before it is written; silent when the connection is over."""
        if frame is None:
            return
        if self._writing is None:
            self._writing = asyncio.Lock()
        await self._writing.acquire()
        try:
            if self._stopped.done():
                return
            self._write_began_at = self._loop.time()
            await self._asgi_send({"type": "websocket.send", "text": frame})
        except OSError:  # https://asgi.readthedocs.io/en/latest/specs/www.html#send-event
            self.stop(None)
        finally:
            self._writing.release()

    def _request(self, payload: SubscribePayload) -> GraphQLRequest:
        return GraphQLRequest(
            query=payload.query,
            variables=payload.variables or {},
            operation_name=payload.operation_name or None,
            extensions=payload.extensions or {},
            headers=self._headers,
            id=self._exchange.id,
        )

    def _over_limit(self) -> bytes:
        code = codes.TOO_MANY_OPERATIONS
        message = f"Over {self._config.operations} operations on one connection"
        return encode([{"message": message, "extensions": {"code": code.name}}])

    def _spawn(
        self,
        work: Coroutine[Any, Any, None],
        ended: Callable[[asyncio.Task[None]], None] | None = None,
    ) -> asyncio.Task[None]:
        """A task of this connection; if it fails unexpectedly, the connection ends with 4500."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(ended or self._reap)
        return task

    def _reap(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("websocket_task_failed", exc_info=error)
            self.stop(messages.INTERNAL_SERVER_ERROR)
