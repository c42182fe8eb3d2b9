"""Webhooks: proven or refused, read or left out, in any order, as often as they come."""

import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from subgraphs.tasks.consent import ConsentChange, Person, apply_consent_changes
from subgraphs.tasks.models import Campaign, ConsentEvent, Contact, Delivery
from subgraphs.tasks.progress import counter_changes
from subgraphs.tasks.receipts import Receipt, apply_receipts
from subgraphs.tasks.simulator.webhooks import signature_of
from subgraphs.tasks.states import Channel, Consent, DeliveryState
from subgraphs.tasks.webhooks.keywords import KEYWORDS, consent_from_text
from tests.subgraphs.tasks.conftest import OpenTasks, TasksApp
from tests.subgraphs.tasks.official_kit import credentials_of

APP_SECRET = "app-secret-of-the-tests"
VERIFY_TOKEN = "verify-token-of-the-tests"
BOT, NUMBER = "acc_tg_1", "acc_wa_1"
HOOK_SECRET = credentials_of(BOT)["webhookSecret"]
#: A campaign of the demo data that has ended, and one of its deliveries by WhatsApp.
DONE = "cmp_weekly_001"


@pytest.fixture
async def tasks(open_tasks: OpenTasks, tmp_path: Path) -> AsyncGenerator[TasksApp]:
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps({name: credentials_of(name) for name in (BOT, NUMBER)}))
    async with open_tasks(
        TASKS_WORKER="off",
        TASKS_CREDENTIALS_FILE=str(path),
        TASKS_WHATSAPP_APP_SECRET=APP_SECRET,
        TASKS_WHATSAPP_VERIFY_TOKEN=VERIFY_TOKEN,
    ) as opened:
        yield opened


async def post_whatsapp(tasks: TasksApp, body: bytes, signature: str | None = None) -> int:
    headers = {"x-hub-signature-256": signature or signature_of(APP_SECRET, body)}
    reply = await tasks.client.post("/webhooks/whatsapp", content=body, headers=headers)
    return reply.status_code


async def post_telegram(
    tasks: TasksApp, body: bytes, secret: str = HOOK_SECRET, account_id: str = BOT
) -> int:
    headers = {"x-telegram-bot-api-secret-token": secret}
    path = f"/webhooks/telegram/{account_id}"
    return (await tasks.client.post(path, content=body, headers=headers)).status_code


def notification(number: str = NUMBER, **value: Any) -> bytes:
    metadata = {"phone_number_id": credentials_of(number)["phoneNumberId"]}
    change = {"field": "messages", "value": {"metadata": metadata} | value}
    return json.dumps({"object": "whatsapp", "entry": [{"changes": [change]}]}).encode()


def status(delivery: Delivery, name: str, **more: Any) -> dict[str, Any]:
    callback = f"{delivery.id}/{delivery.attempt_id}"
    return {"id": "wamid.1", "status": name, "biz_opaque_callback_data": callback} | more


def update_of(text: str, at: int = 2_000_000_000, chat: int = 700_000_001) -> bytes:
    message = {"message_id": 1, "date": at, "chat": {"id": chat, "type": "private"}, "text": text}
    return json.dumps({"update_id": 1, "message": message}).encode()


async def contact(tasks: TasksApp, contact_id: str = "cnt_00001") -> Contact:
    async with tasks.resources.database.reading() as session:
        return await session.get_one(Contact, contact_id)


async def consent_events(tasks: TasksApp, contact_id: str = "cnt_00001") -> list[str]:
    async with tasks.resources.database.reading() as session:
        rows = await session.scalars(
            select(ConsentEvent)
            .where(ConsentEvent.contact_id == contact_id)
            .order_by(ConsentEvent.at, ConsentEvent.id)
        )
        return [row.source for row in rows]


