"""Linking accounts: shapes checked, credentials encrypted, once per organisation."""

from typing import Any

import pytest
from sqlalchemy import select

from subgraphs.accounts.credentials import (
    CredentialsCipher,
    UnreadableCredentialsError,
    load_cipher,
)
from subgraphs.accounts.models import AccountRow
from tests.subgraphs.running_service import ADA, HANK, LINUS, RunningService

LINK = """
mutation Link($input: Link%sAccountInput!) {
  link%sAccount(input: $input) {
    account { id displayName status health dailyCapacity
      ... on TelegramAccount { botUsername } ... on WhatsAppAccount { phoneNumber messagingTier } }
    userErrors { field code }
  }
}
"""
LINK_TELEGRAM = LINK % ("Telegram", "Telegram")
LINK_WHATSAPP = LINK % ("WhatsApp", "WhatsApp")
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
BOT = {
    "displayName": "News",
    "botUsername": "@acme_daily_bot",
    "botToken": TOKEN,
    "idempotencyKey": "k",
}
NUMBER = {
    "displayName": "Hotline",
    "phoneNumber": "+491701234567",
    "accessToken": "EAAGm0PX4ZCpsBA" * 3,
    "idempotencyKey": "k",
}


async def test_a_bot_is_linked_and_its_token_is_stored_encrypted(
    accounts: RunningService,
) -> None:
    payload = (await accounts.data(LINK_TELEGRAM, input=BOT))["linkTelegramAccount"]

    account_id = payload["account"].pop("id")
    assert payload["account"] == {
        "displayName": "News",
        "status": "ACTIVE",
        "health": "UNKNOWN",
        "dailyCapacity": 30 * 24 * 3600,
        "botUsername": "acme_daily_bot",
    }
    async with accounts.resources.database.reading() as session:
        row = (await session.scalars(select(AccountRow).filter_by(id=account_id))).one()
    assert row.credentials is not None
    assert TOKEN.encode() not in row.credentials
    cipher = load_cipher(accounts.resources.settings)
    assert cipher.decrypt(row.credentials, account_id) == TOKEN


async def test_a_number_is_linked_with_the_smallest_tier(accounts: RunningService) -> None:
    payload = (await accounts.data(LINK_WHATSAPP, input=NUMBER))["linkWhatsAppAccount"]

    assert payload["userErrors"] == []
    assert payload["account"]["phoneNumber"] == "+491701234567"
    assert payload["account"]["messagingTier"] == "TIER_250"
    assert payload["account"]["dailyCapacity"] == 250


async def test_the_same_request_links_once(accounts: RunningService) -> None:
    first = await accounts.data(LINK_TELEGRAM, input=BOT)

    assert await accounts.data(LINK_TELEGRAM, input=BOT) == first


async def test_a_bot_is_linked_once_per_organization(accounts: RunningService) -> None:
    await accounts.data(LINK_TELEGRAM, input=BOT)
    again = BOT | {"idempotencyKey": "another"}

    second = (await accounts.data(LINK_TELEGRAM, ADA, input=again))["linkTelegramAccount"]
    other = (await accounts.data(LINK_TELEGRAM, HANK, input=again))["linkTelegramAccount"]

    assert second == {"account": None, "userErrors": [{"field": "input", "code": "ALREADY_LINKED"}]}
    assert other["userErrors"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"displayName": " "}, "input.displayName"),
        ({"displayName": "x" * 201}, "input.displayName"),
        ({"displayName": "a\x00b"}, "input.displayName"),
        ({"botUsername": "acme_daily"}, "input.botUsername"),
        ({"botUsername": "bot"}, "input.botUsername"),
        ({"botUsername": "1acme_bot"}, "input.botUsername"),
        ({"botUsername": "a" * 30 + "bot"}, "input.botUsername"),
        ({"botUsername": "acme_bot\n"}, "input.botUsername"),
        ({"botToken": "secret"}, "input.botToken"),
        ({"botToken": TOKEN + "\n"}, "input.botToken"),
    ],
)
async def test_a_wrong_bot_is_refused_by_field(
    accounts: RunningService, change: dict[str, str], field: str
) -> None:
    payload = (await accounts.data(LINK_TELEGRAM, input=BOT | change))["linkTelegramAccount"]

    assert payload == {"account": None, "userErrors": [{"field": field, "code": "INVALID_FORMAT"}]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phoneNumber": "01701234567"}, "input.phoneNumber"),
        ({"phoneNumber": "+0170123456"}, "input.phoneNumber"),
        ({"phoneNumber": "+1234567890123456"}, "input.phoneNumber"),
        ({"phoneNumber": "+49 170 1234567"}, "input.phoneNumber"),
        ({"accessToken": "short"}, "input.accessToken"),
    ],
)
async def test_a_wrong_number_is_refused_by_field(
    accounts: RunningService, change: dict[str, str], field: str
) -> None:
    payload = (await accounts.data(LINK_WHATSAPP, input=NUMBER | change))["linkWhatsAppAccount"]

    assert payload == {"account": None, "userErrors": [{"field": field, "code": "INVALID_FORMAT"}]}


async def test_an_analyst_may_not_link(accounts: RunningService) -> None:
    assert await accounts.code(LINK_TELEGRAM, LINUS, input=BOT) == "FORBIDDEN"


def test_credentials_of_one_row_cannot_be_read_in_another() -> None:
    cipher = CredentialsCipher(b"k" * 32)
    stored = cipher.encrypt(TOKEN, "acc_1")

    assert cipher.decrypt(stored, "acc_1") == TOKEN
    for wrong in _damaged(stored):
        with pytest.raises(UnreadableCredentialsError):
            cipher.decrypt(wrong, "acc_1")
    with pytest.raises(UnreadableCredentialsError):
        cipher.decrypt(stored, "acc_2")


def _damaged(stored: bytes) -> list[Any]:
    return [b"", b"\x02" + stored[1:], stored[:-1], stored[:-1] + bytes([stored[-1] ^ 1])]
