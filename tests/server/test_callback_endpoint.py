"""Subscriptions over HTTP callbacks: a gateway on a real port, and an emitter that calls it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from supergraph.config.gateway import (
    CallbackConfig,
    GatewayConfig,
    HeaderConfig,
    SubgraphConfig,
    SubgraphSubscriptionConfig,
    SubscriptionConfig,
    TrafficConfig,
)
from supergraph.errors import SupergraphError
from supergraph.executor.execute import ExecutionResult
from supergraph.server.gateway import Gateway
from supergraph.server.listen import bind
from supergraph.traffic import callbacks
from tests.kit.in_loop import TIME_LIMIT, served_in_loop
from tests.server.shop import client_of
from tests.server.ticking import SUPERGRAPH

QUERY = "subscription { count(to: 9) }"
PROTOCOL = {"subscription-protocol": "callback/1.0"}


class Emitter:
    """A subgraph that is also the emitter; `answer` and `checks` say how it opens subscriptions.

    `asked` has the requests with their headers, the newest last; `post` speaks for the newest.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.arrived = asyncio.Event()
        self.status, self.answer = 200, b'{"data":null}'
        self.checks = True
        self.early: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        self.asked.append(orjson.loads(await request.body()))
        self.headers.append(dict(request.headers))
        if self.checks:
            status, headers, body = await self.post("check")
            assert (status, body) == (204, b"")
            assert headers["subscription-protocol"] == "callback/1.0"
        for message in self.early:
            await self.post(**message)
        self.arrived.set()
        response = Response(self.answer, self.status, media_type="application/json")
        await response(scope, receive, send)

    @property
    def given(self) -> dict[str, Any]:
        extension: dict[str, Any] = self.asked[-1]["extensions"]["subscription"]
        return extension

    async def post(self, action: str, **more: Any) -> tuple[int, Any, bytes]:
        return await self.post_message({"action": action, **more})

    async def post_message(self, changes: dict[str, Any]) -> tuple[int, Any, bytes]:
        message = {
            "kind": "subscription",
            "action": "check",
            "id": self.given["subscriptionId"],
            "verifier": self.given["verifier"],
        }
        return await self.post_raw(orjson.dumps(message | changes))

    async def post_raw(self, body: bytes, url: str | None = None) -> tuple[int, Any, bytes]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url or self.given["callbackUrl"], data=body, headers=PROTOCOL) as answer,
        ):
            return answer.status, answer.headers, await answer.read()

    async def next(self, number: int) -> int:
        return (await self.post("next", payload={"data": {"count": number}}))[0]


@asynccontextmanager
async def calling(
    emitter: Emitter, heartbeat_seconds: float = 5.0, **subscriptions: Any
) -> AsyncGenerator[Gateway]:
    listener = bind("127.0.0.1", 0, 100)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/back"
    callback = CallbackConfig(public_url=url, path="/back", heartbeat_seconds=heartbeat_seconds)
    way = SubgraphSubscriptionConfig(protocol="callback", path="/live")
    config = GatewayConfig(
        subgraphs={"ticker": SubgraphConfig(subscriptions=way)},
        subscriptions=SubscriptionConfig(callback=callback, **subscriptions),
        headers=HeaderConfig(forward=("authorization",)),
        traffic=TrafficConfig(response_bytes=100_000),
        introspection=True,
    )
    gateway = Gateway(SUPERGRAPH, {"ticker": emitter}, config)
    async with asyncio.timeout(TIME_LIMIT), gateway, served_in_loop(gateway, listener):
        yield gateway


class Client:
    """Reads a subscription in a task."""

    def __init__(self, gateway: Gateway) -> None:
        self._results = gateway.subscribe(QUERY, headers={"authorization": "Bearer a"})
        self._task = asyncio.create_task(self._read())
        self.results: list[ExecutionResult] = []
        self._came = asyncio.Event()

    async def _read(self) -> None:
        async with aclosing(self._results) as results:
            async for result in results:
                self.results.append(result)
                self._came.set()

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def ended(self) -> None:
        await self._task

    async def has(self, count: int) -> None:
        while len(self.results) < count:
            self._came.clear()
            await self._came.wait()

    @property
    def numbers(self) -> list[Any]:
        return [result.data["count"] for result in self.results if result.data is not None]

    @property
    def codes(self) -> list[str]:
        errors = [error for result in self.results for error in result.errors]
        return [error["extensions"]["code"] for error in errors]


@asynccontextmanager
async def subscribed(emitter: Emitter, **settings: Any) -> AsyncGenerator[Client]:
    async with calling(emitter, **settings) as gateway:
        client = Client(gateway)
        await emitter.arrived.wait()
        try:
            yield client
        finally:
            await client.leave()


