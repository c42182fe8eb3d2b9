"""A saga to try things on: an order that takes money and stock from two services.

The services are databases of their own, so what they did is not undone by anybody's rollback.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, String, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.columns import new_metadata
from subgraphs.shared.database import Database, open_database
from subgraphs.shared.saga import (
    Done,
    Journal,
    LocalStep,
    NotYet,
    RefusedError,
    RemoteStep,
    Saga,
    SagaKind,
    SagaRecord,
    SagaRunner,
    SagaSettings,
    SagaStepRecord,
    SagaTables,
    StepOutcome,
)
from subgraphs.shared.settings import load_settings

__all__ = ["FAST", "TABLES", "Shop", "open_shop"]

LINES = 2
FAST = SagaSettings(lease_seconds=0.0, retry_seconds_min=0.0, retry_seconds_max=0.0)


class Base(DeclarativeBase):
    metadata = new_metadata()


class OrderRow(Base):
    __tablename__ = "orders"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    lines: Mapped[int] = mapped_column(Integer)


class SagaRow(SagaRecord, Base):
    pass


class SagaStepRow(SagaStepRecord, Base):
    pass


class RemoteBase(DeclarativeBase):
    metadata = new_metadata()


class TakenRow(RemoteBase):
    """What a service gave; `calls` counts how often it was asked for that."""

    __tablename__ = "taken"

    saga_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    calls: Mapped[int] = mapped_column(Integer)


TABLES = SagaTables(SagaRow, SagaStepRow)


@dataclass
class Shop:
    """The service with the sagas, the other services, and what they refuse."""

    own: Database
    other: Database
    refuses: frozenset[str] = frozenset()
    fails: dict[str, int] = field(default_factory=dict)
    #: Called once a service has given something, before it answers.
    given: Callable[[str], Awaitable[None]] | None = None

    def runner(
        self,
        watch: Callable[[str, str], None] = lambda _saga, _point: None,
        settings: SagaSettings = FAST,
    ) -> SagaRunner:
        return SagaRunner(self.own, TABLES, [self.kind()], settings, watch)

    async def order(self, order_id: str) -> str:
        """Take an order, and begin its saga in the same transaction."""
        async with self.own.writing() as session:
            return await self.begin(session, order_id)

    async def begin(self, session: AsyncSession, order_id: str) -> str:
        session.add(OrderRow(id=order_id, state="NEW", lines=0))
        return await Journal(TABLES).begin(session, "order", "org_1", order_id, {"price": 7})

    async def count(self) -> int:
        """How many sagas there are."""
        async with self.own.reading() as session:
            return await session.scalar(select(func.count()).select_from(SagaRow)) or 0

    def kind(self) -> SagaKind:
        return SagaKind(
            "order",
            (
                LocalStep("write-lines", self._write_lines, self._reject),
                RemoteStep("take-money", self._taker("money"), self._giver("money")),
                RemoteStep("take-stock", self._taker("stock"), self._giver("stock")),
                LocalStep("send", self._send),
            ),
        )

    async def _write_lines(self, session: AsyncSession, saga: Saga) -> StepOutcome:
        """In several turns, as a long list would be."""
        self._may_fail("lines")
        order = await session.get_one(OrderRow, saga.subject_id)
        if "lines" in self.refuses:
            raise RefusedError("NO_LINES", "There is nothing in it.")
        order.lines += 1
        return Done({"lines": order.lines}) if order.lines == LINES else NotYet()

    async def _reject(self, session: AsyncSession, saga: Saga) -> None:
        await session.execute(
            update(OrderRow).where(OrderRow.id == saga.subject_id).values(state=saga.reason_code)
        )

    async def _send(self, session: AsyncSession, saga: Saga) -> StepOutcome:
        if "send" in self.refuses:
            raise RefusedError("NO_POST", "The post is on strike.")
        assert saga.results["write-lines"] == {"lines": LINES}
        await session.execute(
            update(OrderRow).where(OrderRow.id == saga.subject_id).values(state="SENT")
        )
        return Done()

    def _taker(self, what: str) -> Any:
        async def take(saga: Saga) -> StepOutcome:
            self._may_fail(what)
            if what in self.refuses:
                raise RefusedError(f"NO_{what.upper()}", f"There is no {what}.")
            assert saga.input == {"price": 7}
            async with self.other.writing() as session:
                known = await session.get(TakenRow, (saga.id, what))
                if known is None:
                    row = {"saga_id": saga.id, "what": what, "calls": 1}
                    await session.execute(insert(TakenRow).values(row))
                else:
                    known.calls += 1
            if self.given is not None:
                await self.given(what)
            return Done({"what": what})

        return take

    def _giver(self, what: str) -> Any:
        async def give_back(saga: Saga) -> None:
            self._may_fail(f"back-{what}")
            async with self.other.writing() as session:
                await session.execute(
                    delete(TakenRow).where(TakenRow.saga_id == saga.id, TakenRow.what == what)
                )

        return give_back

    def _may_fail(self, what: str) -> None:
        left = self.fails.get(what, 0)
        if left:
            self.fails[what] = left - 1
            raise OSError(f"{what}: nobody is there")

    async def saga(self, saga_id: str) -> SagaRow:
        async with self.own.reading() as session:
            return await session.get_one(SagaRow, saga_id)

    async def steps(self, saga_id: str) -> dict[str, str]:
        """The states of the steps by name."""
        async with self.own.reading() as session:
            rows = await session.execute(
                select(SagaStepRow.name, SagaStepRow.state)
                .where(SagaStepRow.saga_id == saga_id)
                .order_by(SagaStepRow.number)
            )
            return {row.name: row.state.value for row in rows}

    async def outcome(self, saga_id: str) -> tuple[str, set[str]]:
        """The order's state, and what was taken for it and not given back."""
        async with self.own.reading() as session:
            saga = await session.get_one(SagaRow, saga_id)
            order = await session.get_one(OrderRow, saga.subject_id)
        async with self.other.reading() as session:
            taken = await session.scalars(select(TakenRow.what).where(TakenRow.saga_id == saga_id))
            return order.state, set(taken)

    async def let_wait_no_longer(self) -> None:
        """As if time had passed: what waits is due."""
        async with self.own.writing() as session:
            await session.execute(update(SagaRow).values(next_at=time.time(), lease_until=0.0))


async def open_shop(url: str, folder: Path, **given: Any) -> Shop:
    """Over a database for the sagas, and a SQLite file for the other services."""
    environment = {"DATABASE_URL": url, "DATA_DIR": str(folder)}
    own = open_database(load_settings("public", 4000, environment))
    other = open_database(load_settings("other", 4000, {"DATA_DIR": str(folder)}))
    for database, metadata in ((own, Base.metadata), (other, RemoteBase.metadata)):
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    return Shop(own, other, **given)
