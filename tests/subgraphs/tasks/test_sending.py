"""A campaign from its launch to its end, with the worker in the process of the app."""

import asyncio
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from subgraphs.tasks.models import Campaign, Contact, Delivery
from subgraphs.tasks.states import Consent, DeliveryState
from tests.subgraphs.tasks.conftest import OpenTasks, TasksApp, wait_until

PROGRESS = """subscription { taskProgress(id: "%s") { id state progress {
    total queued sent delivered read failed suppressed unconfirmed percent sequence } } }"""
QUICK = {
    "TASKS_TELEGRAM_PER_SECOND": "1000",
    "TASKS_WHATSAPP_PER_SECOND": "1000",
    "TASKS_SIMULATED_LATENCY_SECONDS": "0.01",
}


async def follow(tasks: TasksApp, campaign_id: str) -> list[dict[str, Any]]:
    """All events of a task's subscription, each checked on its own."""
    seen = []
    async for event in tasks.events(PROGRESS % campaign_id):
        assert event.errors is None
        task = event.data["taskProgress"]
        numbers = task["progress"]
        parts = ("queued", "sent", "failed", "suppressed", "unconfirmed")
        assert sum(numbers[part] for part in parts) == numbers["total"]
        seen.append(task)
    return seen


async def delivery_states(tasks: TasksApp, campaign_id: str) -> Counter[DeliveryState]:
    async with tasks.resources.database.reading() as session:
        rows = await session.execute(
            select(Delivery.state, func.count())
            .where(Delivery.campaign_id == campaign_id)
            .group_by(Delivery.state)
        )
        return Counter({row[0]: row[1] for row in rows})


async def has_some_in(tasks: TasksApp, state: DeliveryState) -> bool:
    return (await delivery_states(tasks, "cmp_autumn_sale"))[state] > 0


async def has_none_in(tasks: TasksApp, state: DeliveryState) -> bool:
    return not await has_some_in(tasks, state)


async def shrink_audience(tasks: TasksApp, list_id: str = "lst_loyalty") -> None:
    async with tasks.resources.database.writing() as session:
        await session.execute(
            update(Campaign).where(Campaign.id == "cmp_autumn_sale").values(list_id=list_id)
        )


async def test_five_thousand_recipients_at_the_default_pace(
    open_tasks: OpenTasks, tmp_path: Path
) -> None:
    log = tmp_path / "accepted.jsonl"
    slowest_turn = 0.0

    async def watch_loop() -> None:
        nonlocal slowest_turn
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            slowest_turn = max(slowest_turn, time.perf_counter() - before - 0.01)

    async with open_tasks(TASKS_SIMULATED_LOG=str(log)) as tasks:
        watcher = asyncio.create_task(watch_loop())
        following = asyncio.create_task(follow(tasks, "cmp_autumn_sale"))
        started = time.perf_counter()
        payload = await tasks.command("launchCampaign", "cmp_autumn_sale")
        assert payload["userErrors"] == []
        events = await following
        seconds = time.perf_counter() - started
        watcher.cancel()
        states = await delivery_states(tasks, "cmp_autumn_sale")
        task = await tasks.data('{ task(id: "cmp_autumn_sale") { state progress { sequence } } }')

    print(f"{seconds:.1f} s, {len(events)} events, slowest turn {slowest_turn * 1000:.0f} ms")
    final = events[-1]
    sequences = [event["progress"]["sequence"] for event in events]
    assert sequences == sorted(set(sequences))
    assert final["state"] == "COMPLETED"
    assert task["task"]["progress"]["sequence"] == sequences[-1]
    assert final["progress"]["total"] == 5_000
    assert final["progress"]["suppressed"] == states[DeliveryState.SUPPRESSED] == 100
    accepted = [json.loads(line)["address"] for line in log.read_text().splitlines()]
    assert len(accepted) == len(set(accepted)) == final["progress"]["sent"]
    assert len(events) <= seconds * 5 + 3
    assert seconds < 30


