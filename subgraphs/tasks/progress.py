"""Counting deliveries: what a campaign's numbers mean and how they change.

The invariant: `queued + sent + failed + suppressed + unconfirmed = total`. `queued` includes what
is being sent at this moment. `sent` is everything the channel accepted, so `delivered` is a part
of `sent` and `read` a part of `delivered`.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from subgraphs.tasks.states import ACCEPTED_STATES, TERMINAL_STATES, DeliveryState, TaskState

__all__ = ["COUNTERS", "Progress", "TaskSnapshot", "counter_changes", "counter_moves"]

COUNTERS = ("total", "queued", "sent", "delivered", "read", "failed", "suppressed", "unconfirmed")


class Progress(msgspec.Struct, frozen=True, rename="camel"):
    """A task's numbers as watchers are told them."""

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
    sequence: int


class TaskSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A task's state and numbers at one moment; a higher `sequence` is a later moment."""

    id: str
    organization_id: str
    owner_id: str
    state: TaskState
    sequence: int
    started_at: datetime | None
    finished_at: datetime | None
    total: int = 0
    queued: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    suppressed: int = 0
    unconfirmed: int = 0

    @property
    def done(self) -> int:
        """How many deliveries have a definite state."""
        return self.total - self.queued

    @property
    def is_final(self) -> bool:
        """Whether nothing is on the way any more.

        What the platforms report later (delivered, read, and what became of an unconfirmed
        message) still moves numbers, without anybody being told of each.
        """
        return self.state in TERMINAL_STATES and self.queued == 0

    @property
    def adds_up(self) -> bool:
        """Whether the invariant holds."""
        parts = self.queued + self.sent + self.failed + self.suppressed + self.unconfirmed
        return parts == self.total and self.sent >= self.delivered >= self.read >= 0

    @property
    def percent(self) -> float:
        """The definite share of the audience, 0 to 100; 100 only when all are definite."""
        if self.total == 0:
            return 100.0 if self.state is TaskState.COMPLETED else 0.0
        # Rounded down, so that 99.99 % never shows as done.
        return int(self.done * 1000 / self.total) / 10

    def progress(self, now: datetime) -> Progress:
        """The numbers, with the speed as of now."""
        return Progress(
            **{name: getattr(self, name) for name in COUNTERS},
            percent=self.percent,
            per_second=self.per_second(now),
            eta_seconds=self.eta_seconds(now),
            sequence=self.sequence,
        )

    def per_second(self, now: datetime) -> float:
        """Deliveries finished per second, from the launch to now or to the end."""
        if self.started_at is None:
            return 0.0
        seconds = ((self.finished_at or now) - self.started_at).total_seconds()
        return round(self.done / seconds, 1) if seconds > 0 else 0.0

    def eta_seconds(self, now: datetime) -> int | None:
        """Seconds to the end at the present speed; None when nothing moves."""
        speed = self.per_second(now)
        if self.state is not TaskState.RUNNING or speed <= 0:
            return None
        return round(self.queued / speed)


def counter_changes(states: Iterable[DeliveryState]) -> dict[str, int]:
    """How the counters change when deliveries go from on-the-way to these definite states."""
    return counter_moves((DeliveryState.SENDING, state) for state in states)


def counter_moves(moves: Iterable[tuple[DeliveryState, DeliveryState]]) -> dict[str, int]:
    """How the counters change when deliveries go from one state to another."""
    changes = dict.fromkeys(COUNTERS, 0)
    for before, after in moves:
        for counter in _counters_of(before):
            changes[counter] -= 1
        for counter in _counters_of(after):
            changes[counter] += 1
    return {name: change for name, change in changes.items() if change}


def _counters_of(state: DeliveryState) -> tuple[str, ...]:
    if state in ACCEPTED_STATES:
        return {
            DeliveryState.SENT: ("sent",),
            DeliveryState.DELIVERED: ("sent", "delivered"),
            DeliveryState.READ: ("sent", "delivered", "read"),
        }[state]
    return ("queued",) if state is DeliveryState.SENDING else (state.value.lower(),)
