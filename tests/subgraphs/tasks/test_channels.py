"""The official channels against the simulator, over real sockets."""

import asyncio
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Generator

import pytest

from subgraphs.tasks.channels.port import (
    Accepted,
    AccountUnusable,
    AddressChanged,
    Blocked,
    MessageChannel,
    NotSent,
    OutgoingMessage,
    ProviderTemplate,
    RecipientThrottled,
    Rejected,
    SendOutcome,
    Throttled,
    UnknownOutcomeError,
)
from subgraphs.tasks.channels.telegram_errors import ERRORS as TELEGRAM_ERRORS
from subgraphs.tasks.channels.telegram_errors import SERVER_FAULT as TELEGRAM_FAULT
from subgraphs.tasks.channels.whatsapp_errors import ERRORS as WHATSAPP_ERRORS
from subgraphs.tasks.channels.whatsapp_errors import SERVER_FAULT as WHATSAPP_FAULT
from subgraphs.tasks.channels.whatsapp_errors import reason_of_code
from subgraphs.tasks.simulator.app import create_simulator_app
from subgraphs.tasks.simulator.cut import CuttableProtocol
from tests.kit.servers import uvicorn_server
from tests.subgraphs.tasks.conftest import wait_until
from tests.subgraphs.tasks.simulator_kit import (
    BOT,
    NUMBER,
    QUIET,
    SECRETS,
    Simulator,
    official_channel,
    start_simulator,
    telegram_message,
    whatsapp_message,
)

MESSAGES = {"telegram": telegram_message, "whatsapp": whatsapp_message}
UNKNOWN = "unknown"
Serve = Callable[..., str]


@pytest.fixture(scope="module")
def running() -> Generator[Simulator]:
    with uvicorn_server(create_simulator_app(QUIET), http=CuttableProtocol) as url:
        yield Simulator(url)


@pytest.fixture
def shared(running: Simulator) -> Simulator:
    """A simulator that the tests of this module share, as good as new."""
    running.reset()
    return running


async def send_and_judge(channel: MessageChannel, message: OutgoingMessage) -> SendOutcome | str:
    try:
        return await channel.send(message)
    except UnknownOutcomeError:
        return UNKNOWN


async def send_once(url: str, message: OutgoingMessage, seconds: float = 10.0) -> SendOutcome | str:
    async with official_channel(url, timeout_seconds=seconds) as channel:
        return await send_and_judge(channel, message)


async def has_accepted(simulator: Simulator) -> bool:
    return simulator.stats()["accepted"] > 0


async def test_telegram_accepts_and_names_the_message(serve: Serve) -> None:
    simulator = start_simulator(serve)

    outcome = await send_once(simulator.url, telegram_message())

    assert outcome == Accepted("1001:1")
    assert simulator.account("telegram:1234567890")["accepted"] == 1


async def test_whatsapp_accepts_a_template_with_parameters_by_position(serve: Serve) -> None:
    simulator = start_simulator(serve, whatsapp_templates={"autumn_sale": 2})
    template = ProviderTemplate("autumn_sale", "en", ("Ada", "Monday"))

    outcome = await send_once(simulator.url, whatsapp_message(template=template))

    assert outcome == Accepted("wamid.555000111.1")


async def test_whatsapp_counts_parameters_and_knows_its_templates(serve: Serve) -> None:
    simulator = start_simulator(serve, whatsapp_templates={"autumn_sale": 2})
    one, other = ProviderTemplate("autumn_sale", "en", ("Ada",)), ProviderTemplate("spring", "en")

    async with official_channel(simulator.url) as channel:
        assert await channel.send(whatsapp_message(template=one)) == Rejected("TEMPLATE_PARAMETERS")
        assert await channel.send(whatsapp_message(template=other)) == Rejected("TEMPLATE_MISSING")