async def test_pause_stops_within_a_second_and_resume_goes_on(open_tasks: OpenTasks) -> None:
    async with open_tasks(TASKS_TELEGRAM_PER_SECOND="10", TASKS_WHATSAPP_PER_SECOND="10") as tasks:
        await shrink_audience(tasks)
        following = tasks.events(PROGRESS % "cmp_autumn_sale")
        await tasks.command("launchCampaign", "cmp_autumn_sale")
        async for event in following:
            if event.data["taskProgress"]["progress"]["sent"] > 0:
                break
        paused = await tasks.command("pauseCampaign", "cmp_autumn_sale")
        assert paused["campaign"]["state"] == "PAUSED"
        async with asyncio.timeout(2.0):
            await wait_until(lambda: has_none_in(tasks, DeliveryState.SENDING))
        before = await delivery_states(tasks, "cmp_autumn_sale")
        assert before[DeliveryState.QUEUED] > 0

        await tasks.command("resumeCampaign", "cmp_autumn_sale")
        async for event in following:
            if event.data["taskProgress"]["progress"]["queued"] < before[DeliveryState.QUEUED]:
                break
        await tasks.command("cancelCampaign", "cmp_autumn_sale")
        events = await follow(tasks, "cmp_autumn_sale")

        after = await delivery_states(tasks, "cmp_autumn_sale")
        assert events[-1]["state"] == "CANCELLED"
        assert after[DeliveryState.QUEUED] == after[DeliveryState.SENDING] == 0
        assert after[DeliveryState.SUPPRESSED] == events[-1]["progress"]["suppressed"] > 16


async def test_an_opt_out_during_the_run_suppresses_what_is_queued(
    open_tasks: OpenTasks, tmp_path: Path
) -> None:
    log = tmp_path / "accepted.jsonl"
    async with open_tasks(TASKS_SIMULATED_LOG=str(log), TASKS_WORKER="off") as tasks:
        await shrink_audience(tasks)
    async with open_tasks(
        TASKS_TELEGRAM_PER_SECOND="20",
        TASKS_WHATSAPP_PER_SECOND="20",
        TASKS_SIMULATED_LOG=str(log),
        TASKS_WORKER="on",
    ) as tasks:
        following = asyncio.create_task(follow(tasks, "cmp_autumn_sale"))
        await tasks.command("launchCampaign", "cmp_autumn_sale")
        await wait_until(lambda: has_some_in(tasks, DeliveryState.QUEUED))
        variables = {
            "input": {
                "contactId": "cnt_00799",
                "consent": "OPTED_OUT",
                "source": "keyword:STOP",
                "idempotencyKey": "1",
            }
        }
        await tasks.data(
            "mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { "
            "contact { consent } userErrors { code } } }",
            variables,
        )
        await following
        async with tasks.resources.database.reading() as session:
            contact = await session.get_one(Contact, "cnt_00799")
            delivery = (
                await session.scalars(
                    select(Delivery).where(
                        Delivery.contact_id == "cnt_00799",
                        Delivery.campaign_id == "cmp_autumn_sale",
                    )
                )
            ).one()

    assert contact.consent is Consent.OPTED_OUT
    assert (delivery.state, delivery.reason) == (DeliveryState.SUPPRESSED, "OPTED_OUT")
    assert contact.phone_number not in log.read_text()


@pytest.mark.parametrize("share", ["blocked", "failed"])
async def test_refusals_are_counted_and_a_block_ends_consent(
    open_tasks: OpenTasks, share: str
) -> None:
    setting = {f"TASKS_SIMULATED_{share.upper()}_SHARE": "1.0"}
    if share == "blocked":
        setting["TASKS_SIMULATED_FAILED_SHARE"] = "0.0"
    async with open_tasks(**setting) as tasks:
        await shrink_audience(tasks, "lst_regulars")
        following = asyncio.create_task(follow(tasks, "cmp_autumn_sale"))
        await tasks.command("launchCampaign", "cmp_autumn_sale")
        final = (await following)[-1]
        async with tasks.resources.database.reading() as session:
            left = select(func.count()).where(
                Contact.id <= "cnt_00020",
                Contact.organization_id == "org_acme",
                Contact.consent == Consent.OPTED_IN,
            )
            opted_in = await session.scalar(left)

    assert (final["progress"]["sent"], final["progress"]["failed"]) == (0, 20)
    assert opted_in == (0 if share == "blocked" else 20)


async def test_a_pace_above_the_networks_limit_is_slowed_down_and_loses_nothing(
    open_tasks: OpenTasks,
) -> None:
    async with open_tasks(**QUICK) as tasks:
        await shrink_audience(tasks)
        following = asyncio.create_task(follow(tasks, "cmp_autumn_sale"))
        await tasks.command("launchCampaign", "cmp_autumn_sale")
        final = (await following)[-1]

    assert final["state"] == "COMPLETED"
    assert final["progress"]["unconfirmed"] == 0
