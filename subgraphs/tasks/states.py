"""The states of campaigns and deliveries, and which steps between them are legal.

`TRANSITIONS` is the whole truth about campaigns: a pair that is not in it is refused.
"""

from enum import Enum, StrEnum

import strawberry

__all__ = [
    "ACCEPTED_STATES",
    "TERMINAL_STATES",
    "TRANSITIONS",
    "Action",
    "Channel",
    "Consent",
    "DeliveryState",
    "TaskKind",
    "TaskState",
    "next_state",
]


@strawberry.enum
class TaskKind(StrEnum):
    """What sort of long-running work a task is."""

    CAMPAIGN = "CAMPAIGN"


@strawberry.enum
class TaskState(StrEnum):
    """Where a task stands."""

    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    LAUNCHING = "LAUNCHING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


class Action(Enum):
    """What moves a campaign: a person's command, or a step of the launch."""

    LAUNCH = "LAUNCH"
    START = "START"
    PAUSE = "PAUSE"
    RESUME_LAUNCHING = "RESUME_LAUNCHING"
    RESUME = "RESUME"
    COMPLETE = "COMPLETE"
    CANCEL = "CANCEL"
    REJECT = "REJECT"


@strawberry.enum
class DeliveryState(StrEnum):
    """Where one message to one recipient stands.

    QUEUED and SENDING are on the way; every other state is definite. UNCONFIRMED: the sender died
    between handing the message over and hearing the answer; it is never sent again by itself. A
    platform that reports on it later still tells what became of it.
    """

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"
    UNCONFIRMED = "UNCONFIRMED"


@strawberry.enum
class Channel(StrEnum):
    """The messaging network an account belongs to."""

    TELEGRAM = "TELEGRAM"
    WHATSAPP = "WHATSAPP"


@strawberry.enum
class Consent(StrEnum):
    """Whether a contact agreed to receive messages; without a record nothing is sent."""

    NONE = "NONE"
    OPTED_IN = "OPTED_IN"
    OPTED_OUT = "OPTED_OUT"


#: The states in which the channel has accepted the message.
ACCEPTED_STATES = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})

TERMINAL_STATES = frozenset({TaskState.COMPLETED, TaskState.CANCELLED, TaskState.REJECTED})

TRANSITIONS: dict[tuple[TaskState, Action], TaskState] = {
    (TaskState.DRAFT, Action.LAUNCH): TaskState.LAUNCHING,
    (TaskState.DRAFT, Action.CANCEL): TaskState.CANCELLED,
    (TaskState.SCHEDULED, Action.LAUNCH): TaskState.LAUNCHING,
    (TaskState.SCHEDULED, Action.CANCEL): TaskState.CANCELLED,
    (TaskState.LAUNCHING, Action.START): TaskState.RUNNING,
    (TaskState.LAUNCHING, Action.REJECT): TaskState.REJECTED,
    (TaskState.LAUNCHING, Action.PAUSE): TaskState.PAUSED,
    (TaskState.LAUNCHING, Action.CANCEL): TaskState.CANCELLED,
    (TaskState.RUNNING, Action.PAUSE): TaskState.PAUSED,
    (TaskState.RUNNING, Action.COMPLETE): TaskState.COMPLETED,
    (TaskState.RUNNING, Action.CANCEL): TaskState.CANCELLED,
    # A campaign paused while its audience was being frozen goes back to that.
    (TaskState.PAUSED, Action.RESUME_LAUNCHING): TaskState.LAUNCHING,
    (TaskState.PAUSED, Action.RESUME): TaskState.RUNNING,
    (TaskState.PAUSED, Action.CANCEL): TaskState.CANCELLED,
}


def next_state(state: TaskState, action: Action) -> TaskState | None:
    """The state an action leads to, or None when it is not legal here."""
    return TRANSITIONS.get((state, action))
