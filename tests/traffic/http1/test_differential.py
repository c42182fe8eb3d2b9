"""Two clients, one random server: ours answers as aiohttp does, and callers are never mixed."""

import asyncio
import gzip
import json
from random import Random

import aiohttp
import pytest

from supergraph.traffic.http1.client import Http1Client
from supergraph.traffic.http1.errors import Http1Error
from tests.traffic.http1.wire_server import Request, answer_bytes, client_for, post, wire_server

CALLERS = 10
REQUESTS = 40
Outcome = tuple[int, bytes] | None


async def behave(request: Request) -> None:
    """Answer as the seed in the request says: the same for whoever asks."""
    random = Random(json.loads(request.body)["seed"])
    body = request.body * random.choice([1, 1, 50, 5_000])
    status = random.choice(["200 OK", "200 OK", "400 Bad Request", "500 Oops", "302 Found"])
    answer = random.choice([sized, sized, compressed, chunked, delimited, hinted, cut, garbage])(
        body, status, random
    )
    closes = answer.startswith(b"~")
    answer = answer.removeprefix(b"~")
    while answer:
        size = random.choice([1, 7, 100, 1_000, 100_000])
        request.writer.write(answer[:size])
        answer = answer[size:]
        await asyncio.sleep(0)
    if closes:
        request.writer.close()


def sized(body: bytes, status: str, _random: Random) -> bytes:
    return answer_bytes(body, "location: /elsewhere", "set-cookie: a=b", status=status)


def compressed(body: bytes, status: str, _random: Random) -> bytes:
    return answer_bytes(gzip.compress(body), "content-encoding: gzip", status=status)


def chunked(body: bytes, status: str, random: Random) -> bytes:
    parts = [f"HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n\r\n".encode()]
    while body:
        chunk = body[: random.randrange(1, 10_000)]
        body = body[len(chunk) :]
        parts.append(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    return b"".join([*parts, b"0\r\n\r\n"])


def delimited(body: bytes, status: str, _random: Random) -> bytes:
    return f"~HTTP/1.1 {status}\r\n\r\n".encode() + body


def hinted(body: bytes, status: str, random: Random) -> bytes:
    return b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + sized(body, status, random)


def cut(body: bytes, status: str, random: Random) -> bytes:
    answer = sized(body, status, random)
    return b"~" + answer[: random.randrange(1, len(answer))]


def garbage(_body: bytes, _status: str, random: Random) -> bytes:
    return b"~" + b"\0" + random.randbytes(100)


async def ours(client: Http1Client, body: bytes) -> Outcome:
    try:
        return await post(client, body, repeats=False)
    except Http1Error:
        return None


async def theirs(session: aiohttp.ClientSession, address: str, body: bytes) -> Outcome:
    try:
        async with session.post(address, data=body, allow_redirects=False) as response:
            return response.status, await response.read()
    except aiohttp.ClientError:
        return None


@pytest.mark.parametrize("seed", range(3))
async def test_callers_get_their_own_answers_and_the_same_as_with_aiohttp(seed: int) -> None:
    async with (
        wire_server(behave) as server,
        client_for(server.address, connections_max=4) as client,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=4), cookie_jar=aiohttp.DummyCookieJar()
        ) as session,
    ):

        async def caller(number: int) -> list[tuple[bytes, Outcome, Outcome]]:
            results = []
            for request in range(REQUESTS):
                body = json.dumps({"seed": f"{seed} {number} {request}"}).encode()
                both = await asyncio.gather(
                    ours(client, body), theirs(session, server.address, body)
                )
                results.append((body, *both))
            return results

        callers = await asyncio.gather(*map(caller, range(CALLERS)))
    results = [result for caller_results in callers for result in caller_results]
    answered = 0
    for body, our_outcome, their_outcome in results:
        assert our_outcome == their_outcome
        if our_outcome is not None:
            answered += 1
            assert our_outcome[1].startswith(body)
    assert answered > len(results) / 2
