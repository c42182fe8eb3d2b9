"""Compressed answers and requests over HTTP; each coding is undone by another library's hand."""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import httpx2
import pytest
import zstandard

from supergraph.config.gateway import CompressionConfig, LimitConfig
from supergraph.server.negotiation import accepted_coding
from tests.server.shop import client_of, development, gateway

#: Long enough to be compressed: the field's alias is repeated in the answer.
LONG = "{ products { " + " ".join(f"a{number}: name" for number in range(200)) + " } }"
UNDO: dict[str, Callable[[bytes], Any]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().stream_reader(body).read(),
}


async def raw(client: httpx2.AsyncClient, accepted: str | None, query: str = LONG) -> Any:
    """Status, headers and the body as it came."""
    headers = {"accept-encoding": accepted if accepted is not None else ""}
    request = client.build_request("POST", "/graphql", json={"query": query}, headers=headers)
    response = await client.send(request, stream=True)
    body = b"".join([chunk async for chunk in response.aiter_raw()])
    await response.aclose()
    return response, body


@pytest.mark.parametrize("coding", UNDO)
async def test_answers_are_compressed_for_who_accepts_it(
    client: httpx2.AsyncClient, coding: str
) -> None:
    response, body = await raw(client, coding)
    _, plain = await raw(client, "identity")

    assert response.headers["content-encoding"] == coding
    assert response.headers["vary"] == "accept-encoding"
    assert int(response.headers["content-length"]) == len(body) < len(plain)
    assert UNDO[coding](body) == plain


@pytest.mark.parametrize("accepted", ["", "identity", "compress", "gzip;q=0", "*;q=0"])
async def test_nobody_gets_what_they_do_not_accept(
    client: httpx2.AsyncClient, accepted: str
) -> None:
    response, body = await raw(client, accepted)
    assert "content-encoding" not in response.headers
    assert response.headers["vary"] == "accept-encoding", "a cache must not serve it to all"
    assert len(json.loads(body)["data"]["products"][0]) == 200


async def test_short_answers_are_not_worth_it(client: httpx2.AsyncClient) -> None:
    response, _ = await raw(client, "gzip", "{ __typename }")
    assert "content-encoding" not in response.headers
    assert "vary" not in response.headers


async def test_it_can_be_switched_off() -> None:
    config = development(compression=CompressionConfig(enabled=False))
    async with gateway(config) as app, client_of(app) as client:
        response, _ = await raw(client, "gzip, br, zstd")
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (b"gzip, deflate, br, zstd", "zstd"),
        (b"gzip, deflate, br", "br"),
        (b"gzip, deflate", "gzip"),
        (b"gzip;q=1.0, br;q=0.5, zstd;q=0", "gzip"),
        (b"*", "zstd"),
        (b"*;q=0.1, gzip", "gzip"),
        (b"GZIP", "gzip"),
        (b"gzip;q=nonsense", None),
        (b"", None),
    ],
)
def test_the_clients_weights_decide(accepted: bytes, coding: str | None) -> None:
    assert accepted_coding(accepted) == coding


BODY = json.dumps({"query": "{ __typename }"}).encode()
CODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


async def send(client: httpx2.AsyncClient, body: bytes, coding: str) -> httpx2.Response:
    headers = {"content-type": "application/json", "content-encoding": coding}
    return await client.post("/graphql", content=body, headers=headers)


@pytest.mark.parametrize("coding", CODE)
async def test_requests_may_come_compressed(client: httpx2.AsyncClient, coding: str) -> None:
    answer = await send(client, CODE[coding](BODY), coding)
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("coding", CODE)
@pytest.mark.parametrize("change", [lambda body: body[:-4], lambda body: b"x" + body])
async def test_broken_data_is_a_clients_mistake(
    client: httpx2.AsyncClient, coding: str, change: Callable[[bytes], bytes]
) -> None:
    answer = await send(client, change(CODE[coding](BODY)), coding)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_GRAPHQL_REQUEST"


@pytest.mark.parametrize("coding", CODE)
async def test_a_bomb_goes_off_at_the_limit(client: httpx2.AsyncClient, coding: str) -> None:
    bomb = CODE[coding](b" " * (20 * LimitConfig().body_bytes))
    assert len(bomb) < 200_000
    answer = await send(client, bomb, coding)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "REQUEST_TOO_LARGE"


@pytest.mark.parametrize("coding", ["deflate", "compress", "gzip, br", "x" * 5_000])
async def test_other_codings_are_refused(client: httpx2.AsyncClient, coding: str) -> None:
    answer = await send(client, zlib.compress(BODY), coding)
    assert answer.status_code == 415
    assert len(answer.content) < 500