@pytest.fixture
async def emitter() -> Emitter:
    return Emitter()


async def test_events_and_the_end_reach_the_client(emitter: Emitter) -> None:
    async with subscribed(emitter) as client:
        assert [await emitter.next(number) for number in range(3)] == [204] * 3
        assert (await emitter.post("complete"))[0] == 204
        await client.ended()

    assert client.numbers == [0, 1, 2]
    assert client.codes == []


async def test_the_subgraph_is_told_where_to_call_back(emitter: Emitter) -> None:
    async with subscribed(emitter, heartbeat_seconds=2.5):
        given, headers = emitter.given, emitter.headers[-1]

    assert given["callbackUrl"].endswith(f"/back/{given['subscriptionId']}")
    assert given["heartbeatIntervalMs"] == 2_500
    assert len(given["verifier"]) >= 32
    assert headers["accept"] == "application/json;callbackSpec=1.0"
    assert headers["authorization"] == "Bearer a"


async def test_errors_at_the_end_reach_the_client(emitter: Emitter) -> None:
    async with subscribed(emitter) as client:
        await emitter.next(1)
        await emitter.post("complete", errors=[{"message": "sold out"}])
        await client.ended()

    assert client.numbers == [1]
    assert client.results[-1].errors[0]["message"] == "sold out"


async def test_a_callback_after_the_client_has_left_is_not_found(emitter: Emitter) -> None:
    async with subscribed(emitter) as client:
        await emitter.next(1)
        await client.has(1)
        await client.leave()

        assert await emitter.next(2) == 404
        assert (await emitter.post("check"))[0] == 404


async def test_a_callback_after_the_end_is_not_found(emitter: Emitter) -> None:
    async with subscribed(emitter):
        assert (await emitter.post("complete"))[0] == 204
        assert await emitter.next(2) == 404


async def test_events_before_the_answer_are_kept(emitter: Emitter) -> None:
    emitter.early = [
        {"action": "next", "payload": {"data": {"count": 1}}},
        {"action": "complete", "errors": [{"message": "over"}]},
    ]
    async with subscribed(emitter) as client:
        await client.ended()

    assert client.numbers == [1]
    assert client.results[-1].errors[0]["message"] == "over"


