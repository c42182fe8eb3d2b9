"""The port to a messaging network: one message in, one outcome out."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from subgraphs.tasks.states import Channel, DeliveryState

__all__ = [
    "Accepted",
    "Blocked",
    "MessageChannel",
    "OutgoingMessage",
    "Rejected",
    "SendOutcome",
    "Throttled",
]


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What is sent: `attempt_id` is unique to this attempt, `address` is the channel's own."""

    delivery_id: str
    attempt_id: str
    account_id: str
    channel: Channel
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The network took the message; `receipt` is what it already knows: SENT, DELIVERED or READ."""

    provider_message_id: str
    receipt: DeliveryState = DeliveryState.SENT


@dataclass(frozen=True, slots=True)
class Rejected:
    """The network refused the message for good."""

    code: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The recipient blocked the account: nothing was delivered, and consent has ended."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """The network did not take the message; the whole account must wait."""

    retry_after_seconds: float


SendOutcome: TypeAlias = Accepted | Rejected | Blocked | Throttled


class MessageChannel(Protocol):
    """Sends messages. An exception means: it is not known whether the message went out."""

    async def send(self, message: OutgoingMessage) -> SendOutcome:
        """Send one message once."""
