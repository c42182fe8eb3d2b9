"""Carrying sagas on: the loop that any number of workers may run side by side.

What a runner may do is decided by the row it has claimed. Each transaction renews the lease, and
each write is refused once another runner has taken the saga over. A saga that cannot go on waits
with a growing pause, and holds up no other.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable

from sqlalchemy.exc import SQLAlchemyError

from subgraphs.shared.database import Database
from subgraphs.shared.saga.carrier import Carrier, SagaSettings
from subgraphs.shared.saga.journal import Held, Journal, LostLeaseError
from subgraphs.shared.saga.records import SagaTables
from subgraphs.shared.saga.steps import SagaKind

__all__ = ["SagaRunner"]

log = logging.getLogger(__name__)


def _say_nothing(_saga_id: str, _point: str) -> None:
    """Nobody watches."""


class SagaRunner:
    """Runs the sagas of one service.

    `watch(saga_id, point)` is called before and after everything that happens, with points such as
    "reserve-credits:begun"; what it raises stops the runner as a crash would.
    """

    def __init__(
        self,
        database: Database,
        tables: SagaTables,
        kinds: Iterable[SagaKind],
        settings: SagaSettings | None = None,
        watch: Callable[[str, str], None] = _say_nothing,
    ) -> None:
        self._database = database
        self._journal = Journal(tables)
        self._settings = settings or SagaSettings()
        self._carrier = Carrier(
            database, self._journal, {kind.name: kind for kind in kinds}, self._settings, watch
        )
        self._wake = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work while the block runs; what is under way at its end is left to the next runner."""
        task = asyncio.create_task(self._run(), name="sagas")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def wake(self) -> None:
        """Look for sagas now."""
        self._wake.set()

    async def run_until_idle(self) -> None:
        """Carry on one saga after the other, until none is due now."""
        while (held := await self._claim()) is not None:
            await self._carry_on(held)

    async def _run(self) -> None:
        slots = asyncio.Semaphore(self._settings.concurrency)
        async with asyncio.TaskGroup() as sagas:
            while True:
                await slots.acquire()
                held, pause = await self._look()
                if held is not None:
                    sagas.create_task(self._carry_on_safely(held)).add_done_callback(
                        lambda _: slots.release()
                    )
                    continue
                slots.release()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
                self._wake.clear()

    async def _look(self) -> tuple[Held | None, float]:
        """A saga that is due, or how long to wait until the next look."""
        poll = self._settings.poll_seconds
        try:
            if (held := await self._claim()) is not None:
                return held, 0.0
            async with self._database.reading() as session:
                due = await self._journal.next_due(session)
        except (SQLAlchemyError, OSError) as error:
            log.warning("sagas: the database failed and will be asked again: %s", error)
            return None, poll
        return None, poll if due is None else min(max(due - time.time(), 0.0), poll)

    async def _claim(self) -> Held | None:
        now = time.time()
        async with self._database.writing() as session:
            return await self._journal.claim(session, now, now + self._settings.lease_seconds)

    async def _carry_on_safely(self, held: Held) -> None:
        try:
            await self._carry_on(held)
        except Exception:
            # Its lease ends, and then it is claimed again.
            log.exception("saga %s: it cannot be carried on for now", held.id)

    async def _carry_on(self, held: Held) -> None:
        """Go on until the saga ends or has to wait."""
        try:
            while await self._carrier.advance(held):
                pass
        except LostLeaseError:
            log.warning("saga %s: another runner has taken it over", held.id)