WRONG = {
    "no JSON": (b"{", 400, "INVALID_CALLBACK"),
    "no object": (b"[]", 400, "INVALID_CALLBACK"),
    "nothing": (b"", 400, "INVALID_CALLBACK"),
    "not UTF-8": (b'{"kind":"\xff"}', 400, "INVALID_CALLBACK"),
    "too deep": (b'{"kind":' + b"[" * 50_000, 400, "INVALID_CALLBACK"),
    "too large": (b" " * 200_000, 413, "REQUEST_TOO_LARGE"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_message_is_refused(emitter: Emitter, name: str) -> None:
    body, status, code = WRONG[name]
    async with subscribed(emitter) as client:
        answered, _, answer = await emitter.post_raw(body)
        assert await emitter.next(1) == 204, "the subscription goes on"
        await client.has(1)

    assert answered == status
    assert orjson.loads(answer)["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"verifier": "guessed"}, 401),
        ({"verifier": "ä"}, 401),
        ({"verifier": 1}, 400),
        ({"id": "another"}, 400),
        ({"action": "heartbeat"}, 400),
        ({"kind": "query"}, 400),
        ({"action": "next"}, 400),
        ({"action": "next", "payload": [1]}, 400),
    ],
)
async def test_a_message_that_is_not_right_is_refused(
    emitter: Emitter, change: dict[str, Any], status: int
) -> None:
    async with subscribed(emitter):
        answered, headers, _ = await emitter.post_message(change)

    assert answered == status
    assert headers["subscription-protocol"] == "callback/1.0"


async def test_an_unknown_id_is_not_found_before_anything_is_read(emitter: Emitter) -> None:
    async with subscribed(emitter):
        url = emitter.given["callbackUrl"][:-1]
        answered, _, answer = await emitter.post_raw(b" " * 200_000, url)

    assert answered == 404
    assert orjson.loads(answer)["errors"][0]["extensions"]["code"] == "SUBSCRIPTION_NOT_FOUND"


async def test_callbacks_are_posted(emitter: Emitter) -> None:
    async with (
        subscribed(emitter),
        aiohttp.ClientSession() as session,
        session.get(emitter.given["callbackUrl"]) as answer,
    ):
        assert answer.status == 405


#: Three of them are longer than a busy machine lets a message wait.
BEAT_SECONDS = 0.5


async def test_an_emitter_that_falls_silent_is_lost(emitter: Emitter) -> None:
    async with subscribed(emitter, heartbeat_seconds=BEAT_SECONDS, resubscribe_seconds=0) as client:
        await emitter.next(1)
        await client.ended()

        assert (await emitter.post("check"))[0] == 404
    assert client.numbers == [1]
    assert client.codes == ["SUBGRAPH_SUBSCRIPTION_FAILED"]


async def test_an_emitter_that_checks_is_not_lost(emitter: Emitter) -> None:
    async with subscribed(emitter, heartbeat_seconds=BEAT_SECONDS, resubscribe_seconds=0) as client:
        for _ in range(8):
            assert (await emitter.post("check"))[0] == 204
            await asyncio.sleep(BEAT_SECONDS / 2)  # more than three heartbeats in all
        await emitter.next(1)
        await emitter.post("complete")
        await client.ended()

    assert client.numbers == [1]
    assert client.codes == []


async def test_a_lost_emitter_is_subscribed_to_again(emitter: Emitter) -> None:
    async with subscribed(emitter, heartbeat_seconds=BEAT_SECONDS) as client:
        await emitter.next(1)
        first = emitter.given
        emitter.arrived.clear()
        await emitter.arrived.wait()
        await emitter.next(2)
        await emitter.post("complete")
        await client.ended()

    assert emitter.asked[-1]["extensions"]["subscription"] != first
    assert client.numbers == [1, 2]
    assert client.codes == []


REFUSALS = {
    "errors": (200, b'{"errors":[{"message":"no"}]}', True, "DOWNSTREAM_SERVICE_ERROR"),
    "a status": (404, b"", True, "SUBGRAPH_HTTP_ERROR"),
    "a status and errors": (
        400,
        b'{"errors":[{"message":"no"}]}',
        True,
        "DOWNSTREAM_SERVICE_ERROR",
    ),
    "no check": (200, b'{"data":null}', False, "SUBGRAPH_SUBSCRIPTION_FAILED"),
    "a result": (200, b'{"data":{"count":1}}', False, "SUBGRAPH_SUBSCRIPTION_FAILED"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_subgraph_that_refuses_is_an_error(emitter: Emitter, name: str) -> None:
    emitter.status, emitter.answer, emitter.checks, code = REFUSALS[name]
    async with subscribed(emitter) as client:
        await client.ended()

        assert (await emitter.post("check"))[0] == 404
    assert client.numbers == []
    assert client.codes == [code]


async def test_a_client_that_takes_nothing_holds_the_emitter_back(
    emitter: Emitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "STALL_SECONDS", 0.2)
    async with calling(emitter) as gateway:
        results = gateway.subscribe(QUERY)
        first = asyncio.ensure_future(anext(results))
        await emitter.arrived.wait()
        sent = 0
        while (status := await emitter.next(sent)) == 204:
            sent += 1
        numbers = [(await first).data, *[result.data async for result in results]]

    assert status == 404, "it is over once the client took nothing for too long"
    assert sent > 1
    assert numbers == [{"count": number} for number in range(sent)] + [None]


async def test_a_gateway_that_closes_ends_the_subscriptions(emitter: Emitter) -> None:
    async with calling(emitter) as gateway:
        client = Client(gateway)
        await emitter.arrived.wait()
        await emitter.next(1)
        await client.has(1)

        await gateway.close()
        await client.ended()
    assert client.codes == ["SUBGRAPH_SUBSCRIPTION_FAILED"]


async def test_the_subscriptions_that_wait_are_limited(
    emitter: Emitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "CALLBACKS_MAX", 1)
    async with calling(emitter) as gateway:
        first, second = Client(gateway), Client(gateway)
        await second.ended()
        await emitter.next(1)
        await first.has(1)
        await first.leave()
        assert second.codes == ["SUBGRAPH_SUBSCRIPTION_FAILED"]

        third = Client(gateway)
        emitter.arrived.clear()
        await emitter.arrived.wait()
        await emitter.next(2)
        await third.has(1)
        await third.leave()
    assert (first.numbers, third.numbers) == ([1], [2])


def test_the_protocol_needs_a_place_for_callbacks() -> None:
    way = SubgraphSubscriptionConfig(protocol="callback")
    config = GatewayConfig(subgraphs={"ticker": SubgraphConfig(subscriptions=way)})

    with pytest.raises(SupergraphError, match=r"subscriptions\.callback is unset"):
        Gateway(SUPERGRAPH, {"ticker": Emitter()}, config)


async def test_without_configuration_there_is_no_such_path() -> None:
    async with client_of(Gateway(SUPERGRAPH, {"ticker": Emitter()})) as client:
        assert (await client.post("/callback/1")).status_code == 404
