"""What a webhook request tells, whatever platform it comes from, and applying it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import or_, update

from subgraphs.shared.database import Database
from subgraphs.tasks.announce import Announcer
from subgraphs.tasks.consent import ConsentChange, Person, apply_consent_changes, people_filter
from subgraphs.tasks.models import Contact
from subgraphs.tasks.receipts import RECEIPTS_MAX, Receipt, apply_receipts

__all__ = ["WebhookEvents", "Window", "apply_events", "moment_of"]

#: Changes of consent, and windows, applied in one transaction.
PEOPLE_MAX = 200

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Window:
    """A person wrote to an account, which may answer freely until a moment."""

    person: Person
    account_id: str
    until: float


@dataclass(slots=True)
class WebhookEvents:
    """Everything one request tells."""

    receipts: list[Receipt] = field(default_factory=list)
    consent_changes: list[ConsentChange] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.receipts) + len(self.consent_changes) + len(self.windows)

    def extend(self, others: "WebhookEvents") -> None:
        """Tell what others tell, too."""
        self.receipts += others.receipts
        self.consent_changes += others.consent_changes
        self.windows += others.windows


def moment_of(timestamp: str | int) -> datetime:
    """The moment of a platform's time stamp, in seconds.

    Of one that is none, a moment before everything: what came then changes nothing that is known.
    """
    try:
        return datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


async def apply_events(database: Database, announcer: Announcer, events: WebhookEvents) -> None:
    """Apply in short transactions; each can be done again, as the platform will when we fail."""
    # Consent first: it is what keeps further messages back.
    for changes in _chunks(events.consent_changes, PEOPLE_MAX):
        async with database.writing() as session:
            snapshots = await apply_consent_changes(session, changes)
        announcer.note(snapshots)
    for receipts in _chunks(events.receipts, RECEIPTS_MAX):
        async with database.writing() as session:
            snapshots = await apply_receipts(session, receipts)
        announcer.note(snapshots)
    for windows in _chunks(events.windows, PEOPLE_MAX):
        await _open_windows(database, windows)


async def _open_windows(database: Database, windows: Sequence[Window]) -> None:
    async with database.writing() as session:
        for window in sorted(windows, key=lambda w: (w.person.address, w.until)):
            await session.execute(
                update(Contact)
                .where(
                    people_filter([window.person]),
                    # A report that comes late does not close what a later one has opened.
                    or_(Contact.window_until.is_(None), Contact.window_until < window.until),
                )
                .values(window_account_id=window.account_id, window_until=window.until)
                .execution_options(synchronize_session=False)
            )


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
