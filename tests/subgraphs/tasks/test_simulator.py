"""The simulator itself: what it counts, what it keeps, and how it starts."""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from subgraphs.tasks.simulator.config import SimulatorConfig, load_config
from subgraphs.tasks.simulator.fingerprints import FingerprintTable
from subgraphs.tasks.simulator.ledger import AcceptedMessage, Ledger
from subgraphs.tasks.simulator.limits import PerSecond, Spacing, UniqueRecipients
from subgraphs.tasks.simulator.webhooks import WebhookSender, WebhookTarget, signature_of
from tests.kit.servers import clean_environment, running_process
from tests.subgraphs.tasks.conftest import wait_until
from tests.subgraphs.tasks.simulator_kit import BOT, official_channel, telegram_message


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2**32 - 1)), max_size=2_000))
def test_a_fingerprint_table_is_a_dict(puts: list[tuple[int, int]]) -> None:
    table, known = FingerprintTable(), {}
    for number, value in puts:
        assert table.put(str(number), value) == known.get(number)
        known[number] = value

    assert len(table) == len(known)
    assert {n: table.get(str(n)) for n in known} == known


def test_a_recipient_takes_a_few_bytes() -> None:
    table = FingerprintTable()
    for number in range(200_000):
        assert not table.add(f"telegram\n{number}")

    assert len(table) == 200_000
    # Two arrays of 8 and 4 bytes a slot, at least a third of the slots in use.
    assert len(table._keys) * 12 / len(table) <= 36


moments = st.lists(st.floats(0.01, 0.4), max_size=60)


@given(moments, st.integers(1, 5))
def test_no_window_of_a_second_holds_more_than_the_limit(steps: list[float], most: int) -> None:
    limit, now, taken = PerSecond(most), 1_000.0, []
    for step in steps:
        now += step
        fits = sum(moment > now - 1.0 for moment in taken) < most
        assert limit.take("bot", now) is fits
        if fits:
            taken.append(now)


@given(moments)
def test_a_recipient_has_its_pause(steps: list[float]) -> None:
    limit, now, last = Spacing(0.5), 1_000.0, 0.0
    for step in steps:
        now += step
        is_free = last <= now - 0.5
        assert limit.take("pair", now) is is_free
        last = now if is_free else last
        limit.take(f"other {now}", now)

    assert len(limit._last) <= len(steps) + 1


def test_a_tier_counts_recipients_of_twenty_four_hours() -> None:
    limit, hour = UniqueRecipients(2), 3_600.0
    assert limit.take("n", "a", 0 * hour)
    assert limit.take("n", "b", 1 * hour)
    assert limit.take("n", "a", 2 * hour)
    assert not limit.take("n", "c", 23 * hour)
    assert limit.take("n", "c", 24.1 * hour)
    assert not limit.take("n", "a", 24.2 * hour)
    assert limit.take("other", "a", 24.2 * hour)


def test_duplicates_are_found_by_delivery_and_by_content(tmp_path: Path) -> None:
    log = tmp_path / "folder" / "accepted.jsonl"
    ledger = Ledger(str(log))
    for recipient, delivery in (("1", "d1/a1"), ("2", "d1/a2"), ("2", None), ("3", None)):
        ledger.accept(AcceptedMessage("whatsapp", "n", recipient, "Hi", "m", delivery), 1.0)
    stats = ledger.stats()
    ledger.close()

    assert (stats["accepted"], stats["duplicates"]) == (4, 2)
    assert (stats["duplicatesByDelivery"], stats["duplicatesByContent"]) == (1, 1)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["delivery"] for line in lines] == ["d1/a1", "d1/a2", None, None]
    assert log.stat().st_mode & 0o777 == 0o600


async def test_a_webhook_is_signed_and_comes_again_until_it_is_answered(
    serve: Callable[..., str],
) -> None:
    seen: list[tuple[bytes, str | None]] = []

    async def receive(request: Request) -> Response:
        body = await request.body()
        seen.append((body, request.headers.get("x-hub-signature-256")))
        return Response(status_code=500 if len(seen) == 1 else 200)

    url = serve(Starlette(routes=[Route("/hook", receive, methods=["POST"])]))
    sender = WebhookSender()
    async with sender.running():
        sender.add(0.0, WebhookTarget("whatsapp", f"{url}/hook", "secret"), {"statuses": []})

        async def is_sent() -> bool:
            return sender.counters["sent"] == 1

        await wait_until(is_sent)

    assert len({body for body, _ in seen}) == 1
    assert {signature for _, signature in seen} == {signature_of("secret", seen[0][0])}
    assert (sender.counters["refused"], sender.counters["repeated"]) == (1, 1)


def test_webhooks_that_wait_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subgraphs.tasks.simulator.webhooks.PENDING_MAX", 3)
    sender = WebhookSender()
    for _ in range(5):
        sender.add(1.0, WebhookTarget("telegram", "http://127.0.0.1:9", "s"), {})

    assert (sender.pending, sender.counters["dropped"]) == (3, 2)


async def test_the_same_recipients_have_the_same_fate_in_every_run(tmp_path: Path) -> None:
    config = SimulatorConfig(seed=7, latency_seconds=0.0, failed_share=0.3, blocked_share=0.2)
    config_path = tmp_path / "config.json"
    config_path.write_bytes(
        json.dumps(
            {"seed": 7, "latency_seconds": 0, "failed_share": 0.3, "blocked_share": 0.2}
        ).encode()
    )
    assert load_config(config_path) == config
    fates = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with running_process(
            "simulator",
            [
                "-m",
                "subgraphs.tasks.simulator",
                "--port",
                str(port),
                "--config",
                str(config_path),
                "--log",
                str(tmp_path / "accepted.jsonl"),
            ],
            folder=tmp_path,
            environment=clean_environment(),
            health_url=f"http://127.0.0.1:{port}/control/stats",
        ):
            async with official_channel(f"http://127.0.0.1:{port}") as channel:
                messages = [telegram_message(n) for n in range(25)]
                outcomes = await asyncio.gather(*(channel.send(m) for m in messages))
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
                accepted = client.get("/control/stats").json()["accepted"]
        fates.append([type(outcome).__name__ for outcome in outcomes])

    assert fates[0] == fates[1]
    assert accepted == Counter(fates[1])["Accepted"] > 0
    assert set(fates[0]) == {"Accepted", "Rejected", "Blocked"}
    assert len((tmp_path / "accepted.jsonl").read_text().splitlines()) == 2 * accepted
    assert BOT.bot_token not in (tmp_path / "accepted.jsonl").read_text()


@pytest.mark.parametrize("content", ["{", '{"unheard_of": 1}', '{"seed": "one"}'])
def test_a_wrong_configuration_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)

    with pytest.raises(ValueError, match=r"config\.json"):
        load_config(path)
