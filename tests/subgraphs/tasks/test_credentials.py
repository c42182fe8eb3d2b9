"""Credentials are kept for a while, never for good, and never shown."""

import asyncio
from pathlib import Path

import pytest

from subgraphs.shared.settings import SettingsError
from subgraphs.tasks.accounts import credentials as module
from subgraphs.tasks.accounts.credentials import (
    CACHE_SECONDS,
    CachedCredentials,
    Credentials,
    CredentialsMissingError,
    CredentialsUnavailableError,
    StaticCredentials,
    load_credentials_file,
)
from tests.subgraphs.tasks.simulator_kit import BOT, NUMBER


class Origin:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_away = False
        self.table = StaticCredentials([BOT, NUMBER])

    async def of(self, account_id: str) -> Credentials:
        self.asked.append(account_id)
        await asyncio.sleep(0)
        if self.is_away:
            raise CredentialsUnavailableError
        return await self.table.of(account_id)

    async def of_phone_number(self, phone_number_id: str) -> Credentials:
        self.asked.append(phone_number_id)
        return await self.table.of_phone_number(phone_number_id)


async def test_many_who_wait_for_one_account_ask_once() -> None:
    origin = Origin()
    cached = CachedCredentials(origin)

    found = await asyncio.gather(*(cached.of(BOT.account_id) for _ in range(50)))

    assert set(found) == {BOT}
    assert origin.asked == [BOT.account_id]


async def test_they_are_asked_for_again_after_a_while_and_when_forgotten() -> None:
    origin, now = Origin(), 100.0
    cached = CachedCredentials(origin, lambda: now)
    await cached.of(BOT.account_id)
    now += CACHE_SECONDS - 1
    await cached.of(BOT.account_id)
    assert len(origin.asked) == 1

    now += 1
    await cached.of(BOT.account_id)
    assert len(origin.asked) == 2

    cached.forget(BOT.account_id)
    await cached.of(BOT.account_id)
    assert len(origin.asked) == 3


async def test_errors_are_not_kept() -> None:
    origin = Origin()
    cached = CachedCredentials(origin)
    origin.is_away = True
    with pytest.raises(CredentialsUnavailableError):
        await cached.of(BOT.account_id)
    origin.is_away = False

    assert await cached.of(BOT.account_id) == BOT
    with pytest.raises(CredentialsMissingError):
        await cached.of("acc_none")
    assert await cached.of_phone_number(NUMBER.phone_number_id) == NUMBER
    assert cached._asking == {}


async def test_the_account_unused_for_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CACHED_ACCOUNTS_MAX", 1)
    origin = Origin()
    cached = CachedCredentials(origin)
    for account in (BOT, NUMBER, NUMBER, BOT):
        await cached.of(account.account_id)

    assert origin.asked == [BOT.account_id, NUMBER.account_id, BOT.account_id]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"acc": {"botToken": "secret-token"}}', '{"acc": {"a": 1}}']
)
def test_a_file_that_cannot_be_used_is_refused_without_quoting_it(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(content)

    with pytest.raises(SettingsError, match="TASKS_CREDENTIALS_FILE") as refused:
        load_credentials_file(path)
    assert "secret-token" not in str(refused.value)
    assert refused.value.__context__ is None
