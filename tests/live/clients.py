"""Thousands of clients that watch a task each, as raw sockets: nothing of them costs much."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from typing import Literal, cast

from websockets.frames import Frame, Opcode

__all__ = ["OPERATION", "Client", "Transport", "moment"]

Transport = Literal["sse", "ws"]

OPERATION = (
    "subscription Live($id: ID!) { taskProgress(id: $id) { "
    "id state progress { sent total percent } ... on Campaign { startedAt } } }"
)
#: Microseconds until moments begin again: GraphQL's Int has 31 bits.
ROUND = 2**31
#: The publisher writes the moment of publishing here.
_MOMENT = re.compile(rb'"sent":(\d+)')
_FINAL = b'"state":"COMPLETED"'
_ENDS = {"sse": b"event: complete", "ws": b'"type":"complete"'}


class Client(asyncio.Protocol):
    """One watcher: counts events, notes their delay, and knows whether it saw the final state.

    `heard` is called at the first event and at the end.
    """

    def __init__(
        self,
        task_id: str,
        transport: Transport,
        authorization: str,
        heard: Callable[["Client"], None],
    ) -> None:
        self.task_id = task_id
        self.events = 0
        self.delays: list[float] = []
        self.saw_final = False
        self.is_over = False
        self.problem = ""
        self._kind = transport
        self._authorization = authorization
        self._heard = heard
        self._transport: asyncio.WriteTransport | None = None
        self._unsent: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio.
        transport = cast("asyncio.WriteTransport", transport)
        self._transport = transport
        body = json.dumps({"query": OPERATION, "variables": {"id": self.task_id}}).encode()
        head = f"authorization: {self._authorization}\r\nhost: 127.0.0.1\r\n"
        if self._kind == "sse":
            transport.write(
                f"POST /graphql HTTP/1.1\r\n{head}accept: text/event-stream\r\n"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
                + body
            )
            return
        transport.write(
            f"GET /graphql HTTP/1.1\r\n{head}upgrade: websocket\r\nconnection: Upgrade\r\n"
            "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "sec-websocket-protocol: graphql-transport-ws\r\n\r\n".encode()
        )
        self._unsent = [
            _frame(b'{"type":"connection_init"}'),
            _frame(b'{"id":"1","type":"subscribe","payload":' + body + b"}"),
        ]

    def data_received(self, data: bytes) -> None:
        # Events are far smaller than a segment, and the gateway writes each at once: looking for
        # what is in the bytes does without parsing frames.
        now = moment()
        if self._unsent and self._transport is not None:
            # After the handshake, and after the acknowledgement.
            self._transport.write(self._unsent.pop(0))
        for published in _MOMENT.findall(data):
            self.events += 1
            if self.events > 1:
                self.delays.append((now - int(published)) % ROUND / 1_000)
            else:
                self._heard(self)
        if _FINAL in data:
            self.saw_final = True
        if _ENDS[self._kind] in data:
            self._end("")
        elif b"errors" in data or b" 503 " in data[:16]:
            self._end(data[:300].decode(errors="replace"))

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"connection lost: {error}")

    def leave(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _end(self, problem: str) -> None:
        if not self.is_over:
            self.is_over = True
            self.problem = problem
            self._heard(self)


def moment() -> int:
    """Now, in microseconds."""
    return time.time_ns() // 1_000 % ROUND


def _frame(text: bytes) -> bytes:
    return Frame(Opcode.TEXT, text).serialize(mask=True)
