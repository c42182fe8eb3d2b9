"""An answer of a subgraph that is no GraphQL result: its fields are lost, and nothing else."""

import asyncio
import gzip
from typing import Any

import pytest

from tests.faults.graph import healthy, query, untouched
from tests.faults.misbehaving_subgraph import (
    RESPONSE_BYTES_MAX,
    Exchange,
    Fault,
    Setup,
    answers,
    changes,
    sends,
    setup,
)
from tests.traffic.http1.wire_server import wire_server

UNREACHABLE = "SUBGRAPH_UNREACHABLE"
MALFORMED = "SUBGRAPH_MALFORMED_RESPONSE"
HTTP_ERROR = "SUBGRAPH_HTTP_ERROR"
TOO_LARGE = "SUBGRAPH_RESPONSE_TOO_LARGE"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


async def hangs(_exchange: Exchange) -> None:
    await asyncio.Event().wait()


async def hangs_in_the_body(exchange: Exchange) -> None:
    exchange.writer.write(HEAD + b'content-length: 1000\r\n\r\n{"data":')
    await asyncio.Event().wait()


async def floods(exchange: Exchange) -> None:
    exchange.writer.write(HEAD + b"content-length: 100000000\r\n\r\n")
    await _pour(exchange)


async def floods_without_a_length(exchange: Exchange) -> None:
    exchange.writer.write(HEAD + b"\r\n")
    await _pour(exchange)


async def _pour(exchange: Exchange) -> None:
    for _ in range(100):  # 100 MB, if anybody took it
        exchange.writer.write(b" " * 1_000_000)
        await exchange.writer.drain()


def leaf(raw: bytes) -> Fault:
    """The right answer, but for the bytes of one leaf value."""
    return changes(lambda exchange: _with_leaf(exchange, raw))


def _with_leaf(exchange: Exchange, raw: bytes) -> bytes:
    exchange.rows[0]["any"] = "LEAF"
    return exchange.json().replace(b'"LEAF"', raw)


