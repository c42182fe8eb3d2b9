"""Campaigns through the official channels, counted at the provider's side, on both databases."""

import asyncio
import itertools

import msgspec
import pytest
from sqlalchemy import select

from subgraphs.shared.migrate import check
from subgraphs.tasks.models import CampaignAccount, ConsentEvent, Contact
from subgraphs.tasks.service import MIGRATIONS
from subgraphs.tasks.simulator.config import SimulatorConfig
from subgraphs.tasks.states import ACCEPTED_STATES, Consent, DeliveryState, TaskState
from tests.subgraphs.tasks.conftest import wait_until
from tests.subgraphs.tasks.official_kit import (
    ACCOUNTS,
    CAMPAIGN,
    OfficialTasks,
    OpenOfficial,
    backend,
    bot_of,
    open_official,
)

__all__ = ["backend", "open_official"]  # fixtures

CALM = SimulatorConfig(failed_share=0.0, latency_seconds=0.02)
#: Of the short list, those who have not opted out.
SHORT_SENT = 236
#: Tests that tell most also run on PostgreSQL in every run; the others do in a long one.
both = pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)


async def stopped_accounts(tasks: OfficialTasks) -> dict[str, str]:
    async with tasks.database.reading() as session:
        rows = await session.scalars(
            select(CampaignAccount).where(
                CampaignAccount.campaign_id == CAMPAIGN,
                CampaignAccount.stopped_reason.is_not(None),
            )
        )
        return {row.account_id: row.stopped_reason for row in rows}


@both
async def test_migrations_lead_to_the_models(open_official: OpenOfficial) -> None:
    async with open_official(CALM) as tasks:
        await check(tasks.database, MIGRATIONS)


@both
async def test_a_campaign_keeps_the_platforms_limits_and_ends_with_exact_numbers(
    open_official: OpenOfficial,
) -> None:
    config = SimulatorConfig(failed_share=0.05, blocked_share=0.02, latency_seconds=0.02)
    async with open_official(config) as tasks:
        await tasks.launch("lst_loyalty")
        final = await tasks.end()
        tasks.check_providers()
        final = await tasks.check_numbers()
        accepted = tasks.accepted()
        late_failures = [d for d in await tasks.deliveries() if d.reason == "UNDELIVERABLE"]

    assert final.state is TaskState.COMPLETED
    assert (final.total, final.unconfirmed) == (800, 0)
    assert final.sent == len(accepted) - len(late_failures)
    assert len(late_failures) > 0
    assert final.read > 0
    assert final.delivered > final.read


async def test_webhooks_in_any_order_and_repeated_give_the_same_numbers(
    open_official: OpenOfficial,
) -> None:
    async with open_official(CALM) as tasks:
        tasks.simulator.switch_on({"kind": "webhook_shuffle"}, {"kind": "webhook_repeat"})
        await tasks.launch("lst_regulars")
        await tasks.end()
        final = await tasks.check_numbers()
        by_whatsapp = [d for d in await tasks.deliveries() if "_wa_" in d.account_id]
        reached = {m["delivery"].split("/")[0] for m in tasks.accepted() if m["delivery"]}

    assert reached == {d.id for d in by_whatsapp}
    assert {d.state for d in by_whatsapp} <= ACCEPTED_STATES
    assert final.sent == 20


@both
async def test_lost_answers_are_unconfirmed_until_a_webhook_tells(
    open_official: OpenOfficial,
) -> None:
    async with open_official(CALM) as tasks:
        tasks.simulator.switch_on({"kind": "close_after", "share": 0.1})
        await tasks.launch()
        await tasks.end()
        final = await tasks.check_numbers()
        tasks.check_providers()
        unconfirmed = await tasks.deliveries(state=DeliveryState.UNCONFIRMED)
        accepted = len(tasks.accepted())

    # WhatsApp's webhooks carry our id; Telegram has none, so a person has to decide.
    assert {d.account_id[:7] for d in unconfirmed} == {"acc_tg_"}
    assert final.sent + final.unconfirmed == accepted == SHORT_SENT


@both
async def test_an_account_that_cannot_be_used_hands_its_deliveries_to_the_others(
    open_official: OpenOfficial,
) -> None:
    async with open_official(CALM) as tasks:
        broken = {"kind": "error", "code": 401, "platform": "telegram"}
        tasks.simulator.switch_on(broken | {"account": bot_of("acc_tg_2")})
        await tasks.launch()
        await tasks.end()
        final = await tasks.check_numbers()
        tasks.check_providers()
        left = [d.state for d in await tasks.deliveries(account_id="acc_tg_2")]
        stopped = await stopped_accounts(tasks)

    assert stopped == {"acc_tg_2": "TOKEN_REFUSED"}
    assert set(left) <= {DeliveryState.SUPPRESSED}
    assert final.sent == SHORT_SENT


async def test_without_another_account_of_the_channel_deliveries_fail_with_the_reason(
    open_official: OpenOfficial,
) -> None:
    async with open_official(CALM) as tasks:
        tasks.simulator.switch_on({"kind": "error", "code": 368, "platform": "whatsapp"})
        await tasks.launch()
        await tasks.end()
        final = await tasks.check_numbers()
        stopped = await stopped_accounts(tasks)
        failed = await tasks.deliveries(state=DeliveryState.FAILED)

    assert set(stopped) == set(ACCOUNTS[6:])
    assert {d.reason for d in failed} == {"BANNED"}
    assert final.sent + final.failed == SHORT_SENT
    assert final.state is TaskState.COMPLETED


