"""Publishes one change of every task per second, as the workers of the tasks service do.

    python -m tests.live.publisher REDIS_URL TASKS SECONDS

The tasks take turns over each second. The moment of publishing stands in `sent`.
The last change of each task completes it.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime

import uvloop

from broadcasting import Broadcast, open_broadcast
from subgraphs.tasks.announce import task_channel
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.states import TaskState
from subgraphs.tasks.task_message import encode_snapshot
from tests.live.clients import moment
from tests.live.stack import task_id


def main() -> None:
    """Publish."""
    url, tasks, seconds = sys.argv[1:]
    uvloop.run(_publish(url, int(tasks), int(seconds)))


async def _publish(url: str, tasks: int, seconds: int) -> None:
    async with open_broadcast(url) as broadcast:
        began = time.monotonic()
        for second in range(1, seconds + 1):
            for number in range(tasks):
                late = began + second - 1 + number / tasks - time.monotonic()
                if late > 0.002:
                    await asyncio.sleep(late)
                await _publish_one(broadcast, number, second, is_last=second == seconds)


async def _publish_one(broadcast: Broadcast, number: int, sequence: int, *, is_last: bool) -> None:
    now = datetime.now(UTC)
    snapshot = TaskSnapshot(
        id=task_id(number),
        organization_id="org_acme",
        owner_id="usr_ada",
        state=TaskState.COMPLETED if is_last else TaskState.RUNNING,
        sequence=sequence + 1,
        started_at=now,
        finished_at=now if is_last else None,
        total=1_000,
        sent=moment(),
    )
    await broadcast.publish(task_channel(snapshot.id), encode_snapshot(snapshot))


if __name__ == "__main__":
    main()
