"""The port to a messaging network: one message in, one outcome out."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from subgraphs.tasks.states import Channel, DeliveryState

__all__ = [
    "Accepted",
    "AccountUnusable",
    "AddressChanged",
    "Blocked",
    "MessageChannel",
    "NotSent",
    "OutgoingMessage",
    "ProviderTemplate",
    "RecipientThrottled",
    "Rejected",
    "SendOutcome",
    "Throttled",
    "UnknownOutcomeError",
]


@dataclass(frozen=True, slots=True)
class ProviderTemplate:
    """A text that the network has approved; `parameters` fill its places in their order."""

    name: str
    language: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What is sent: `attempt_id` is unique to this attempt, `address` is the channel's own.

    `template` is what a network wants instead of `text` while the recipient has not written to us
    lately; `is_window_open` says that they have.
    """

    delivery_id: str
    attempt_id: str
    account_id: str
    channel: Channel
    address: str
    text: str
    template: ProviderTemplate | None = None
    is_window_open: bool = False


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
    """The recipient does not want our messages: nothing was delivered, and consent has ended."""

    source: str = "channel:blocked"


@dataclass(frozen=True, slots=True)
class Throttled:
    """The network did not take the message; the whole account must wait."""

    retry_after_seconds: float


@dataclass(frozen=True, slots=True)
class RecipientThrottled:
    """The network did not take the message; only this recipient must be left alone for a while."""

    retry_after_seconds: float


@dataclass(frozen=True, slots=True)
class AccountUnusable:
    """The network did not take the message and will take none from this account."""

    code: str


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The network did not take the message; the recipient is reached at another address now."""

    address: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The message certainly did not go out, by no fault of its own; the account must wait."""

    code: str
    retry_after_seconds: float
    is_provider_fault: bool = True


SendOutcome: TypeAlias = (
    Accepted
    | Rejected
    | Blocked
    | Throttled
    | RecipientThrottled
    | AccountUnusable
    | AddressChanged
    | NotSent
)


class UnknownOutcomeError(Exception):
    """It is not known whether the message went out. The text holds no secrets and no addresses."""


class MessageChannel(Protocol):
    """Sends messages. An exception means: it is not known whether the message went out."""

    async def send(self, message: OutgoingMessage) -> SendOutcome:
        """Send one message once."""
