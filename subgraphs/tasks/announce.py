"""Telling subscribers and workers what changed.

Announcements are hints: the database is the truth, and everyone who listens also looks there from
time to time. So an announcement that cannot be made costs freshness, never correctness.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Iterable

from broadcasting import Broadcast, BroadcastUnavailableError
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.task_message import encode_snapshot

__all__ = [
    "PUBLISH_INTERVAL_SECONDS",
    "WAKE_CHANNEL",
    "Announcer",
    "announce",
    "organization_channel",
    "task_channel",
]

log = logging.getLogger(__name__)

#: At most five messages per second about one task.
PUBLISH_INTERVAL_SECONDS = 0.2
#: Tasks with an unpublished change; beyond it the oldest is dropped (subscribers look it up).
PENDING_TASKS_MAX = 10_000
#: Tells workers that there may be something to do.
WAKE_CHANNEL = "tasks:wake"


def task_channel(task_id: str) -> str:
    """The channel of one task's changes."""
    return f"task:{task_id}"


def organization_channel(organization_id: str) -> str:
    """The channel of the changes of all tasks of an organisation."""
    return f"organization:{organization_id}:tasks"


async def announce(broadcast: Broadcast, snapshot: TaskSnapshot) -> bool:
    """Publish a change of a task now; false when Redis does not take it."""
    message = encode_snapshot(snapshot)
    try:
        await broadcast.publish(task_channel(snapshot.id), message)
        await broadcast.publish(organization_channel(snapshot.organization_id), message)
    except BroadcastUnavailableError as error:
        log.warning("a change of task %s was not announced: %s", snapshot.id, error)
        return False
    return True


class Announcer:
    """Publishes the latest change of each task, at most every `PUBLISH_INTERVAL_SECONDS`."""

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast
        self._pending: dict[str, TaskSnapshot] = {}
        self._changed = asyncio.Event()

    def note(self, snapshots: Iterable[TaskSnapshot]) -> None:
        """Take over changes to be published; only the latest of each task is kept."""
        for snapshot in snapshots:
            known = self._pending.get(snapshot.id)
            if known is None or known.sequence < snapshot.sequence:
                self._pending[snapshot.id] = snapshot
        while len(self._pending) > PENDING_TASKS_MAX:
            del self._pending[next(iter(self._pending))]
        if self._pending:
            self._changed.set()

    async def run(self) -> None:
        """Publish for ever."""
        while True:
            await self._changed.wait()
            await self.flush()
            await asyncio.sleep(PUBLISH_INTERVAL_SECONDS)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Publish while the block runs, and what is left at its end."""
        task = asyncio.create_task(self.run(), name="announcer")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await self.flush()

    async def flush(self) -> None:
        """Publish everything pending; what Redis does not take stays for the next time."""
        self._changed.clear()
        pending, self._pending = self._pending, {}
        refused: list[TaskSnapshot] = []
        for snapshot in pending.values():
            # After one refusal the others would each wait as long for the same answer.
            if refused or not await announce(self._broadcast, snapshot):
                refused.append(snapshot)
        self.note(refused)