FAULTS = {
    # --- no whole answer
    "closes before the head": (sends(b""), UNREACHABLE),
    "closes in the head": (sends(b"HTTP/1.1 200 OK\r\ncontent-"), UNREACHABLE),
    "closes in the body": (sends(HEAD + b'content-length: 99\r\n\r\n{"data":'), UNREACHABLE),
    "closes in a chunk": (sends(CHUNKED + b'40\r\n{"data":'), UNREACHABLE),
    "closes between chunks": (sends(CHUNKED + b'8\r\n{"data":\r\n'), UNREACHABLE),
    "100 MB": (floods, TOO_LARGE),
    "100 MB without a length": (floods_without_a_length, TOO_LARGE),
    "a huge head": (sends(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000), TOO_LARGE),
    "a head without end": (sends(HEAD + b"x: y\r\n" * 20_000, closes=False), TOO_LARGE),
    "a bomb": (
        sends(
            HEAD
            + b"content-encoding: gzip\r\n\r\n"
            + gzip.compress(b" " * (RESPONSE_BYTES_MAX + 1))
        ),
        TOO_LARGE,
    ),
    # --- no HTTP
    "not HTTP": (sends(b"garbage\r\n\r\n"), MALFORMED),
    "chunks of garbage": (sends(CHUNKED + b"nonsense\r\n{}\r\n0\r\n\r\n"), MALFORMED),
    "a chunk longer than it says": (sends(CHUNKED + b"2\r\n{}}}\r\n0\r\n\r\n"), MALFORMED),
    "not gzip as it says": (
        sends(HEAD + b"content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}"),
        MALFORMED,
    ),
    "an unknown coding": (
        sends(HEAD + b"content-encoding: br\r\ncontent-length: 2\r\n\r\n{}"),
        MALFORMED,
    ),
    # --- no GraphQL
    "204": (sends(b"HTTP/1.1 204 No Content\r\n\r\n"), MALFORMED),
    "304": (sends(b"HTTP/1.1 304 Not Modified\r\n\r\n"), HTTP_ERROR),
    "302": (answers(b"", "302 Found"), HTTP_ERROR),
    "401 in words": (answers(b"log in first", "401 Unauthorized"), HTTP_ERROR),
    "500 in words": (answers(b"oops", "500 Internal Server Error"), HTTP_ERROR),
    "500 in JSON": (answers(b'{"detail": "oops"}', "500 Internal Server Error"), HTTP_ERROR),
    "HTML": (answers(b"<!doctype html><title>Welcome</title>"), MALFORMED),
    "HTML with 502": (answers(b"<html>nginx</html>", "502 Bad Gateway"), HTTP_ERROR),
    "nothing": (answers(b""), MALFORMED),
    "a list": (answers(b'[{"data": {}}]'), MALFORMED),
    "a string": (answers(b'"data"'), MALFORMED),
    "a number": (answers(b"200"), MALFORMED),
    "null": (answers(b"null"), MALFORMED),
    "neither data nor errors": (answers(b'{"message": "hello"}'), MALFORMED),
    "data is a list": (answers(b'{"data": []}'), MALFORMED),
    "data is a string": (answers(b'{"data": "none"}'), MALFORMED),
    "data is a number": (answers(b'{"data": 0}'), MALFORMED),
    "data is false": (answers(b'{"data": false}'), MALFORMED),
    "errors are a string": (changes(lambda x: {**x.answer, "errors": "none"}), MALFORMED),
    "errors are an object": (changes(lambda x: {**x.answer, "errors": {"a": 1}}), MALFORMED),
    "no data and no errors": (answers(b'{"data": null}'), MALFORMED),
    "no data and an empty list of errors": (answers(b'{"data": null, "errors": []}'), MALFORMED),
    # --- no JSON
    "words": (answers(b'{"data": oops}'), MALFORMED),
    "cut": (changes(lambda exchange: exchange.json()[:-9]), MALFORMED),
    "more behind": (changes(lambda exchange: exchange.json() + b"{}"), MALFORMED),
    "a byte order mark": (changes(lambda exchange: b"\xef\xbb\xbf" + exchange.json()), MALFORMED),
    "UTF-16": (changes(lambda exchange: exchange.json().decode().encode("utf-16")), MALFORMED),
    "not UTF-8": (leaf(b'"caf\xe9"'), MALFORMED),
    "a key that is not UTF-8": (leaf(b'{"caf\xe9": 1}'), MALFORMED),
    "half a surrogate pair": (leaf(rb'"\ud83d"'), MALFORMED),
    "NaN": (leaf(b"NaN"), MALFORMED),
    "Infinity": (leaf(b"-Infinity"), MALFORMED),
    "1e400": (leaf(b"1e400"), MALFORMED),
    "a number of 10,000 digits": (leaf(b"1" * 10_000), MALFORMED),
    "a list in 100,000 lists": (leaf(b"[" * 100_000 + b"]" * 100_000), MALFORMED),
    "an object in 100,000 objects": (leaf(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), MALFORMED),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_lost_answer_costs_its_own_fields_only(
    gateway: Setup, place: str, name: str
) -> None:
    gateway.fault, code = FAULTS[name]
    result = await gateway.ask(query(place))
    assert result["data"] == untouched(place)
    assert_one_failure(result, place, code)

    gateway.fault = None
    assert await gateway.ask(query(place)) == {"data": healthy(place)}


@pytest.mark.parametrize("fault", [hangs, hangs_in_the_body])
@pytest.mark.parametrize("media_type", ["application/json", "application/graphql-response+json"])
async def test_an_answer_that_is_late_costs_its_own_fields_only(
    media_type: str, fault: Fault
) -> None:
    async with setup(media_type, timeout_seconds=2.0) as gateway:
        gateway.fault = fault
        places = ("root", "entity")
        results = await asyncio.gather(*(gateway.ask(query(place)) for place in places))
        for place, result in zip(places, results, strict=True):
            assert result["data"] == untouched(place)
            assert_one_failure(result, place, "SUBGRAPH_TIMEOUT")

        gateway.fault = None
        for place in places:
            assert await gateway.ask(query(place)) == {"data": healthy(place)}


async def test_a_subgraph_that_refuses_connections_is_asked_again_once_it_listens(
    gateway: Setup, place: str
) -> None:
    gateway.server.stop()
    result = await gateway.ask(query(place))
    assert result["data"] == untouched(place)
    assert_one_failure(result, place, UNREACHABLE)

    async with wire_server(gateway.behave, port=gateway.server.port):
        assert await gateway.ask(query(place)) == {"data": healthy(place)}


@pytest.mark.parametrize("name", ["closes in the body", "HTML with 502", "words", "not HTTP"])
async def test_a_lost_answer_in_a_required_place_takes_the_nearest_nullable_one(
    gateway: Setup, name: str
) -> None:
    gateway.fault, code = FAULTS[name]
    result = await gateway.ask("{ title goods: products { name sum: total } }")
    assert result["data"] == {"title": "All", "goods": [None] * 3}
    assert_one_failure(result, "entity", code)

    result = await gateway.ask("{ title only: main { n: count } }")
    assert result["data"] is None
    assert_one_failure(result, "root", code)


async def test_answers_that_are_lost_side_by_side_do_not_cost_each_other_anything(
    gateway: Setup,
) -> None:
    """Right and wrong answers in turn, on connections that the requests share.

    The requests differ, so that no two of them share an answer.
    """
    count = 0

    async def every_second_is_cut(exchange: Exchange) -> None:
        nonlocal count
        count += 1
        exchange.send(exchange.json()[: -(count % 2) or None])

    gateway.fault = every_second_is_cut
    queries = [f"{{ goods: products {{ name n{number}: count }} }}" for number in range(20)]
    results = await asyncio.gather(*map(gateway.ask, queries))
    assert sum("errors" not in result for result in results) == 10
    for number, result in enumerate(results):
        is_lost = "errors" in result
        assert result["data"]["goods"] == [
            {"name": f"Product {row}", f"n{number}": None if is_lost else row} for row in (1, 2, 3)
        ]
        if is_lost:
            assert_one_failure(result, "entity", MALFORMED)


def assert_one_failure(result: dict[str, Any], place: str, code: str) -> None:
    """One error names the subgraph, and where its fields would be; never where it is."""
    [error] = result["errors"]
    assert error["extensions"] == {"code": code, "serviceName": "stock"}
    assert error.get("path") == (["goods"] if place == "entity" else None)
    assert '"stock"' in error["message"]
    assert "127.0.0.1" not in error["message"]
