"""Sending through the WhatsApp Cloud API.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages:
free-form text while the customer's 24-hour window is open, an approved template otherwise. The API
has no idempotency key; `biz_opaque_callback_data` comes back in every status webhook and names the
delivery and the attempt.
"""

from typing import Any

from subgraphs.tasks.accounts.credentials import WhatsAppCredentials
from subgraphs.tasks.channels.exchange import Exchange, NotWritten
from subgraphs.tasks.channels.port import (
    Accepted,
    NotSent,
    OutgoingMessage,
    ProviderTemplate,
    Rejected,
    SendOutcome,
    UnknownOutcomeError,
)
from subgraphs.tasks.channels.whatsapp_errors import outcome_of_error

__all__ = ["API_VERSION", "CallbackData", "WhatsAppApi"]

API_VERSION = "v23.0"
TEXT_CHARACTERS_MAX = 4_096
UNREACHABLE_SECONDS = 1.0
CALLBACK_SEPARATOR = "/"
CALLBACK_CHARACTERS_MAX = 512


class CallbackData:
    """The text that the platform carries for us: which delivery, which attempt."""

    @staticmethod
    def write(message: OutgoingMessage) -> str:
        """The text to send along."""
        return f"{message.delivery_id}{CALLBACK_SEPARATOR}{message.attempt_id}"

    @staticmethod
    def read(text: object) -> tuple[str, str] | None:
        """The ids of the delivery and the attempt; None for a text that is not ours."""
        if not isinstance(text, str) or len(text) > CALLBACK_CHARACTERS_MAX or "\x00" in text:
            return None
        delivery_id, separator, attempt_id = text.partition(CALLBACK_SEPARATOR)
        return (delivery_id, attempt_id) if separator and delivery_id and attempt_id else None


class WhatsAppApi:
    """Sends messages with a number's credentials."""

    def __init__(self, exchange: Exchange, base_url: str) -> None:
        self._exchange = exchange
        self._base_url = base_url.rstrip("/")

    async def send(self, message: OutgoingMessage, number: WhatsAppCredentials) -> SendOutcome:
        """Send one message once."""
        content = _content(message)
        if isinstance(content, Rejected):
            return content
        payload = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.address.removeprefix("+"),
            "biz_opaque_callback_data": CallbackData.write(message),
            **content,
        }
        url = f"{self._base_url}/{API_VERSION}/{number.phone_number_id}/messages"
        headers = {"Authorization": f"Bearer {number.access_token}"}
        answer = await self._exchange.post(url, payload, headers)
        if isinstance(answer, NotWritten):
            return NotSent("PROVIDER_UNREACHABLE", UNREACHABLE_SECONDS)
        if answer.status == 200 and "error" not in answer.body:
            return Accepted(_message_id(answer.body))
        return outcome_of_error(answer.body, answer.status)


def _content(message: OutgoingMessage) -> dict[str, Any] | Rejected:
    if message.is_window_open:
        if len(message.text) > TEXT_CHARACTERS_MAX:
            return Rejected("MESSAGE_TOO_LONG")
        return {"type": "text", "text": {"body": message.text}}
    if message.template is None:
        # The platform would refuse a text with 131047; no request is needed to find out.
        return Rejected("TEMPLATE_MISSING")
    return {"type": "template", "template": _template(message.template)}


def _template(template: ProviderTemplate) -> dict[str, Any]:
    wanted: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    if template.parameters:
        # By position: {{1}} is the first, as the template was approved.
        parameters = [{"type": "text", "text": text} for text in template.parameters]
        wanted["components"] = [{"type": "body", "parameters": parameters}]
    return wanted


def _message_id(body: Any) -> str:
    try:
        message_id = body["messages"][0]["id"]
    except (KeyError, TypeError, IndexError):
        message_id = None
    if not isinstance(message_id, str) or not message_id:
        # It was accepted, but under which id? The webhook will tell by our own.
        raise UnknownOutcomeError("WhatsApp accepted a message without naming it")
    return message_id
