"""Reading Telegram's updates.

https://core.telegram.org/bots/api#update. Only what is about consent is read: a message that is a
keyword, and a person who blocks the bot. Everything else is no fault: bots get many kinds of
updates, and new ones every year.
"""

import msgspec

from subgraphs.tasks.accounts.credentials import TelegramCredentials
from subgraphs.tasks.consent import ConsentChange, Person
from subgraphs.tasks.states import Channel, Consent
from subgraphs.tasks.webhooks.events import WebhookEvents, moment_of
from subgraphs.tasks.webhooks.keywords import consent_from_text

__all__ = ["read_update"]


class _Chat(msgspec.Struct):
    id: int
    type: str = "private"


class _Message(msgspec.Struct):
    chat: _Chat
    date: int
    text: str | None = None


class _Member(msgspec.Struct):
    status: str


class _MemberChange(msgspec.Struct):
    chat: _Chat
    date: int
    new_chat_member: _Member


class _Update(msgspec.Struct):
    message: _Message | None = None
    my_chat_member: _MemberChange | None = None


_decoder = msgspec.json.Decoder(_Update)


def read_update(body: bytes, bot: TelegramCredentials) -> WebhookEvents:
    """What an update tells about the bot's contacts; `ValueError` when it is no update."""
    update = _decoder.decode(body)
    events = WebhookEvents()
    if (message := update.message) is not None and message.text is not None:
        consent = consent_from_text(message.text)
        if consent is not None:
            word = "stop" if consent is Consent.OPTED_OUT else "start"
            _add(events, bot, message.chat, consent, f"telegram:{word}", message.date)
    if (change := update.my_chat_member) is not None and change.new_chat_member.status in {
        "kicked",
        "left",
    }:
        # Unblocking is no opt-in: who wants messages again presses Start.
        source = "telegram:blocked"
        _add(events, bot, change.chat, Consent.OPTED_OUT, source, change.date)
    return events


def _add(
    events: WebhookEvents,
    bot: TelegramCredentials,
    chat: _Chat,
    consent: Consent,
    source: str,
    date: int,
) -> None:
    person = Person(bot.organization_id, Channel.TELEGRAM, str(chat.id))
    events.consent_changes.append(ConsentChange(person, consent, source, moment_of(date)))
