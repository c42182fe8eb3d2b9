"""What a saga is made of, as a service declares it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

__all__ = [
    "Done",
    "LocalStep",
    "NotYet",
    "RefusedError",
    "RemoteStep",
    "Saga",
    "SagaKind",
    "Step",
    "StepOutcome",
]


class RefusedError(Exception):
    """A step cannot be done and has had no effect: the saga is undone for this reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Saga:
    """What a step is told. `results` are those of the steps before, by their names."""

    id: str
    organization_id: str
    subject_id: str
    input: Mapping[str, Any]
    results: Mapping[str, Mapping[str, Any]]
    reason_code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The step is done; later steps may ask for its result (small JSON)."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotYet:
    """The step has got on, and is to be called again after a pause."""

    seconds: float = 0.0


StepOutcome: TypeAlias = Done | NotYet


@dataclass(frozen=True, slots=True)
class RemoteStep:
    """A step that asks another service.

    `act` may raise `RefusedError`; whatever else it raises is tried again. `undo` takes back what
    `act` did, or may have done, and cannot refuse.
    """

    name: str
    act: Callable[[Saga], Awaitable[StepOutcome]]
    undo: Callable[[Saga], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class LocalStep:
    """A step within the service's own database: it commits with the record of it, or not at all."""

    name: str
    act: Callable[[AsyncSession, Saga], Awaitable[StepOutcome]]
    undo: Callable[[AsyncSession, Saga], Awaitable[None]] | None = None


Step: TypeAlias = RemoteStep | LocalStep


@dataclass(frozen=True, slots=True)
class SagaKind:
    """A name and steps in their order; both are stored, so names stay and steps are appended."""

    name: str
    steps: tuple[Step, ...]
