"""Taking in what webhooks tell, many requests in one transaction.

A campaign's statuses come in hundreds of small requests a second. Transactions of their own would
stand in each other's way, and in the workers'; so one task applies everything that has come
meanwhile, and each request is answered when its part is committed.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeoutError

from subgraphs.shared.database import Database
from subgraphs.tasks.announce import Announcer
from subgraphs.tasks.webhooks.events import WebhookEvents, apply_events

__all__ = ["Intake", "IntakeFullError"]

OUTAGES = (OperationalError, InterfaceError, SQLAlchemyTimeoutError, OSError, TimeoutError)
#: Events that wait; a request that finds no room is answered with 503 and comes again.
PENDING_MAX = 10_000


class IntakeFullError(Exception):
    """More events wait than can be kept."""


class Intake:
    """Applies events in the order in which they came, while `running`."""

    def __init__(self, database: Database, announcer: Announcer) -> None:
        self._database = database
        self._announcer = announcer
        self._waiting: list[tuple[WebhookEvents, asyncio.Future[None]]] = []
        self._size = 0
        self._changed = asyncio.Event()

    async def take(self, events: WebhookEvents) -> None:
        """Return when the events are committed; raises what kept them from it."""
        if len(events) == 0:
            return
        if self._size + len(events) > PENDING_MAX:
            raise IntakeFullError
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, done))
        self._size += len(events)
        self._changed.set()
        await done

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Apply while the block runs; what waits at its end comes again."""
        task = asyncio.create_task(self._run(), name="webhook intake")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for _, done in self._waiting:
                done.cancel()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            taken, self._waiting = self._waiting, []
            self._size = 0
            try:
                await self._apply(taken)
            finally:
                for _, done in taken:
                    done.cancel()  # Nothing, where it is done.

    async def _apply(self, taken: Sequence[tuple[WebhookEvents, asyncio.Future[None]]]) -> None:
        together = WebhookEvents()
        for events, _ in taken:
            together.extend(events)
        error = await self._try(together)
        # One request must not keep the others from being taken in; a database that is away does.
        is_for_all = error is None or len(taken) == 1 or isinstance(error, OUTAGES)
        for events, done in taken:
            own_error = error if is_for_all else await self._try(events)
            if done.done():
                continue  # Whoever asked has left.
            if own_error is not None:
                done.set_exception(own_error)
            else:
                done.set_result(None)

    async def _try(self, events: WebhookEvents) -> Exception | None:
        try:
            await apply_events(self._database, self._announcer, events)
        except Exception as error:  # noqa: BLE001 - it is handed to whoever waits
            return error
        return None