async def test_whatsapp_sends_text_in_an_open_window_and_nothing_without_a_template(
    serve: Serve,
) -> None:
    simulator = start_simulator(serve, whatsapp_webhook_url="http://127.0.0.1:9/webhooks")
    message = whatsapp_message(template=None)
    simulator.write("whatsapp", NUMBER.phone_number_id, message.address[1:], text="Hello?")

    closed = await send_once(simulator.url, message)
    opened = await send_once(simulator.url, whatsapp_message(template=None, is_window_open=True))

    assert closed == Rejected("TEMPLATE_MISSING")
    assert isinstance(opened, Accepted)
    assert simulator.stats()["accepted"] == 1


async def test_whatsapp_refuses_text_outside_the_window(serve: Serve) -> None:
    simulator = start_simulator(serve)

    outcome = await send_once(simulator.url, whatsapp_message(is_window_open=True))

    assert outcome == Rejected("WINDOW_CLOSED")


async def test_the_callback_data_names_delivery_and_attempt(serve: Serve) -> None:
    simulator = start_simulator(serve)
    async with official_channel(simulator.url) as channel:
        await channel.send(whatsapp_message(attempt_id="a1"))
        await channel.send(whatsapp_message(attempt_id="a2", address="+491700099999"))

    stats = simulator.stats()
    assert (stats["duplicatesByDelivery"], stats["duplicatesByContent"]) == (1, 0)


@pytest.mark.parametrize("row", TELEGRAM_ERRORS, ids=lambda r: f"{r.error_code}-{r.phrase}")
async def test_every_telegram_error_has_its_meaning(shared: Simulator, row: object) -> None:
    words = f"Error: {row.phrase.upper()} (and so on)"
    parameters = {"retry_after": 17} if row.error_code == 429 else {}
    shared.switch_on(
        {"kind": "error", "code": row.error_code, "description": words, "parameters": parameters}
    )

    outcome = await send_once(shared.url, telegram_message())

    expected = UNKNOWN if row.meaning is TELEGRAM_FAULT else row.meaning
    assert outcome == (Throttled(17.0) if row.error_code == 429 else expected)
    assert shared.stats()["accepted"] == 0


@pytest.mark.parametrize("row", WHATSAPP_ERRORS.values(), ids=lambda row: str(row.code))
async def test_every_whatsapp_error_has_its_meaning(shared: Simulator, row: object) -> None:
    shared.switch_on({"kind": "error", "code": row.code})

    outcome = await send_once(shared.url, whatsapp_message())

    assert outcome == (UNKNOWN if row.meaning is WHATSAPP_FAULT else row.meaning)
    assert reason_of_code(row.code)
    assert shared.stats()["accepted"] == 0


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"code": 400, "parameters": {"migrate_to_chat_id": -100500}}, AddressChanged("-100500")),
        ({"code": 429, "description": "Too Many Requests"}, Throttled(5.0)),
        ({"code": 429, "parameters": {"retry_after": -3}}, Throttled(5.0)),
        ({"code": 418, "description": "I'm a teapot"}, UNKNOWN),
    ],
    ids=["migrated", "no retry_after", "impossible retry_after", "unheard of"],
)
async def test_unusual_telegram_errors(shared: Simulator, fault: dict, outcome: object) -> None:
    shared.switch_on({"kind": "error", **fault})

    assert await send_once(shared.url, telegram_message()) == outcome


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (131056, RecipientThrottled(6.0)),
        (131050, Blocked("channel:opted_out")),
        (222, AccountUnusable("PERMISSION_MISSING")),
        (139999, Rejected("WHATSAPP_139999")),
    ],
)
async def test_unusual_whatsapp_errors(shared: Simulator, code: int, outcome: object) -> None:
    shared.switch_on({"kind": "error", "code": code})

    assert await send_once(shared.url, whatsapp_message()) == outcome


@pytest.mark.parametrize("platform", MESSAGES)
@pytest.mark.parametrize(
    ("kind", "accepted"),
    [("close_before", 0), ("close_after", 1), ("garbled", 1), ("status", 0)],
)
async def test_a_written_request_without_an_answer_is_unknown(
    serve: Serve, platform: str, kind: str, accepted: int
) -> None:
    simulator = start_simulator(serve)
    simulator.switch_on({"kind": kind, "code": 502})

    assert await send_once(simulator.url, MESSAGES[platform]()) == UNKNOWN
    assert simulator.stats()["accepted"] == accepted


