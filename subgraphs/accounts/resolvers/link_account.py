"""Linking a Telegram bot or a WhatsApp number to the viewer's organisation.

The shape of everything is checked; whether the platform accepts the token is found out by the
account's first health check, so a new account's health is UNKNOWN.
"""

import re
from typing import Any

import strawberry
from sqlalchemy.exc import IntegrityError

from subgraphs.accounts.credentials import load_cipher
from subgraphs.accounts.models import AccountRow, IdempotencyRow
from subgraphs.accounts.names import (
    AccountHealth,
    AccountStatus,
    Channel,
    MessagingTier,
    QualityRating,
)
from subgraphs.accounts.resolvers.change_status import ROLES
from subgraphs.accounts.resolvers.payload import AccountPayload, payload_from_row, refusal
from subgraphs.shared.columns import utc_now
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import InputRefusedError, UserError
from subgraphs.shared.idempotency import Claim, once
from subgraphs.shared.ids import new_id

__all__ = [
    "LinkTelegramAccountInput",
    "LinkWhatsAppAccountInput",
    "link_telegram_account",
    "link_whatsapp_account",
]

DISPLAY_NAME_CHARACTERS_MAX = 200
#: The bot's id, a colon, and 35 characters; the length is not promised, so a range is accepted.
BOT_TOKEN = re.compile(r"[0-9]{6,12}:[A-Za-z0-9_-]{30,64}")
#: 5 to 32 characters, ending in "bot". https://core.telegram.org/bots/features#botfather
BOT_USERNAME = re.compile(r"(?=.{5,32}\Z)[A-Za-z][A-Za-z0-9_]*[Bb][Oo][Tt]")
#: A plus sign, a country code without a leading zero, at most 15 digits. ITU-T E.164
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
WHATSAPP_TOKEN = re.compile(r"[A-Za-z0-9_|-]{20,512}")


@strawberry.input(description="A Telegram bot, as BotFather describes it.")
class LinkTelegramAccountInput:
    """The bot's name and token; the token is stored encrypted and never shown again."""

    display_name: str
    bot_username: str
    bot_token: str
    idempotency_key: str


@strawberry.input(description="A WhatsApp Business number, as Meta's console shows it.")
class LinkWhatsAppAccountInput:
    """The number and its token; the token is stored encrypted and never shown again."""

    display_name: str
    phone_number: str
    access_token: str
    idempotency_key: str


async def link_telegram_account(
    info: ServiceInfo,
    input: LinkTelegramAccountInput,  # noqa: A002
) -> AccountPayload:
    """Link a bot; once per organisation and username."""
    username = input.bot_username.removeprefix("@")
    account = _new_account(Channel.TELEGRAM, input.display_name.strip(), username)
    checks = [
        _check_display_name(account.display_name),
        _check("input.botUsername", BOT_USERNAME, username, "a bot's username, ending in bot"),
        _check("input.botToken", BOT_TOKEN, input.bot_token, "a token as BotFather gives it"),
    ]
    return await _link(info, account, checks, input.bot_token, input.idempotency_key)


async def link_whatsapp_account(
    info: ServiceInfo,
    input: LinkWhatsAppAccountInput,  # noqa: A002
) -> AccountPayload:
    """Link a number; once per organisation and number."""
    account = _new_account(Channel.WHATSAPP, input.display_name.strip(), input.phone_number)
    account.messaging_tier = MessagingTier.TIER_250
    account.quality_rating = QualityRating.UNKNOWN
    checks = [
        _check_display_name(account.display_name),
        _check("input.phoneNumber", E164, input.phone_number, "a number such as +491701234567"),
        _check("input.accessToken", WHATSAPP_TOKEN, input.access_token, "a token as Meta gives it"),
    ]
    return await _link(info, account, checks, input.access_token, input.idempotency_key)


def _new_account(channel: Channel, display_name: str, address: str) -> AccountRow:
    now = utc_now()
    return AccountRow(
        id=new_id("acc"),
        channel=channel,
        display_name=display_name,
        address=address,
        status=AccountStatus.ACTIVE,
        status_changed_at=now,
        health=AccountHealth.UNKNOWN,
        used_count=0,
        used_on=now.date(),
        reserved_capacity=0,
    )


def _check(field: str, shape: re.Pattern[str], value: str, expected: str) -> UserError | None:
    if shape.fullmatch(value):
        return None
    return UserError(field=field, code="INVALID_FORMAT", message=f"This must be {expected}.")


def _check_display_name(name: str) -> UserError | None:
    if 1 <= len(name) <= DISPLAY_NAME_CHARACTERS_MAX and name.isprintable():
        return None
    message = f"A name has 1 to {DISPLAY_NAME_CHARACTERS_MAX} printable characters."
    return UserError(field="input.displayName", code="INVALID_FORMAT", message=message)


async def _link(
    info: ServiceInfo,
    account: AccountRow,
    checks: list[UserError | None],
    secret: str,
    idempotency_key: str,
) -> AccountPayload:
    viewer = info.context.viewer_with_role(*ROLES)
    resources = info.context.resources
    user_errors = [error for error in checks if error is not None]
    if user_errors:
        return AccountPayload(user_errors=user_errors)
    account.organization_id = viewer.organization_id
    account.credentials = load_cipher(resources.settings).encrypt(secret, account.id)

    async def work() -> dict[str, Any]:
        session.add(account)
        try:
            await session.flush()
        except IntegrityError as error:
            # Unique within the organisation only: whether another tenant has linked the same bot
            # is not for this one to learn.
            message = "The organisation has linked this account already."
            raise refusal("input", "ALREADY_LINKED", message) from error
        return {"account": account.id}

    claim = Claim(
        organization_id=viewer.organization_id,
        mutation=f"link{account.channel.value}",
        key=idempotency_key,
        input={"name": account.display_name, "address": account.address, "secret": secret},
    )
    try:
        async with resources.database.writing() as session:
            outcome = await once(session, IdempotencyRow, claim, work)
            linked = await session.get_one(AccountRow, outcome["account"])
    except InputRefusedError as refused:
        return AccountPayload(user_errors=refused.user_errors)
    return payload_from_row(linked)
