"""The transport of an event stream: a snapshot from the subgraph, then what events tell."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, Protocol

import msgspec

from supergraph.cache.lru import LruCache
from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError, broken_invariant
from supergraph.federation.event_streams import EventStream
from supergraph.telemetry.logs import logger
from supergraph.traffic.events.message import IncompleteMessageError
from supergraph.traffic.events.operation import FINAL_KEY, SEQUENCE_KEY, StreamOperation
from supergraph.traffic.failure import failure
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest, SubgraphTransport

__all__ = ["EventReader", "EventSource", "EventTransport", "StreamEvent"]

#: Texts of the planner that stay read; the one unused for longest is read again.
OPERATIONS_KEPT = 1_000
#: A longer name comes of an argument that names nothing.
CHANNEL_CHARACTERS_MAX = 1_000
#: After so much silence, give or take a quarter, the state is asked for again: who publishes may
#: have died between the change and the event.
SILENCE_SECONDS = 30.0
#: A subgraph that cannot tell its state once more is asked again after so long, for so long; then
#: the client is told.
RETRY_SECONDS = 2.0
STALE_SECONDS_MAX = 60.0

_decode = msgspec.json.Decoder(dict[str, Any]).decode
log = logger(__name__)


class StreamEvent(msgspec.Struct, frozen=True):
    """What a reader answers. Without `message`, some may have been lost before this point."""

    message: str | bytes | None
    id: str | None = None


class EventReader(Protocol):
    """Reads one channel, live from the moment it is there."""

    @property
    def position(self) -> str | None:
        """The id after which the events begin, where the channel keeps them."""

    async def get(self) -> StreamEvent | None:
        """Wait for the next event; None when the source is closed."""


class EventSource(Protocol):
    """Where events come from."""

    def subscribe(
        self, channel: str, *, is_durable: bool, resume_after: str | None
    ) -> AbstractAsyncContextManager[EventReader]:
        """Read a channel. `resume_after` is the id of the last event seen before."""


class EventTransport:
    """A subgraph transport that can only subscribe, and only to one field."""

    def __init__(
        self, stream: EventStream, subgraph: SubgraphTransport, source: EventSource
    ) -> None:
        self._stream = stream
        self._subgraph = subgraph
        self._source = source
        self._operations: LruCache[str, StreamOperation] = LruCache(OPERATIONS_KEPT)

    def __repr__(self) -> str:
        return f"<EventTransport {self._stream.name}>"

    @property
    def tells_state(self) -> bool:
        """Whether each event tells all that those before it told, so that the latest is enough."""
        return self._stream.snapshot is not None and not self._stream.is_durable

    async def start(self) -> None:
        """Nothing: source and subgraph are started by themselves."""

    async def close(self) -> None:
        """Nothing: source and subgraph are closed by themselves."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """Events answer no queries; the planner asks none."""
        broken_invariant(f"{self._stream.name} cannot be entered: {request.query}")

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the present state, then what the events tell."""
        operation = self._operation(request.query)
        watcher = _Watcher(self._stream, operation, self._subgraph, request)
        channel = operation.channel(request.variables)
        if len(channel) > CHANNEL_CHARACTERS_MAX:
            yield watcher.refusal()
            return
        source = self._source.subscribe(
            channel,
            is_durable=self._stream.is_durable,
            resume_after=request.resume_after,
        )
        async with source as reader, aclosing(watcher.replies(reader)) as replies:
            async for reply in replies:
                yield reply

    def _operation(self, text: str) -> StreamOperation:
        found = self._operations.get(text)
        if found is None:
            found = StreamOperation(self._stream, text)
            self._operations.put(text, found)
        return found


