"""The worker: four loops over one database.

- *claim* takes what may be sent in the next half second and gives it to the outbox;
- *record* writes the results, several times a second;
- *upkeep* launches, freezes, settles and gives up what is due;
- *announce* publishes progress.

Wake-ups arrive through the broadcast; each loop also looks by itself, so a lost wake-up costs a
second and nothing else. Any number of workers may run against one database.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from broadcasting import Broadcast
from subgraphs.shared.columns import utc_now
from subgraphs.shared.database import Database
from subgraphs.tasks.announce import WAKE_CHANNEL, Announcer
from subgraphs.tasks.channels.port import MessageChannel
from subgraphs.tasks.freeze import freeze_next_chunk
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.settings import WorkerSettings
from subgraphs.tasks.worker.claim import claim_deliveries
from subgraphs.tasks.worker.outbox import Outbox
from subgraphs.tasks.worker.results import record_results
from subgraphs.tasks.worker.upkeep import (
    complete_campaigns,
    give_up_expired,
    hand_over_stopped,
    launch_due,
    settle_cancelled,
)

__all__ = ["Worker"]

log = logging.getLogger(__name__)

CLAIM_INTERVAL_SECONDS = 0.25
RECORD_INTERVAL_SECONDS = 0.2
#: How often an idle worker looks by itself.
POLL_SECONDS = 1.0
#: Deliveries in one worker's hands; with more, it claims no further ones.
IN_HAND_MAX = 1_000
#: Pause after the database refused something.
RETRY_SECONDS = 1.0
#: Tries to write the last results when stopping; after that the leases tell the truth.
LAST_RECORD_ATTEMPTS = 3


class Worker:
    """Sends campaigns until it is stopped; what it holds then is handed back."""

    def __init__(
        self,
        database: Database,
        broadcast: Broadcast,
        channel: MessageChannel,
        settings: WorkerSettings,
    ) -> None:
        self._database = database
        self._broadcast = broadcast
        self._settings = settings
        self._outbox = Outbox(channel, settings)
        self._announcer = Announcer(broadcast)
        self._claim_now = asyncio.Event()
        self._upkeep_now = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work while the block runs; at its end, stop gracefully."""
        async with self._announcer.running():
            # Recording goes on until the outbox is empty, so it ends after the others.
            async with _running(self._for_ever("record", self._record)):
                async with (
                    _running(self._for_ever("claim", self._claim)),
                    _running(self._for_ever("upkeep", self._upkeep)),
                    _running(self._listen()),
                ):
                    yield
                await self._outbox.close(self._settings.send_timeout_seconds)
            await self._record_the_rest()

    def wake(self) -> None:
        """Look for work now."""
        self._claim_now.set()
        self._upkeep_now.set()

    async def _listen(self) -> None:
        async with self._broadcast.subscribe(WAKE_CHANNEL) as subscriber:
            async for _ in subscriber:
                self.wake()

    async def _for_ever(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                # Deadlocks, restarts and network faults pass; every step can be done again.
                log.warning("worker: %s failed and will be tried again: %s", name, error)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                # A fault of ours in one campaign must not stop all the others.
                log.exception("worker: %s failed unexpectedly and will be tried again", name)
                await asyncio.sleep(RETRY_SECONDS)

    async def _claim(self) -> None:
        room = IN_HAND_MAX - len(self._outbox)
        if room > 0:
            async with self._database.writing() as session:
                claim = await claim_deliveries(session, self._settings, time.time(), room)
            # Only now is it committed: nothing is sent that a crash could forget.
            self._outbox.add(claim.deliveries)
            self._announcer.note(claim.snapshots)
        if len(self._outbox):
            await asyncio.sleep(CLAIM_INTERVAL_SECONDS)
        else:
            await _wait(self._claim_now, POLL_SECONDS)

    async def _record(self) -> None:
        await asyncio.sleep(RECORD_INTERVAL_SECONDS)
        await self._record_results()

    async def _record_results(self) -> None:
        results = self._outbox.take_results()
        if not results:
            return
        try:
            async with self._database.writing() as session:
                snapshots = await record_results(session, results, time.time())
        except BaseException:
            # Also when cancelled: recording the same results twice changes nothing.
            self._outbox.put_back(results)
            raise
        self._announcer.note(snapshots)

    async def _record_the_rest(self) -> None:
        for _ in range(LAST_RECORD_ATTEMPTS):
            try:
                await self._record_results()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("worker: the last results were not recorded: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _upkeep(self) -> None:
        await self._once(lambda session: launch_due(session, utc_now()))
        while await self._freeze():
            pass
        while await self._once(settle_cancelled):
            pass
        while await self._once(hand_over_stopped):
            self._claim_now.set()
        await self._once(lambda session: give_up_expired(session, time.time()))
        await self._once(complete_campaigns)
        await _wait(self._upkeep_now, POLL_SECONDS)

    async def _freeze(self) -> bool:
        async with self._database.writing() as session:
            snapshot = await freeze_next_chunk(session)
        if snapshot is None:
            return False
        self._announcer.note([snapshot])
        self._claim_now.set()
        return True

    async def _once(
        self, step: Callable[[AsyncSession], Awaitable[Sequence[TaskSnapshot]]]
    ) -> bool:
        async with self._database.writing() as session:
            snapshots = await step(session)
        self._announcer.note(snapshots)
        return bool(snapshots)


@contextlib.asynccontextmanager
async def _running(work: Awaitable[None]) -> AsyncGenerator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _wait(event: asyncio.Event, timeout_seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_seconds):
            await event.wait()
    event.clear()
