"""The Task interface and its progress."""

from datetime import datetime
from typing import Self

import msgspec
import strawberry

from subgraphs.shared.columns import utc_now
from subgraphs.tasks.graphql_types.owners import Organization, User
from subgraphs.tasks.progress import TaskSnapshot
from subgraphs.tasks.states import TaskKind, TaskState

__all__ = ["Task", "TaskProgress"]


@strawberry.type(
    description="Numbers of a task: queued + sent + failed + suppressed + unconfirmed = total; "
    "delivered is a part of sent and read a part of delivered."
)
class TaskProgress:
    """A task's numbers at one moment."""

    total: int
    queued: int
    sent: int
    delivered: int
    read: int
    failed: int
    suppressed: int
    unconfirmed: int
    percent: float
    per_second: float
    eta_seconds: int | None
    sequence: int = strawberry.field(description="Rises with every change of the task.")

    @classmethod
    def from_snapshot(cls, snapshot: TaskSnapshot) -> Self:
        """The numbers of a snapshot, with the speed as of now."""
        return cls(**msgspec.structs.asdict(snapshot.progress(utc_now())))


@strawberry.interface(description="Long-running work that can be watched.")
class Task:
    """What every kind of task has."""

    id: strawberry.ID
    kind: TaskKind
    state: TaskState
    is_final: bool = strawberry.field(
        description="Whether nothing is on the way any more; "
        "later reports of the platforms still move numbers."
    )
    sequence: int = strawberry.federation.field(
        description="Rises with every change of the task.", inaccessible=True
    )
    progress: TaskProgress
    owner: User
    organization: Organization
    created_at: datetime
