"""The message on the channels `task:<id>` and `organization:<id>:tasks`.

It is the task as GraphQL answers it, as far as `MESSAGE` goes: a gateway that reads the channel
passes it on to clients as it stands, without asking this service (`EventStream`).
"""

from datetime import datetime
from typing import Any

import msgspec

from subgraphs.shared.columns import utc_now
from subgraphs.tasks.progress import COUNTERS, Progress, TaskSnapshot
from subgraphs.tasks.states import TaskState

__all__ = ["MESSAGE", "encode_snapshot", "read_snapshot"]

#: What every message tells, as a field set on `Task`.
MESSAGE = (
    "id state isFinal sequence owner { id } organization { id } "
    "progress { total queued sent delivered read failed suppressed unconfirmed "
    "percent perSecond etaSeconds sequence } "
    "... on Campaign { startedAt finishedAt }"
)


class _Reference(msgspec.Struct, frozen=True):
    id: str


class _Message(msgspec.Struct, frozen=True, rename="camel", tag_field="__typename", tag="Campaign"):
    id: str
    state: TaskState
    is_final: bool
    sequence: int
    owner: _Reference
    organization: _Reference
    progress: Progress
    # As Strawberry writes them, with an offset, where msgspec would write a Z.
    started_at: str | None
    finished_at: str | None


_decoder = msgspec.json.Decoder(_Message)


def encode_snapshot(snapshot: TaskSnapshot) -> str:
    """The message that tells a snapshot, with the speed as of now."""
    message = _Message(
        id=snapshot.id,
        state=snapshot.state,
        is_final=snapshot.is_final,
        sequence=snapshot.sequence,
        owner=_Reference(snapshot.owner_id),
        organization=_Reference(snapshot.organization_id),
        progress=snapshot.progress(utc_now()),
        started_at=_text(snapshot.started_at),
        finished_at=_text(snapshot.finished_at),
    )
    return msgspec.json.encode(message).decode()


def read_snapshot(message: str | bytes) -> TaskSnapshot:
    """The snapshot in a message of either channel."""
    read = _decoder.decode(message)
    counters: dict[str, Any] = {name: getattr(read.progress, name) for name in COUNTERS}
    return TaskSnapshot(
        id=read.id,
        organization_id=read.organization.id,
        owner_id=read.owner.id,
        state=read.state,
        sequence=read.sequence,
        started_at=_moment(read.started_at),
        finished_at=_moment(read.finished_at),
        **counters,
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
