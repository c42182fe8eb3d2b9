"""The tables of sagas; a service mixes them into models of its own."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Double, Index, Integer, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from subgraphs.shared.columns import UtcDateTime, enum_column
from subgraphs.shared.ids import ID_CHARACTERS_MAX

__all__ = [
    "CODE_CHARACTERS_MAX",
    "MESSAGE_CHARACTERS_MAX",
    "SagaRecord",
    "SagaState",
    "SagaStepRecord",
    "SagaTables",
    "StepState",
]

#: A kind of saga, a dash, and an id.
SAGA_ID_CHARACTERS_MAX = 40 + 1 + ID_CHARACTERS_MAX
NAME_CHARACTERS_MAX = 40
CODE_CHARACTERS_MAX = 60
MESSAGE_CHARACTERS_MAX = 200


class SagaState(StrEnum):
    """Where a saga stands; in the last two nothing happens any more."""

    RUNNING = "RUNNING"
    COMPENSATING = "COMPENSATING"
    COMPLETED = "COMPLETED"
    COMPENSATED = "COMPENSATED"


class StepState(StrEnum):
    """Where a step stands.

    BEGUN and UNDOING may have had their effect or not. REFUSED has had none.
    """

    BEGUN = "BEGUN"
    DONE = "DONE"
    REFUSED = "REFUSED"
    UNDOING = "UNDOING"
    UNDONE = "UNDONE"


class SagaRecord:
    """One saga.

    `step` is the number of the step whose turn it is, from 0: upwards while RUNNING, downwards
    while COMPENSATING. Who carries the saga on holds it until `lease_until`, under a `version` that
    rises with every holder: what an earlier one still writes is refused.
    """

    __tablename__ = "sagas"

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:  # noqa: N805 - SQLAlchemy hands over the class
        """Found by what is due, and by what a saga is about."""
        return (Index(None, "state", "next_at"), Index(None, "organization_id", "subject_id"))

    id: Mapped[str] = mapped_column(String(SAGA_ID_CHARACTERS_MAX), primary_key=True)
    kind: Mapped[str] = mapped_column(String(NAME_CHARACTERS_MAX))
    organization_id: Mapped[str] = mapped_column(String(ID_CHARACTERS_MAX))
    subject_id: Mapped[str] = mapped_column(String(ID_CHARACTERS_MAX))
    state: Mapped[SagaState] = mapped_column(enum_column(SagaState))
    step: Mapped[int] = mapped_column(Integer)
    #: Tries of the present step that failed, one after the other.
    failures: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[float] = mapped_column(Double)
    lease_until: Mapped[float] = mapped_column(Double)
    version: Mapped[int] = mapped_column(Integer)
    input: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Why it is undone: a code for programs and a sentence for people.
    reason_code: Mapped[str | None] = mapped_column(String(CODE_CHARACTERS_MAX))
    reason: Mapped[str | None] = mapped_column(String(MESSAGE_CHARACTERS_MAX))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class SagaStepRecord:
    """One step that was begun, with what it gave."""

    __tablename__ = "saga_steps"

    saga_id: Mapped[str] = mapped_column(String(SAGA_ID_CHARACTERS_MAX), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS_MAX))
    state: Mapped[StepState] = mapped_column(enum_column(StepState))
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The last failure: the class of what was raised, which says nothing that must not be shown.
    failure: Mapped[str | None] = mapped_column(String(CODE_CHARACTERS_MAX))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())


@dataclass(frozen=True, slots=True)
class SagaTables:
    """A service's own models of both."""

    saga: type[SagaRecord]
    step: type[SagaStepRecord]
