"""Watching tasks.

A subscription first subscribes, then reads the present state, then follows the changes; so nothing
is lost in between. When messages may have been lost, or none came for a while, it reads the state
again: the database is the truth and the broadcast only says when to look.
"""

import asyncio
import time
from collections.abc import AsyncGenerator

import strawberry

from broadcasting import Gap, Subscriber
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import ErrorCode, ServiceError
from subgraphs.shared.event_stream import EventStream
from subgraphs.shared.ids import usable_id
from subgraphs.tasks import repository
from subgraphs.tasks.announce import PUBLISH_INTERVAL_SECONDS, organization_channel, task_channel
from subgraphs.tasks.graphql_types.campaign import Campaign
from subgraphs.tasks.graphql_types.task import Task
from subgraphs.tasks.models import Campaign as CampaignRow
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.task_message import MESSAGE, read_snapshot

__all__ = ["Subscription"]

#: After so much silence the state is read again; a message may have been lost on its way to Redis.
SILENCE_SECONDS = 3.0


@strawberry.type
class Subscription:
    """What the viewer may watch."""

    @strawberry.subscription(
        description="A task now and after each change, at most 5 times a second; "
        "ends after the task's last change.",
        directives=[
            EventStream(
                channel=task_channel("{id}"),
                message=MESSAGE,
                snapshot="task",
                sequence="sequence",
                final="isFinal",
            )
        ],
    )
    async def task_progress(
        self,
        info: ServiceInfo,
        id: strawberry.ID,  # noqa: A002
    ) -> AsyncGenerator[Task, None]:
        """Follow one task to its end."""
        info.context.viewer()
        channel = task_channel(usable_id(id) or "")
        async with info.context.resources.broadcast.subscribe(
            channel, conflate_by=lambda _: ""
        ) as subscriber:
            row = await _read_row(info, id)
            if row is None:
                raise ServiceError(ErrorCode.NOT_FOUND, "There is no such task.")
            snapshot = row.snapshot()
            yield Campaign.from_row(row, snapshot)
            while not snapshot.is_final:
                yielded_at = time.monotonic()
                snapshot = await _next_change(info, subscriber, snapshot)
                # The queue conflates meanwhile, so what is sent is never old.
                await asyncio.sleep(yielded_at + PUBLISH_INTERVAL_SECONDS - time.monotonic())
                yield Campaign.from_row(row, snapshot)

    @strawberry.subscription(
        description="Every task of the viewer's organisation that changes, at most 5 times a "
        "second each."
    )
    async def organization_tasks(self, info: ServiceInfo) -> AsyncGenerator[Task, None]:
        """Follow all tasks; never ends by itself."""
        channel = organization_channel(info.context.viewer().organization_id)
        async with info.context.resources.broadcast.subscribe(
            channel, conflate_by=lambda message: read_snapshot(message).id
        ) as subscriber:
            async for event in subscriber:
                if isinstance(event, Gap):
                    continue
                snapshot = read_snapshot(event.message)
                row = await _read_row(info, snapshot.id)
                if row is not None:
                    yield Campaign.from_row(row, snapshot)


async def _next_change(
    info: ServiceInfo, subscriber: Subscriber, last: TaskSnapshot
) -> TaskSnapshot:
    """Wait for a state that is later than the last one."""
    while True:
        snapshot = await _look(info, subscriber, last.id)
        if snapshot is not None and snapshot.sequence > last.sequence:
            return snapshot


async def _look(info: ServiceInfo, subscriber: Subscriber, task_id: str) -> TaskSnapshot | None:
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            event = await subscriber.get()
    except TimeoutError:
        event = Gap(subscriber.channel)
    if event is None:
        raise ServiceError(ErrorCode.INTERNAL, "The service is shutting down; subscribe again.")
    if isinstance(event, Gap):
        row = await _read_row(info, task_id)
        return None if row is None else row.snapshot()
    return read_snapshot(event.message)


async def _read_row(info: ServiceInfo, task_id: str) -> CampaignRow | None:
    # Also checks the token again, so a subscription ends when it expires.
    key = (info.context.viewer().organization_id, task_id)
    if usable_id(task_id) is None:
        return None
    async with info.context.database.reading() as session:
        return (await repository.campaigns_by_id(session, [key])).get(key)
