"""The webhooks' endpoints.

Telegram proves itself by the secret token that its webhook was set with, Meta by a signature over
the raw body; both are compared in constant time, and everything that lacks the proof gets the same
401. After the proof the answer is 200 also for what cannot be read, because the platforms send what
is not answered with 200 again, for hours or days. Only a fault of ours that passes (no database, no
credentials) is answered with 503: then sending it again is what we want.
"""

import hashlib
import hmac
import logging
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from subgraphs.shared.ids import usable_id
from subgraphs.tasks.accounts.credentials import (
    AccountCredentials,
    CredentialsMissingError,
    CredentialsUnavailableError,
    TelegramCredentials,
)
from subgraphs.tasks.settings import WebhookSettings
from subgraphs.tasks.webhooks.events import WebhookEvents
from subgraphs.tasks.webhooks.intake import Intake, IntakeFullError
from subgraphs.tasks.webhooks.telegram import read_update
from subgraphs.tasks.webhooks.whatsapp import read_notification

__all__ = ["WEBHOOK_ROUTES", "Webhooks"]

log = logging.getLogger(__name__)

TELEGRAM_BYTES_MAX = 256 * 1024
#: Meta's own maximum is 3 MB.
WHATSAPP_BYTES_MAX = 3 * 1024 * 1024
CHALLENGE_CHARACTERS_MAX = 256
#: Compared with where there is no secret, so that an unknown account takes as long as a known one.
NO_SECRET = "\x00no-secret"  # noqa: S105 - no header can hold it


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What the endpoints need; lives as long as the service."""

    settings: WebhookSettings
    credentials: AccountCredentials
    intake: Intake


async def receive_telegram(request: Request) -> Response:
    """One update for one bot. https://core.telegram.org/bots/api#setwebhook."""
    webhooks = _webhooks(request)
    account_id = usable_id(request.path_params["account_id"]) or ""
    given = request.headers.get("x-telegram-bot-api-secret-token", "")
    try:
        found = await webhooks.credentials.of(account_id)
    except CredentialsMissingError:
        found = None
    except CredentialsUnavailableError:
        return Response(status_code=503)
    bot = found if isinstance(found, TelegramCredentials) else None
    # An empty secret would be proven by an empty header.
    secret = (bot.webhook_secret if bot is not None else "") or NO_SECRET
    if not hmac.compare_digest(given.encode(), secret.encode()) or bot is None:
        return Response(status_code=401)
    body = await _read(request, TELEGRAM_BYTES_MAX)
    if body is None:
        return _ignored("an update is too large")
    try:
        events = read_update(body, bot)
    except (ValueError, RecursionError):
        return _ignored("an update cannot be read")
    return await _apply(webhooks, events)


async def receive_whatsapp(request: Request) -> Response:
    """One notification about any of our numbers."""
    webhooks = _webhooks(request)
    secret = webhooks.settings.whatsapp_app_secret
    if secret is None:
        return Response(status_code=503)
    body = await _read(request, WHATSAPP_BYTES_MAX)
    if body is None:
        # Whose it is cannot be known without all of it.
        return Response(status_code=413)
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-hub-signature-256", "")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        return Response(status_code=401)
    try:
        events = await read_notification(body, webhooks.credentials)
    except (ValueError, RecursionError):
        return _ignored("a notification cannot be read")
    except CredentialsUnavailableError:
        return Response(status_code=503)
    return await _apply(webhooks, events)


async def verify_whatsapp(request: Request) -> Response:
    """Meta's handshake: whoever knows the verify token gets the challenge back.

    https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
    """
    token = _webhooks(request).settings.whatsapp_verify_token
    query = request.query_params
    given, challenge = query.get("hub.verify_token", ""), query.get("hub.challenge", "")
    is_proven = hmac.compare_digest(given.encode(), (token or NO_SECRET).encode())
    is_usable = 0 < len(challenge) <= CHALLENGE_CHARACTERS_MAX
    if not is_proven or not is_usable or query.get("hub.mode") != "subscribe":
        return Response(status_code=403)
    return PlainTextResponse(challenge)


WEBHOOK_ROUTES = (
    Route("/webhooks/telegram/{account_id}", receive_telegram, methods=["POST"]),
    Route("/webhooks/whatsapp", verify_whatsapp, methods=["GET"]),
    Route("/webhooks/whatsapp", receive_whatsapp, methods=["POST"]),
)


def _webhooks(request: Request) -> Webhooks:
    webhooks: Webhooks = request.app.state.own
    return webhooks


async def _read(request: Request, bytes_max: int) -> bytes | None:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > bytes_max:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


async def _apply(webhooks: Webhooks, events: WebhookEvents) -> Response:
    try:
        await webhooks.intake.take(events)
    except (SQLAlchemyError, OSError, TimeoutError, IntakeFullError) as error:
        log.warning("a webhook was not applied and will come again: %s", type(error).__name__)
        return Response(status_code=503)
    return Response(status_code=200)


def _ignored(why: str) -> Response:
    log.warning("webhook: %s; it is left out", why)
    return Response(status_code=200)