async def test_an_answer_that_comes_too_late_is_unknown(serve: Serve) -> None:
    simulator = start_simulator(serve)
    simulator.switch_on({"kind": "slow", "seconds": 2.0})

    assert await send_once(simulator.url, telegram_message(), seconds=0.5) == UNKNOWN
    assert simulator.stats()["accepted"] == 1


@pytest.mark.parametrize("platform", MESSAGES)
async def test_without_a_connection_nothing_was_sent(platform: str) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"

        outcome = await send_once(url, MESSAGES[platform]())

    assert outcome == NotSent("PROVIDER_UNREACHABLE", 1.0)


async def test_a_message_that_waited_for_a_connection_was_not_sent(
    monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    monkeypatch.setattr("subgraphs.tasks.channels.exchange.CONNECTIONS_PER_PROVIDER_MAX", 1)
    simulator = start_simulator(serve)
    simulator.switch_on({"kind": "slow", "seconds": 1.5, "recipient": "1001"})
    async with official_channel(simulator.url, timeout_seconds=1.25) as channel:
        first = asyncio.create_task(send_and_judge(channel, telegram_message(1)))
        await wait_until(lambda: has_accepted(simulator))
        second = await send_and_judge(channel, telegram_message(2))

        assert isinstance(second, NotSent)
        assert await first == UNKNOWN
    assert simulator.stats()["accepted"] == 1


@pytest.fixture
def closing_server() -> Generator[str]:
    """Takes connections, reads the first bytes of a request, and resets."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_resets() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.recv(10)
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.close()

    thread = threading.Thread(target=serve_resets, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


async def test_a_reset_after_the_request_was_written_is_unknown(closing_server: str) -> None:
    assert await send_once(closing_server, telegram_message()) == UNKNOWN


async def test_accounts_without_or_with_the_wrong_credentials_cannot_be_used(serve: Serve) -> None:
    simulator = start_simulator(serve)
    async with official_channel(simulator.url, BOT) as channel:
        wrong = await channel.send(whatsapp_message(account_id=BOT.account_id))
        missing = await channel.send(whatsapp_message())

    assert (wrong, missing) == (
        AccountUnusable("WRONG_CREDENTIALS"),
        AccountUnusable("NO_CREDENTIALS"),
    )


async def test_a_provider_that_fails_is_left_alone_and_found_again(serve: Serve) -> None:
    simulator = start_simulator(serve)
    simulator.switch_on({"kind": "close_before", "platform": "telegram"})
    async with official_channel(simulator.url) as channel:
        outcomes = [await send_and_judge(channel, telegram_message(n)) for n in range(40)]
        other = await send_and_judge(channel, whatsapp_message())
        simulator.switch_on()
        deadline = time.monotonic() + 20
        while not isinstance(await send_and_judge(channel, telegram_message()), Accepted):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)

    assert outcomes.count(UNKNOWN) <= 20
    assert {type(o) for o in outcomes[20:]} == {NotSent}
    assert isinstance(other, Accepted)


@pytest.mark.parametrize("platform", MESSAGES)
@pytest.mark.parametrize("kind", ["close_before", "close_after", "garbled", "status", "slow"])
async def test_secrets_reach_no_log_and_no_error(
    serve: Serve, caplog: pytest.LogCaptureFixture, platform: str, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    simulator = start_simulator(serve)
    simulator.switch_on({"kind": kind, "code": 502, "seconds": 1.0})
    texts = []
    for url in (simulator.url, "http://127.0.0.1:9"):
        async with official_channel(url, timeout_seconds=0.5) as channel:
            error: BaseException | None = None
            try:
                texts.append(repr(await channel.send(MESSAGES[platform]())))
            except UnknownOutcomeError as raised:
                logging.getLogger("test").warning("no answer", exc_info=True)
                error = raised
                texts.append(repr(error))
            assert error is None or (error.__cause__, error.__context__) == (None, None)
    texts += [repr(BOT), repr(NUMBER), caplog.text]

    assert len(texts) == 5
    assert not [secret for secret in SECRETS for text in texts if secret in text]


class TestLimits:
    """What the simulator itself sees."""

    async def flood(self, channel: MessageChannel, messages: list[OutgoingMessage]) -> list[object]:
        return await asyncio.gather(*(send_and_judge(channel, m) for m in messages))

    async def test_a_bots_thirty_a_second(self, serve: Serve) -> None:
        simulator = start_simulator(serve, telegram_per_second=30)
        async with official_channel(simulator.url) as channel:
            outcomes = await self.flood(channel, [telegram_message(n) for n in range(40)])

        assert sum(isinstance(o, Accepted) for o in outcomes) == 30
        assert outcomes.count(Throttled(1.0)) == 10
        account = simulator.account("telegram:1234567890")
        assert (account["rateMax"], account["rateViolations"], account["disobeyed"]) == (40, 1, 0)

    async def test_sending_on_after_retry_after_is_disobedience(self, serve: Serve) -> None:
        simulator = start_simulator(serve, obey_grace_seconds=0.05)
        fault = {"kind": "error", "code": 429, "parameters": {"retry_after": 30}, "left": 1}
        simulator.switch_on(fault)
        async with official_channel(simulator.url) as channel:
            first = await channel.send(telegram_message(1))
            await asyncio.sleep(0.1)
            second = await channel.send(telegram_message(2))

        assert (first, second) == (Throttled(30.0), Throttled(30.0))
        assert simulator.account("telegram:1234567890")["disobeyed"] == 1

    @pytest.mark.parametrize(
        ("chat", "limit"),
        [("1001", {"telegram_chat_seconds": 1.0}), ("-1001", {"telegram_group_per_minute": 2})],
    )
    async def test_one_chat_has_its_own_limit(self, serve: Serve, chat: str, limit: dict) -> None:
        simulator = start_simulator(serve, **limit)
        async with official_channel(simulator.url) as channel:
            outcomes = await self.flood(
                channel, [telegram_message(n, address=chat) for n in range(3)]
            )

        taken = sum(isinstance(o, Accepted) for o in outcomes)
        assert taken == (1 if chat == "1001" else 2)

    async def test_a_numbers_eighty_a_second_and_six_seconds_a_recipient(
        self, serve: Serve
    ) -> None:
        simulator = start_simulator(serve, whatsapp_per_second=80, whatsapp_pair_seconds=6.0)
        async with official_channel(simulator.url) as channel:
            first = await channel.send(whatsapp_message(0))
            again = await channel.send(whatsapp_message(0))
            outcomes = await self.flood(channel, [whatsapp_message(n) for n in range(1, 100)])

        assert isinstance(first, Accepted)
        assert again == RecipientThrottled(6.0)
        assert 78 <= sum(isinstance(o, Accepted) for o in outcomes) <= 99
        assert simulator.account("whatsapp:555000111")["rateViolations"] >= 1

    async def test_a_tiers_unique_recipients(self, serve: Serve) -> None:
        simulator = start_simulator(serve, whatsapp_tier=3)
        async with official_channel(simulator.url) as channel:
            outcomes = [await channel.send(whatsapp_message(n)) for n in (1, 2, 3, 1, 4)]

        assert [type(o) for o in outcomes[:4]] == [Accepted] * 4
        assert outcomes[4] == AccountUnusable("QUALITY_LIMIT")


def test_the_simulator_speaks_the_rest_of_the_bot_api(serve: Serve) -> None:
    simulator: Simulator = start_simulator(serve)
    bot = f"/bot{BOT.bot_token}"

    assert simulator.call(f"{bot}/getMe")["result"]["is_bot"] is True
    assert simulator.call(f"{bot}/setWebhook", url="http://127.0.0.1:9/") == {
        "ok": True,
        "result": True,
    }
    assert simulator.call(f"{bot}/getWebhookInfo")["result"]["url"] == "http://127.0.0.1:9/"
    assert simulator.call(f"{bot}/deleteWebhook")["ok"] is True
    assert simulator.call(f"{bot}/fly") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }
    assert simulator.call("/botnonsense/getMe")["error_code"] == 404
