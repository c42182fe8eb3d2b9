"""One saga, one step at a time.

Every transaction begins by renewing the lease, which fails for a runner that lost it. What is
decided is decided by the row as it stands, so nothing is remembered here between two steps.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.shared.database import Database
from subgraphs.shared.saga.journal import Held, Journal, LostLeaseError, StepNote
from subgraphs.shared.saga.records import SagaRecord, SagaState, StepState
from subgraphs.shared.saga.steps import (
    LocalStep,
    NotYet,
    RefusedError,
    Saga,
    SagaKind,
    Step,
    StepOutcome,
)

__all__ = ["Carrier", "SagaSettings"]

log = logging.getLogger(__name__)

#: The reason of a saga whose step failed too often without being refused.
GIVEN_UP = RefusedError("STEP_FAILED", "A step failed again and again.")


@dataclass(frozen=True, slots=True)
class SagaSettings:
    """How a runner works; the clocks of the machines must agree much better than the lease.

    A step that fails is tried again after `retry_seconds_min`, and each time twice as late up to
    `retry_seconds_max`; after `failures_max` failures the saga is undone, and that is never given
    up.
    """

    concurrency: int = 10
    lease_seconds: float = 30.0
    step_seconds: float = 10.0
    poll_seconds: float = 1.0
    retry_seconds_min: float = 0.2
    retry_seconds_max: float = 30.0
    failures_max: int = 10


@dataclass(frozen=True, slots=True)
class _At:
    """A saga that this runner holds, at one of its steps."""

    held: Held
    number: int
    step: Step


class Carrier:
    """Carries sagas on for a runner that has claimed them."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        kinds: Mapping[str, SagaKind],
        settings: SagaSettings,
        watch: Callable[[str, str], None],
    ) -> None:
        self._database = database
        self._journal = journal
        self._kinds = kinds
        self._settings = settings
        self._watch = watch

    async def advance(self, held: Held) -> bool:
        """Do the next thing; false when the saga has ended or has to wait."""
        async with self._database.reading() as session:
            record = await self._journal.load(session, held)
            saga = await self._journal.told(session, record)
        steps = self._kinds[record.kind].steps
        if record.state is SagaState.RUNNING:
            if record.step == len(steps):
                await self._end(held, SagaState.COMPLETED)
                return False
            do = self._act
        else:
            if record.step < 0:
                await self._end(held, SagaState.COMPENSATED)
                return False
            do = self._undo
        at = _At(held, record.step, steps[record.step])
        try:
            return await do(at, saga)
        except LostLeaseError:
            raise
        except Exception as error:
            # Whatever it is, the saga is kept and tried again; only its class is told to clients.
            is_expected = isinstance(error, (SQLAlchemyError, OSError))
            log.warning(
                "saga %s: %s failed: %s", saga.id, at.step.name, error, exc_info=not is_expected
            )
            return await self._failed(at, record, type(error).__name__)

    async def _act(self, at: _At, saga: Saga) -> bool:
        try:
            if isinstance(at.step, LocalStep):
                self._tell(at, "begun")
                async with self._holding(at) as session:
                    is_due = await self._took(session, at, await at.step.act(session, saga))
            else:
                async with self._holding(at) as session:
                    await self._note(session, at, StepState.BEGUN)
                self._tell(at, "begun")
                async with asyncio.timeout(self._settings.step_seconds):
                    outcome = await at.step.act(saga)
                self._tell(at, "acted")
                async with self._holding(at) as session:
                    is_due = await self._took(session, at, outcome)
        except RefusedError as refused:
            await self._refused(at, refused)
            return True
        self._tell(at, "done")
        return is_due

    async def _took(self, session: AsyncSession, at: _At, outcome: StepOutcome) -> bool:
        if isinstance(outcome, NotYet):
            await self._note(session, at, StepState.BEGUN)
            if outcome.seconds > 0:
                await self._wait(session, at, outcome.seconds)
            return outcome.seconds <= 0
        await self._note(session, at, StepState.DONE, result=outcome.result)
        await self._set(session, at, step=at.number + 1, failures=0)
        return True

    async def _refused(self, at: _At, refused: RefusedError) -> None:
        log.info("saga %s: %s was refused: %s", at.held.id, at.step.name, refused.code)
        async with self._holding(at) as session:
            await self._note(session, at, StepState.REFUSED, failure=refused.code)
            await self._set(session, at, **Journal.turning_back(at.number - 1, refused))
        self._tell(at, "refused")

    async def _undo(self, at: _At, saga: Saga) -> bool:
        """Undo a step, or pass over one that left nothing to be undone."""
        step = at.step
        async with self._database.reading() as session:
            known = await self._journal.state_of_step(session, saga.id, at.number)
        if step.undo is None or known in (None, StepState.REFUSED, StepState.UNDONE):
            async with self._holding(at) as session:
                await self._set(session, at, step=at.number - 1, failures=0)
            return True
        if isinstance(step, LocalStep):
            self._tell(at, "undoing")
            async with self._holding(at) as session:
                await step.undo(session, saga)
                await self._undid(session, at)
        else:
            async with self._holding(at) as session:
                await self._note(session, at, StepState.UNDOING)
            self._tell(at, "undoing")
            async with asyncio.timeout(self._settings.step_seconds):
                await step.undo(saga)
            self._tell(at, "acted-back")
            async with self._holding(at) as session:
                await self._undid(session, at)
        self._tell(at, "undone")
        return True

    async def _undid(self, session: AsyncSession, at: _At) -> None:
        await self._note(session, at, StepState.UNDONE)
        await self._set(session, at, step=at.number - 1, failures=0)

    async def _failed(self, at: _At, record: SagaRecord, failure: str) -> bool:
        """Wait and try again; a step that is not refused but fails for ever is given up."""
        failures = record.failures + 1
        is_forward = record.state is SagaState.RUNNING
        state = StepState.BEGUN if is_forward else StepState.UNDOING
        async with self._holding(at) as session:
            await self._note(session, at, state, failure=failure)
            if is_forward and failures >= self._settings.failures_max:
                # It may have had its effect, so it is undone too.
                await self._set(session, at, **Journal.turning_back(at.number, GIVEN_UP))
                return True
            await self._set(session, at, failures=failures)
            await self._wait(session, at, self._retry_seconds(failures))
        return False

    def _retry_seconds(self, failures: int) -> float:
        settings = self._settings
        seconds = settings.retry_seconds_min * 2.0 ** min(failures - 1, 20)
        return min(seconds, settings.retry_seconds_max) * random.uniform(0.5, 1.0)  # noqa: S311 # no secret

    async def _end(self, held: Held, state: SagaState) -> None:
        async with self._database.writing() as session:
            await self._journal.write(
                session, held, state=state, lease_until=0.0, finished_at=utc_now()
            )
        log.info("saga %s: %s", held.id, state)
        self._watch(held.id, state.lower())

    @contextlib.asynccontextmanager
    async def _holding(self, at: _At) -> AsyncGenerator[AsyncSession]:
        """A transaction that begins by renewing the lease, and so fails for one who lost it."""
        async with self._database.writing() as session:
            await self._set(session, at, lease_until=time.time() + self._settings.lease_seconds)
            yield session

    async def _wait(self, session: AsyncSession, at: _At, seconds: float) -> None:
        await self._set(session, at, next_at=time.time() + seconds, lease_until=0.0)

    async def _set(self, session: AsyncSession, at: _At, **changed: Any) -> None:
        await self._journal.write(session, at.held, **changed)

    async def _note(self, session: AsyncSession, at: _At, state: StepState, **given: Any) -> None:
        note = StepNote(at.number, at.step.name, state, **given)
        await self._journal.note_step(session, at.held.id, note)

    def _tell(self, at: _At, point: str) -> None:
        log.info("saga %s: %s %s", at.held.id, at.step.name, point)
        self._watch(at.held.id, f"{at.step.name}:{point}")
