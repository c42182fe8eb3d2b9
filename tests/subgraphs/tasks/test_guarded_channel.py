"""Breakers around a channel: per provider and per account, and nothing leaks."""

import asyncio

import pytest

from subgraphs.tasks.channels.guarded import ACCOUNT, PROVIDER, GuardedChannel
from subgraphs.tasks.channels.port import (
    Accepted,
    NotSent,
    OutgoingMessage,
    SendOutcome,
    UnknownOutcomeError,
)
from tests.subgraphs.tasks.simulator_kit import telegram_message, whatsapp_message


class Script:
    """A channel that fails for some accounts."""

    def __init__(self, *failing: str) -> None:
        self.failing = set(failing)
        self.calls = 0
        self.outcome: SendOutcome = Accepted("1")
        self.hangs = False

    async def send(self, message: OutgoingMessage) -> SendOutcome:
        self.calls += 1
        if self.hangs:
            await asyncio.Event().wait()
        if message.account_id in self.failing:
            raise UnknownOutcomeError
        return self.outcome


async def outcome_of(channel: GuardedChannel, message: OutgoingMessage) -> object:
    try:
        return await channel.send(message)
    except UnknownOutcomeError:
        return None


async def test_one_account_that_fails_does_not_stop_the_others() -> None:
    script = Script("acc_bad")
    channel = GuardedChannel(script, lambda: 1.0)
    outcomes = []
    for _ in range(60):
        outcomes.append(await outcome_of(channel, telegram_message(account_id="acc_bad")))
        for number in range(2):
            good = telegram_message(account_id=f"acc_good_{number}")
            assert isinstance(await outcome_of(channel, good), Accepted)

    assert outcomes.count(None) == ACCOUNT.calls_min
    assert isinstance(outcomes[-1], NotSent)


async def test_a_provider_that_fails_does_not_stop_the_other() -> None:
    accounts = [f"acc_{n}" for n in range(PROVIDER.calls_min)]
    script = Script(*accounts)
    channel = GuardedChannel(script, lambda: 1.0)
    for account in accounts:
        assert await outcome_of(channel, telegram_message(account_id=account)) is None

    calls = script.calls
    stopped = await outcome_of(channel, telegram_message(account_id="acc_other"))
    assert stopped == NotSent("BREAKER_OPEN", PROVIDER.open_seconds)
    assert script.calls == calls
    assert isinstance(await outcome_of(channel, whatsapp_message()), Accepted)


@pytest.mark.parametrize("is_provider_fault", [True, False])
async def test_not_sent_counts_where_it_is_the_providers_fault(is_provider_fault: bool) -> None:
    script = Script()
    script.outcome = NotSent("WHY", 1.0, is_provider_fault=is_provider_fault)
    channel = GuardedChannel(script, lambda: 1.0)
    for number in range(100):
        await channel.send(telegram_message(account_id=f"acc_{number}"))

    assert script.calls == (PROVIDER.calls_min if is_provider_fault else 100)


async def test_probes_that_are_given_up_make_room_for_others() -> None:
    now = 1.0
    accounts = [f"acc_{n}" for n in range(PROVIDER.calls_min)]
    script = Script(*accounts)
    channel = GuardedChannel(script, lambda: now)
    for account in accounts:
        await outcome_of(channel, telegram_message(account_id=account))
    now += PROVIDER.open_seconds
    script.hangs = True
    for _ in range(PROVIDER.probes_max + 1):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await channel.send(telegram_message(account_id="acc_other"))

    script.hangs = False
    for _ in range(PROVIDER.probes_max * 3):
        assert isinstance(await channel.send(telegram_message(account_id="acc_other")), Accepted)