async def put_delivery(tasks: TasksApp, state: DeliveryState) -> Delivery:
    """One delivery by WhatsApp in a state, alone in its campaign."""
    async with tasks.resources.database.writing() as session:
        row = await session.scalar(
            select(Delivery)
            .where(Delivery.campaign_id == DONE, Delivery.account_id == NUMBER)
            .order_by(Delivery.ordinal)
            .limit(1)
        )
        assert row is not None
        others = Delivery.campaign_id == DONE, Delivery.id != row.id
        await session.execute(delete(Delivery).where(*others))
        row.state, row.attempt_id, row.reason = state, "a1", None
        numbers = {"total": 1, "queued": 1, "sequence": 100}
        numbers |= dict.fromkeys(("sent", "delivered", "read", "failed"), 0)
        numbers |= dict.fromkeys(("suppressed", "unconfirmed"), 0)
        if state not in (DeliveryState.QUEUED, DeliveryState.SENDING):
            for name, change in counter_changes([state]).items():
                numbers[name] += change
        await session.execute(update(Campaign).where(Campaign.id == DONE).values(**numbers))
        return row


async def outcome(tasks: TasksApp, delivery: Delivery) -> DeliveryState:
    """The delivery's state, and that the campaign's numbers say the same."""
    async with tasks.resources.database.reading() as session:
        state = (await session.get_one(Delivery, delivery.id)).state
        snapshot = (await session.get_one(Campaign, DONE)).snapshot()
    assert snapshot.adds_up, snapshot
    expected = {"total": 1, "queued": 1}
    if state not in (DeliveryState.QUEUED, DeliveryState.SENDING):
        for name, change in counter_changes([state]).items():
            expected[name] = expected.get(name, 0) + change
    assert {n: getattr(snapshot, n) for n in expected} == expected
    return state


class TestProof:
    async def test_the_handshake_answers_the_challenge(self, tasks: TasksApp) -> None:
        query = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
        right = await tasks.client.get(
            "/webhooks/whatsapp", params=query | {"hub.verify_token": VERIFY_TOKEN}
        )
        wrong = await tasks.client.get(
            "/webhooks/whatsapp", params=query | {"hub.verify_token": "guess"}
        )

        assert (right.status_code, right.text) == (200, "1158201444")
        assert (wrong.status_code, wrong.text) == (403, "")

    @pytest.mark.parametrize("signature", ["", "sha256=", "sha256=00", "sha1=aa", "sha256=é"])
    async def test_a_wrong_signature_changes_nothing(self, tasks: TasksApp, signature: str) -> None:
        delivery = await put_delivery(tasks, DeliveryState.SENT)
        body = notification(statuses=[status(delivery, "read")])

        headers = {"x-hub-signature-256": signature.encode()}
        reply = await tasks.client.post("/webhooks/whatsapp", content=body, headers=headers)
        of_another_body = await post_whatsapp(tasks, body, signature_of(APP_SECRET, body + b" "))

        assert (reply.status_code, of_another_body) == (401, 401)
        assert await outcome(tasks, delivery) is DeliveryState.SENT

    @pytest.mark.parametrize(
        ("secret", "account_id"),
        [("guess", BOT), ("", BOT), (HOOK_SECRET, "acc_none"), ("", "acc_none"), ("", NUMBER)],
    )
    async def test_telegram_needs_the_bots_own_secret(
        self, tasks: TasksApp, secret: str, account_id: str
    ) -> None:
        assert await post_telegram(tasks, update_of("STOP"), secret, account_id) == 401
        assert (await contact(tasks)).consent is Consent.OPTED_IN

    async def test_without_an_app_secret_meta_is_asked_to_come_again(
        self, open_tasks: OpenTasks
    ) -> None:
        async with open_tasks(TASKS_WORKER="off") as tasks:
            assert await post_whatsapp(tasks, notification()) == 503