# The simulator cannot know when a refusal was read, and a machine that is busy with other tests
# takes longer than it allows. What the outbox does with a refusal is tested beside it, always.
@pytest.mark.long
async def test_a_bot_that_is_told_to_wait_waits(open_official: OpenOfficial) -> None:
    # The providers share the processor with the sender here, so that answers take long.
    config = msgspec.structs.replace(CALM, obey_grace_seconds=1.0)
    async with open_official(config) as tasks:
        throttled = {"kind": "error", "code": 429, "parameters": {"retry_after": 3}, "left": 1}
        tasks.simulator.switch_on(throttled | {"account": bot_of("acc_tg_1")})
        await tasks.launch()
        await tasks.end()
        final = await tasks.check_numbers()
        tasks.check_providers()
        bot = bot_of("acc_tg_1")
        accepted = tasks.accepted()

    # From the first message of all: the bot's own first may be the refused one.
    moments = [min(m["at"] for m in accepted)]
    moments += sorted(m["at"] for m in accepted if m["account"] == bot)
    pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert final.sent == SHORT_SENT
    assert max(pauses) > 2.5


async def test_a_recipient_written_to_too_often_is_left_alone_and_reached_later(
    open_official: OpenOfficial,
) -> None:
    async with open_official(CALM) as tasks:
        tasks.simulator.switch_on(
            {"kind": "error", "code": 131056, "platform": "whatsapp", "left": 2}
        )
        await tasks.launch("lst_regulars")
        await tasks.end()
        final = await tasks.check_numbers()
        attempts = sorted(d.attempts for d in await tasks.deliveries())

    assert final.sent == 20
    assert attempts == [1] * 18 + [2] * 2


async def test_a_chat_that_moved_is_followed(open_official: OpenOfficial) -> None:
    async with open_official(CALM) as tasks:
        moved = {"kind": "error", "code": 400, "parameters": {"migrate_to_chat_id": -100123}}
        tasks.simulator.switch_on(moved | {"platform": "telegram", "left": 1})
        await tasks.launch("lst_regulars")
        await tasks.end()
        final = await tasks.check_numbers()
        recipients = [m["recipient"] for m in tasks.accepted()]

    assert final.sent == 20
    assert recipients.count("-100123") == 1


async def test_an_outage_of_a_provider_loses_nothing(open_official: OpenOfficial) -> None:
    async with open_official(CALM) as tasks:
        tasks.simulator.switch_on({"kind": "status", "code": 503, "platform": "telegram"})
        await tasks.launch()

        async def is_held_back() -> bool:
            return (await tasks.snapshot()).unconfirmed >= 20

        await wait_until(is_held_back)
        await asyncio.sleep(1.0)  # Long enough for a breaker that lets everything through to show.
        tasks.simulator.switch_on()
        await tasks.end()
        final = await tasks.check_numbers()
        tasks.check_providers()

    # A handful of calls each time the breaker is closed or probes; all others waited.
    assert final.sent + final.unconfirmed == SHORT_SENT
    assert final.unconfirmed < 60
    assert final.failed == 0


@pytest.mark.parametrize("word", ["STOP", "Стоп!", "blocked"])
async def test_an_opt_out_by_message_or_block_suppresses_what_is_queued_at_once(
    open_official: OpenOfficial, word: str
) -> None:
    slow = {"TASKS_TELEGRAM_PER_SECOND": "5", "TASKS_WHATSAPP_PER_SECOND": "5"}
    async with open_official(CALM, **slow) as tasks:
        await tasks.launch()
        await wait_until(lambda: has_frozen(tasks))
        last = next(d for d in await tasks.deliveries(contact_id="cnt_00239"))
        what = {"blocked": True} if word == "blocked" else {"text": word}
        tasks.simulator.write("telegram", bot_of("acc_tg_1"), "700000239", **what)
        tasks.simulator.write("whatsapp", bot_of("acc_wa_1"), "15550000237", text="Arrêt")

        async def is_suppressed() -> bool:
            return {d.contact_id for d in await tasks.deliveries(reason="OPTED_OUT")} >= {
                "cnt_00239",
                "cnt_00237",
            }

        async with asyncio.timeout(3.0):
            await wait_until(is_suppressed)
        async with tasks.database.reading() as session:
            contact = await session.get_one(Contact, "cnt_00239")
            events = await session.scalars(
                select(ConsentEvent)
                .where(ConsentEvent.contact_id == "cnt_00239")
                .order_by(ConsentEvent.at)
            )
            history = [(event.consent, event.source) for event in events]
        await tasks.cancel()
        await tasks.end()
        await tasks.check_numbers()

    assert last.state is DeliveryState.QUEUED
    assert contact.consent is Consent.OPTED_OUT
    assert history[-1] == (
        Consent.OPTED_OUT,
        "telegram:blocked" if word == "blocked" else "telegram:stop",
    )


async def has_frozen(tasks: OfficialTasks) -> bool:
    return (await tasks.snapshot()).state is TaskState.RUNNING


async def test_templates_carry_the_name_and_an_open_window_the_text(
    open_official: OpenOfficial,
) -> None:
    config = msgspec.structs.replace(CALM, whatsapp_templates={"autumn_sale": 1})
    async with open_official(config) as tasks:
        tasks.simulator.write("whatsapp", bot_of("acc_wa_1"), "15550000007", text="Hi, a question")

        async def is_open() -> bool:
            async with tasks.database.reading() as session:
                return (await session.get_one(Contact, "cnt_00007")).window_until is not None

        await wait_until(is_open)
        await tasks.launch("lst_regulars")
        await tasks.end()
        final = await tasks.check_numbers()

    assert (final.sent, final.failed) == (20, 0)
