"""Reading WhatsApp's webhooks: statuses of our messages, and what people write.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples. One request holds
changes of many numbers. What cannot be read is left out: sent again it could not be read either.
"""

import logging
from collections.abc import Iterator
from typing import Any

import msgspec

from subgraphs.tasks.accounts.credentials import (
    AccountCredentials,
    CredentialsMissingError,
    WhatsAppCredentials,
)
from subgraphs.tasks.channels.port import Blocked
from subgraphs.tasks.channels.whatsapp import CallbackData
from subgraphs.tasks.channels.whatsapp_errors import ERRORS, reason_of_code
from subgraphs.tasks.consent import ConsentChange, Person
from subgraphs.tasks.receipts import Receipt
from subgraphs.tasks.states import Channel, Consent, DeliveryState
from subgraphs.tasks.webhooks.events import WebhookEvents, Window, moment_of
from subgraphs.tasks.webhooks.keywords import consent_from_text

__all__ = ["read_notification"]

log = logging.getLogger(__name__)

WINDOW_SECONDS = 24 * 3600.0
PROVIDER_ID_CHARACTERS_MAX = 100
REASON_CHARACTERS_MAX = 60
STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}


class _Error(msgspec.Struct):
    code: int | None = None


class _Status(msgspec.Struct):
    id: str
    status: str
    recipient_id: str = ""
    timestamp: str = "0"
    biz_opaque_callback_data: str | None = None
    errors: list[_Error] = []


class _Text(msgspec.Struct):
    body: str = ""


class _Button(msgspec.Struct):
    text: str = ""


class _Reply(msgspec.Struct):
    title: str = ""


class _Interactive(msgspec.Struct):
    button_reply: _Reply | None = None


class _Message(msgspec.Struct):
    sender: str = msgspec.field(name="from")
    timestamp: str = "0"
    text: _Text | None = None
    button: _Button | None = None
    interactive: _Interactive | None = None

    @property
    def words(self) -> str:
        """What was written, or the label of what was pressed."""
        if self.text is not None:
            return self.text.body
        if self.button is not None:
            return self.button.text
        reply = None if self.interactive is None else self.interactive.button_reply
        return "" if reply is None else reply.title


class _Preference(msgspec.Struct):
    wa_id: str
    value: str
    timestamp: int | str = 0


class _Metadata(msgspec.Struct):
    phone_number_id: str


class _Value(msgspec.Struct):
    metadata: _Metadata
    statuses: list[msgspec.Raw] = []
    messages: list[msgspec.Raw] = []
    user_preferences: list[msgspec.Raw] = []


class _Change(msgspec.Struct):
    value: msgspec.Raw


class _Entry(msgspec.Struct):
    changes: list[_Change] = []


class _Notification(msgspec.Struct):
    entry: list[_Entry] = []


async def read_notification(body: bytes, credentials: AccountCredentials) -> WebhookEvents:
    """What a notification tells about our numbers; `ValueError` when it is none."""
    notification = msgspec.json.decode(body, type=_Notification)
    events = WebhookEvents()
    for entry in notification.entry:
        for change in entry.changes:
            for value in _read_all([change.value], _Value):
                try:
                    number = await credentials.of_phone_number(value.metadata.phone_number_id)
                except CredentialsMissingError:
                    continue
                if isinstance(number, WhatsAppCredentials):
                    _read_value(events, value, number)
    return events


def _read_value(events: WebhookEvents, value: _Value, number: WhatsAppCredentials) -> None:
    for status in _read_all(value.statuses, _Status):
        _read_status(events, status, number)
    for message in _read_all(value.messages, _Message):
        person, at = _person(number, message.sender), moment_of(message.timestamp)
        until = at.timestamp() + WINDOW_SECONDS
        events.windows.append(Window(person, number.account_id, until))
        consent = consent_from_text(message.words)
        if consent is not None:
            word = "stop" if consent is Consent.OPTED_OUT else "start"
            change = ConsentChange(person, consent, f"whatsapp:{word}", at)
            events.consent_changes.append(change)
    for preference in _read_all(value.user_preferences, _Preference):
        if preference.value in {"stop", "resume"}:
            is_stop = preference.value == "stop"
            consent = Consent.OPTED_OUT if is_stop else Consent.OPTED_IN
            source = f"whatsapp:preference_{preference.value}"
            person, at = _person(number, preference.wa_id), moment_of(preference.timestamp)
            events.consent_changes.append(ConsentChange(person, consent, source, at))


def _read_status(events: WebhookEvents, status: _Status, number: WhatsAppCredentials) -> None:
    state = STATES.get(status.status)
    named = CallbackData.read(status.biz_opaque_callback_data)
    if state is None or named is None or not _is_storable(status.id):
        return
    code = status.errors[0].code if status.errors else None
    reason = reason_of_code(code)[:REASON_CHARACTERS_MAX] if state is DeliveryState.FAILED else None
    events.receipts.append(Receipt(number.account_id, *named, status.id, state, reason))
    row = ERRORS.get(code) if code is not None else None
    if state is DeliveryState.FAILED and row is not None and isinstance(row.meaning, Blocked):
        person, at = _person(number, status.recipient_id), moment_of(status.timestamp)
        source = "whatsapp:opted_out"
        events.consent_changes.append(ConsentChange(person, Consent.OPTED_OUT, source, at))


def _read_all(items: list[msgspec.Raw], kind: type[Any]) -> Iterator[Any]:
    for item in items:
        try:
            yield msgspec.json.decode(item, type=kind)
        except ValueError:
            log.info("a part of a WhatsApp webhook is no %s", kind.__name__.strip("_").lower())


def _is_storable(provider_id: str) -> bool:
    return len(provider_id) <= PROVIDER_ID_CHARACTERS_MAX and provider_id.isprintable()


def _person(number: WhatsAppCredentials, wa_id: str) -> Person:
    # Digits, as everywhere at WhatsApp; what else it may be is nobody's number.
    digits = wa_id.removeprefix("+") if wa_id.isascii() else ""
    return Person(
        number.organization_id, Channel.WHATSAPP, f"+{digits}" if digits.isdigit() else ""
    )