class TestUselessRequests:
    """What would not become better by being sent again is answered with 200."""

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b'"text"',
            b"{}",
            b'{"entry": 1}',
            b'{"entry": [{"changes": [{"value": 7}]}]}',
            b"\xff\xfe",
            b'{"entry": [{"changes": [{"value": {"metadata": {"phone_number_id": "0"}}}]}]}',
            b"[" * 100_000,
        ],
        ids=range(10),
    )
    async def test_what_cannot_be_read(self, tasks: TasksApp, body: bytes) -> None:
        assert await post_whatsapp(tasks, body) == 200
        assert await post_telegram(tasks, body) == 200

    async def test_a_broken_part_does_not_keep_the_others_out(self, tasks: TasksApp) -> None:
        delivery = await put_delivery(tasks, DeliveryState.SENT)
        parts = [{"id": 5}, "no status", status(delivery, "read"), status(delivery, "unheard_of")]
        body = notification(statuses=parts, messages=[{"nobody": 1}])

        assert await post_whatsapp(tasks, body) == 200
        assert await outcome(tasks, delivery) is DeliveryState.READ

    @pytest.mark.parametrize(
        "odd",
        [
            {"messages": [{"from": "1\x00", "text": {"body": "STOP"}, "timestamp": "soon"}]},
            {"messages": [{"from": "²", "text": {"body": "STOP"}, "timestamp": "9" * 40}]},
            {"statuses": [{"id": "a\x00", "status": "read", "biz_opaque_callback_data": "d/a"}]},
            {"messages": [json.loads("[" * 900 + "]" * 900)]},
        ],
        ids=range(4),
    )
    async def test_what_no_column_can_hold(self, tasks: TasksApp, odd: dict[str, Any]) -> None:
        assert await post_whatsapp(tasks, notification(**odd)) == 200
        assert await post_telegram(tasks, update_of("STOP", at=10**20)) == 200
        assert (await contact(tasks)).consent is Consent.OPTED_IN

    async def test_too_large(self, tasks: TasksApp) -> None:
        assert await post_telegram(tasks, b" " * 300_000) == 200
        assert await post_whatsapp(tasks, b" " * 3_200_000) == 413

    @pytest.mark.parametrize(
        "callback", ["", "no-separator", "/a", "dlv/", "x" * 600, "dlv_x/a\x00"]
    )
    async def test_a_status_that_is_not_about_our_messages(
        self, tasks: TasksApp, callback: str
    ) -> None:
        foreign = {"id": "wamid.9", "status": "read", "biz_opaque_callback_data": callback}

        assert await post_whatsapp(tasks, notification(statuses=[foreign])) == 200

    async def test_a_report_to_another_account_is_not_believed(self, tasks: TasksApp) -> None:
        delivery = await put_delivery(tasks, DeliveryState.UNCONFIRMED)
        receipt = Receipt("acc_wa_2", delivery.id, "a1", "wamid.1", DeliveryState.READ)
        async with tasks.resources.database.writing() as session:
            await apply_receipts(session, [receipt])

        assert await outcome(tasks, delivery) is DeliveryState.UNCONFIRMED


