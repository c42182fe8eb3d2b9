"""Reading and writing the rows of sagas, inside transactions of the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.columns import utc_now
from subgraphs.shared.saga.records import (
    CODE_CHARACTERS_MAX,
    MESSAGE_CHARACTERS_MAX,
    SagaRecord,
    SagaState,
    SagaTables,
    StepState,
)
from subgraphs.shared.saga.steps import RefusedError, Saga

__all__ = ["Held", "Journal", "LostLeaseError", "StepNote"]

UNFINISHED = (SagaState.RUNNING, SagaState.COMPENSATING)


class LostLeaseError(Exception):
    """Another runner carries the saga on: this one stood still for too long."""


@dataclass(frozen=True, slots=True)
class Held:
    """A saga in the hands of one runner; a later one has a higher version."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class StepNote:
    """Where a step stands; without a result it keeps the one it has."""

    number: int
    name: str
    state: StepState
    result: Mapping[str, Any] | None = None
    failure: str | None = None


class Journal:
    """The rows of one service's sagas."""

    def __init__(self, tables: SagaTables) -> None:
        self._sagas = tables.saga
        self._steps = tables.step

    async def begin(
        self,
        session: AsyncSession,
        kind: str,
        organization_id: str,
        subject_id: str,
        given: Mapping[str, Any],
    ) -> str:
        """Begin the saga of a kind about a subject, and answer its id.

        It exists once: the caller holds the subject's row, and sees to it that it begins once.
        `given` is small JSON that the steps are told.
        """
        saga_id = f"{kind}-{subject_id}"
        row = {
            "id": saga_id,
            "kind": kind,
            "organization_id": organization_id,
            "subject_id": subject_id,
            "state": SagaState.RUNNING,
            "step": 0,
            "failures": 0,
            "next_at": 0.0,
            "lease_until": 0.0,
            "version": 0,
            "input": dict(given),
            "created_at": utc_now(),
        }
        await session.execute(insert(self._sagas).values(**row))
        return saga_id

    async def claim(self, session: AsyncSession, now: float, lease_until: float) -> Held | None:
        """Hold the saga that has been due for longest and that nobody holds."""
        sagas = self._sagas
        found = await session.scalar(
            select(sagas)
            .where(sagas.state.in_(UNFINISHED), sagas.next_at <= now, sagas.lease_until <= now)
            .order_by(sagas.next_at, sagas.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if found is None:
            return None
        found.version += 1
        found.lease_until = lease_until
        await session.flush()
        return Held(found.id, found.version)

    async def load(self, session: AsyncSession, held: Held) -> SagaRecord:
        """The saga as it stands; raises `LostLeaseError` for one who holds it no longer."""
        record = await session.get(self._sagas, held.id, populate_existing=True)
        if record is None or record.version != held.version:
            raise LostLeaseError(held.id)
        return record

    async def next_due(self, session: AsyncSession) -> float | None:
        """The earliest moment at which something may be claimed; None when nothing is left."""
        sagas = self._sagas
        rows = await session.execute(
            select(sagas.next_at, sagas.lease_until)
            .where(sagas.state.in_(UNFINISHED))
            .order_by(sagas.next_at)
            .limit(100)
        )
        return min((max(row.next_at, row.lease_until) for row in rows), default=None)

    async def told(self, session: AsyncSession, record: SagaRecord) -> Saga:
        """What a step is told."""
        steps = self._steps
        rows = await session.execute(
            select(steps.name, steps.result).where(
                steps.saga_id == record.id,
                steps.state.in_((StepState.DONE, StepState.UNDOING)),
            )
        )
        return Saga(
            id=record.id,
            organization_id=record.organization_id,
            subject_id=record.subject_id,
            input=record.input,
            results={row.name: row.result for row in rows},
            reason_code=record.reason_code,
            reason=record.reason,
        )

    async def state_of_step(
        self, session: AsyncSession, saga_id: str, number: int
    ) -> StepState | None:
        """Where a step stands; None for one that was never begun."""
        steps = self._steps
        return await session.scalar(
            select(steps.state).where(steps.saga_id == saga_id, steps.number == number)
        )

    async def note_step(self, session: AsyncSession, saga_id: str, note: StepNote) -> None:
        """Write where a step stands."""
        now = utc_now()
        steps = self._steps
        changed: dict[str, Any] = {
            "state": note.state,
            "failure": note.failure and note.failure[:CODE_CHARACTERS_MAX],
            "updated_at": now,
        }
        if note.result is not None:
            changed["result"] = dict(note.result)
        known = await self.state_of_step(session, saga_id, note.number)
        if known is None:
            row = {"saga_id": saga_id, "number": note.number, "name": note.name, "begun_at": now}
            await session.execute(insert(steps).values(**row, **{"result": {}, **changed}))
        else:
            await session.execute(
                update(steps)
                .where(steps.saga_id == saga_id, steps.number == note.number)
                .values(**changed)
            )

    async def write(self, session: AsyncSession, held: Held, **changed: Any) -> None:
        """Write to the saga as its holder; raises `LostLeaseError` for one who is it no longer."""
        sagas = self._sagas
        done = await session.execute(
            update(sagas)
            .where(sagas.id == held.id, sagas.version == held.version)
            .values(**changed)
            .execution_options(synchronize_session=False)
        )
        if cast("CursorResult[Any]", done).rowcount != 1:
            raise LostLeaseError(held.id)

    @staticmethod
    def turning_back(step: int, refused: RefusedError) -> dict[str, Any]:
        """The columns of a saga that is undone from a step on."""
        return {
            "state": SagaState.COMPENSATING,
            "step": step,
            "failures": 0,
            "reason_code": refused.code[:CODE_CHARACTERS_MAX],
            "reason": refused.message[:MESSAGE_CHARACTERS_MAX],
        }