class _Watcher:
    """One subscription: what was told last, and whether it is over."""

    def __init__(
        self,
        stream: EventStream,
        operation: StreamOperation,
        subgraph: SubgraphTransport,
        request: SubgraphRequest,
    ) -> None:
        self._stream = stream
        self._operation = operation
        self._subgraph = subgraph
        self._request = request
        self._last: bytes | None = None
        self._sequence: int | None = None
        self._is_over = False
        self._stale_since: float | None = None

    async def replies(self, reader: EventReader) -> AsyncGenerator[SubgraphReply, None]:
        """What the client is told, to the end."""
        # Also for who resumes: whether the caller may watch is what the snapshot answers.
        # It tells no more than the events before the reader's place, and the reader tells the rest.
        present = await self._snapshot(reader.position)
        is_refused = present is not None and present.errors and self._is_over
        if self._request.resume_after is None or is_refused:
            if present is not None:
                yield present
        else:  # the reader begins with what was missed
            self._last, self._sequence, self._is_over = None, None, False
        while not self._is_over:
            reply = await self._reply(await self._next(reader))
            if reply is not None:
                yield reply

    async def _next(self, reader: EventReader) -> StreamEvent:
        if self._stream.snapshot is None:
            event = await reader.get()
        else:
            seconds = SILENCE_SECONDS if self._stale_since is None else RETRY_SECONDS
            try:
                # Not all at the same moment, where many were opened together.
                async with asyncio.timeout(seconds * random.uniform(0.75, 1.25)):  # noqa: S311 # no secret
                    event = await reader.get()
            except TimeoutError:
                return StreamEvent(None)
        if event is None:
            raise SubgraphError(
                codes.EVENTS_UNAVAILABLE,
                f'The events of subgraph "{self._stream.subgraph}" are closed.',
                self._stream.subgraph,
            )
        return event

    async def _reply(self, event: StreamEvent) -> SubgraphReply | None:
        """What the client is told of an event; None for nothing new."""
        if event.message is None:
            return await self._snapshot_again(event.id)
        try:
            message = _decode(event.message)
            data = self._operation.projection.of(message)
            sequence, is_final = self._standing(message)
        except (msgspec.DecodeError, UnicodeError, RecursionError, IncompleteMessageError) as error:
            # It says that something changed, if nothing else.
            log.debug("event_incomplete", subgraph=self._stream.name, reason=str(error))
            return await self._snapshot_again(event.id)
        if not self._is_later(sequence):
            return None
        self._note(sequence, data)
        self._stale_since = None
        self._is_over = is_final
        return SubgraphReply({self._operation.response_key: data}, event_id=event.id)

    def _standing(self, message: dict[str, Any]) -> tuple[Any, bool]:
        stream = self._stream
        for name in (stream.sequence, stream.final):
            if name is not None and name not in message:
                raise IncompleteMessageError(name)
        sequence = message[stream.sequence] if stream.sequence is not None else None
        return sequence, stream.final is not None and message[stream.final] is True

    def _is_later(self, sequence: Any) -> bool:
        known = self._sequence
        return known is None or not isinstance(sequence, int) or sequence > known

    async def _snapshot_again(self, event_id: str | None) -> SubgraphReply | None:
        """As `_snapshot`; None also when the subgraph is away, and will be asked again."""
        now = asyncio.get_running_loop().time()
        try:
            reply = await self._snapshot(event_id)
        except SubgraphError as error:
            if self._stale_since is None:
                log.warning("snapshot_failed", subgraph=self._stream.name, code=error.code.name)
                self._stale_since = now
            if now - self._stale_since >= STALE_SECONDS_MAX:
                raise
            return None
        self._stale_since = None
        return reply

    async def _snapshot(self, event_id: str | None) -> SubgraphReply | None:
        """Ask the subgraph for the present state; None when the client has it already."""
        if self._stream.snapshot is None:
            return None
        request = msgspec.structs.replace(
            self._request, query=self._operation.snapshot, is_safe_to_repeat=True
        )
        reply = await self._subgraph.execute(request)
        key = self._operation.response_key
        data = (reply.data or {}).get(key)
        if data is None:
            self._is_over = True
            return SubgraphReply({key: None}, reply.errors) if reply.errors else self.refusal()
        if not isinstance(data, dict):
            what = "answered a snapshot that is no object"
            raise failure(self._stream.subgraph, codes.SUBGRAPH_MALFORMED_RESPONSE, what)
        sequence = data.pop(SEQUENCE_KEY, None)
        self._is_over = data.pop(FINAL_KEY, None) is True
        if not self._is_later(sequence) or msgspec.json.encode(data) == self._last:
            return None
        self._note(sequence, data)
        return SubgraphReply({key: data}, reply.errors, event_id=event_id)

    def _note(self, sequence: Any, data: dict[str, Any]) -> None:
        """Remember what the client was told; the data itself is its consumer's to change."""
        if isinstance(sequence, int):
            self._sequence = sequence
        elif self._stream.snapshot is not None:
            self._last = msgspec.json.encode(data)

    def refusal(self) -> SubgraphReply:
        """The answer where there is nothing to watch."""
        key, code = self._operation.response_key, codes.NOTHING_TO_WATCH
        error = {"message": code.meaning, "path": [key], "extensions": {"code": code.name}}
        return SubgraphReply({key: None}, (error,))