async def test_a_database_that_is_away_makes_the_platform_come_again(
    tasks: TasksApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OperationalError("statement", {}, OSError("gone"))

    monkeypatch.setattr("subgraphs.tasks.webhooks.events.apply_consent_changes", fail)
    assert await post_telegram(tasks, update_of("STOP")) == 503
    monkeypatch.undo()
    assert await post_telegram(tasks, update_of("STOP")) == 200
    assert (await contact(tasks)).consent is Consent.OPTED_OUT


@pytest.mark.parametrize("before", ["QUEUED", "SENDING", "UNCONFIRMED"])
@pytest.mark.parametrize("name", ["sent", "delivered", "read", "failed"])
async def test_a_report_settles_what_nobody_knew(tasks: TasksApp, before: str, name: str) -> None:
    delivery = await put_delivery(tasks, DeliveryState[before])
    errors = {"errors": [{"code": 131026}]} if name == "failed" else {}

    assert (
        await post_whatsapp(tasks, notification(statuses=[status(delivery, name, **errors)])) == 200
    )
    assert await outcome(tasks, delivery) is DeliveryState[name.upper()]
    async with tasks.resources.database.reading() as session:
        row = await session.get_one(Delivery, delivery.id)
    assert row.provider_message_id == "wamid.1"
    assert row.reason == ("UNDELIVERABLE" if name == "failed" else None)


async def test_what_was_suppressed_stays_so(tasks: TasksApp) -> None:
    delivery = await put_delivery(tasks, DeliveryState.SUPPRESSED)

    await post_whatsapp(tasks, notification(statuses=[status(delivery, "read")]))

    assert await outcome(tasks, delivery) is DeliveryState.SUPPRESSED


REPORTS = [DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED]
SLOW_FIXTURE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SLOW_FIXTURE
@given(
    start=st.sampled_from([DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNCONFIRMED]),
    reports=st.lists(st.sampled_from(REPORTS), min_size=1, max_size=6),
    data=st.data(),
)
async def test_any_order_and_repetition_of_reports_ends_the_same(
    tasks: TasksApp, start: DeliveryState, reports: list[DeliveryState], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(reports))
    other += data.draw(st.lists(st.sampled_from(reports), max_size=4))
    ends = []
    for order in (reports, other):
        delivery = await put_delivery(tasks, start)
        groups = data.draw(st.integers(1, len(order)))
        for first in range(0, len(order), groups):
            receipts = [
                Receipt(NUMBER, delivery.id, "a1", "wamid.1", state)
                for state in order[first : first + groups]
            ]
            async with tasks.resources.database.writing() as session:
                await apply_receipts(session, receipts)
        ends.append(await outcome(tasks, delivery))

    assert ends[0] == ends[1]
    assert ends[0] in reports or ends[0] is start


BASE = datetime(2030, 1, 1, tzinfo=UTC)


@SLOW_FIXTURE
@given(
    recorded=st.sampled_from(
        [
            (Consent.NONE, None),
            (Consent.OPTED_IN, "web-form"),
            (Consent.OPTED_OUT, "keyword:STOP"),
            (Consent.OPTED_IN, "telegram:start"),
        ]
    ),
    events=st.lists(st.tuples(st.integers(-8, 8), st.booleans()), min_size=1, max_size=5),
    data=st.data(),
)
async def test_any_order_and_repetition_of_consent_changes_ends_the_same(
    tasks: TasksApp,
    recorded: tuple[Consent, str | None],
    events: list[tuple[int, bool]],
    data: st.DataObject,
) -> None:
    person = Person("org_acme", Channel.TELEGRAM, "700000001")
    changes = [
        ConsentChange(
            person,
            Consent.OPTED_OUT if is_out else Consent.OPTED_IN,
            "telegram:stop" if is_out else "telegram:start",
            BASE + timedelta(seconds=seconds),
        )
        for seconds, is_out in events
    ]
    other = data.draw(st.permutations(changes))
    other += data.draw(st.lists(st.sampled_from(changes), max_size=3))
    ends = []
    for order in (changes, other):
        async with tasks.resources.database.writing() as session:
            consent, source = recorded
            await session.execute(
                update(Contact)
                .where(Contact.id == "cnt_00001")
                .values(consent=consent, consent_source=source, consent_at=source and BASE)
            )
        for change in order:
            async with tasks.resources.database.writing() as session:
                await apply_consent_changes(session, [change])
        ends.append((await contact(tasks)).consent)

    assert ends[0] == ends[1]


async def test_stop_is_recorded_once_however_often_it_comes(tasks: TasksApp) -> None:
    for _ in range(3):
        assert await post_telegram(tasks, update_of("/stop")) == 200

    assert (await contact(tasks)).consent is Consent.OPTED_OUT
    assert await consent_events(tasks) == ["web-form", "telegram:stop"]


async def test_start_opts_in_again_and_an_old_start_does_not(tasks: TasksApp) -> None:
    await post_telegram(tasks, update_of("STOP", at=2_000_000_000))
    await post_telegram(tasks, update_of("/start", at=1_999_999_999))
    assert (await contact(tasks)).consent is Consent.OPTED_OUT

    await post_telegram(tasks, update_of("/start spring-offer", at=2_000_000_060))
    assert (await contact(tasks)).consent is Consent.OPTED_IN
    assert await consent_events(tasks) == ["web-form", "telegram:stop", "telegram:start"]


async def test_the_same_address_at_another_organisation_is_another_person(
    tasks: TasksApp,
) -> None:
    async with tasks.resources.database.writing() as session:
        other = await session.scalar(
            select(Contact).where(Contact.organization_id == "org_globex").limit(1)
        )
        assert other is not None
        other.telegram_chat_id, other.consent = "700000001", Consent.OPTED_IN

    await post_telegram(tasks, update_of("STOP"))

    assert (await contact(tasks)).consent is Consent.OPTED_OUT
    assert (await contact(tasks, other.id)).consent is Consent.OPTED_IN


async def test_whatsapp_messages_open_the_window_and_buttons_count_as_words(
    tasks: TasksApp,
) -> None:
    question = {"from": "15550000001", "id": "wamid.1", "timestamp": "2000000000"}
    await post_whatsapp(tasks, notification(messages=[question | {"text": {"body": "How much?"}}]))
    asked = await contact(tasks)
    pressed = question | {"type": "button", "button": {"text": "Stop"}, "timestamp": "2000000001"}
    await post_whatsapp(tasks, notification(messages=[pressed]))
    stopped = await contact(tasks)

    assert (asked.window_account_id, asked.window_until) == (NUMBER, 2_000_086_400.0)
    assert asked.consent is Consent.OPTED_IN
    assert (stopped.consent, stopped.consent_source) == (Consent.OPTED_OUT, "whatsapp:stop")


async def test_a_stopped_preference_and_a_failed_status_can_end_consent(tasks: TasksApp) -> None:
    preference = {"wa_id": "15550000001", "value": "stop", "timestamp": 2_000_000_000}
    await post_whatsapp(tasks, notification(user_preferences=[preference]))
    delivery = await put_delivery(tasks, DeliveryState.SENT)
    failed = status(
        delivery,
        "failed",
        recipient_id="15550000002",
        timestamp="2000000000",
        errors=[{"code": 131050}],
    )
    await post_whatsapp(tasks, notification(statuses=[failed]))

    assert (await contact(tasks)).consent_source == "whatsapp:preference_stop"
    assert (await contact(tasks, "cnt_00002")).consent_source == "whatsapp:opted_out"
    assert await outcome(tasks, delivery) is DeliveryState.FAILED


@pytest.mark.parametrize("language", KEYWORDS)
def test_every_keyword_means_what_its_row_says(language: str) -> None:
    for consent, words in KEYWORDS[language].items():
        assert words
        for word in words:
            for text in (word, f"  {word.upper()}!", f"«{word}».", f"🛑️ {word} 🛑"):
                assert consent_from_text(text) is consent, text


@pytest.mark.parametrize(
    ("text", "consent"),
    [
        ("/start", Consent.OPTED_IN),
        ("/start@acme_bot deep-link", Consent.OPTED_IN),
        ("/stop@acme_bot", Consent.OPTED_OUT),
        ("\uff33\uff34\uff2f\uff30", Consent.OPTED_OUT),  # full-width letters
        ("please don't stop", None),
        ("I will start on Monday", None),
        ("no", None),
        ("", None),
        ("🛑", None),
        ("stop" * 100, None),
    ],
)
def test_only_a_message_that_is_the_word_counts(text: str, consent: Consent | None) -> None:
    assert consent_from_text(text) is consent
