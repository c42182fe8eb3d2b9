"""A client that watches a task to its end, however often it has to connect again."""

import asyncio
import contextlib
import itertools
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ReturningClient"]

QUERY = (
    "subscription Live($id: ID!) { taskProgress(id: $id) { "
    "state isFinal progress { sent queued sequence } } }"
)
#: How long it waits before it connects again: between these, in seconds.
PAUSE_SECONDS = (0.05, 0.5)


@dataclass
class ReturningClient:
    """Reads server-sent events from one of several gateways.

    `outages` has the seconds from each loss of the connection to the next event, and `problems` the
    errors that were told.
    """

    task_id: str
    authorization: str
    ports: list[int]
    states: list[dict[str, Any]] = field(default_factory=list)
    outages: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    was_told: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False
    _lost_at: float | None = None

    @property
    def last(self) -> dict[str, Any]:
        """The state it was told last."""
        return self.states[-1]

    async def run(self) -> None:
        """Watch until the task's last change."""
        for port in itertools.cycle(self.ports):
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._watch(port)
            if self.is_over:
                return
            if self._lost_at is None:
                self._lost_at = time.monotonic()
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))

    async def _watch(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(self._request())
            while True:
                event = await reader.readuntil(b"\n\n")
                if b"event: complete" in event:
                    # Of its own accord only after the last change; an error may be tried again.
                    self.is_over = bool(self.states) and bool(self.last["isFinal"])
                    return
                start = event.find(b"data: ")
                if start >= 0:
                    self._take(json.loads(event[start + len(b"data: ") :].split(b"\n")[0]))
        finally:
            writer.transport.abort()

    def _request(self) -> bytes:
        body = json.dumps({"query": QUERY, "variables": {"id": self.task_id}}).encode()
        head = (
            "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n"
            f"content-type: application/json\r\nauthorization: {self.authorization}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _take(self, payload: dict[str, Any]) -> None:
        task = (payload.get("data") or {}).get("taskProgress")
        if task is None:
            self.problems.append(json.dumps(payload.get("errors")))
            return
        if self._lost_at is not None:
            self.outages.append(time.monotonic() - self._lost_at)
            self._lost_at = None
        self.states.append(task)
        self.was_told.set()
