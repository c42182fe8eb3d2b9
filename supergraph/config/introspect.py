"""Asking running subgraphs for their SDL, by the `_service` field that each of them has."""

import asyncio
from collections.abc import Mapping
from typing import TypeAlias

import aiohttp
import msgspec

from supergraph.config.yaml_document import ConfigError
from supergraph.error_codes import runtime as codes

__all__ = ["ANSWER_BYTES_MAX", "introspect_all", "introspect_subgraph"]

#: An answer longer than this is no schema.
ANSWER_BYTES_MAX = 50_000_000

_QUERY = b'{"query":"query SubgraphSdl { _service { sdl } }","operationName":"SubgraphSdl"}'
_Target: TypeAlias = tuple[str, Mapping[str, str]]


class _Service(msgspec.Struct):
    sdl: str


class _Data(msgspec.Struct):
    service: _Service | None = msgspec.field(name="_service", default=None)


class _GraphQLError(msgspec.Struct):
    message: str = ""


class _Answer(msgspec.Struct):
    data: _Data | None = None
    errors: list[_GraphQLError] = []


def introspect_all(
    targets: Mapping[str, _Target], timeout_seconds: float
) -> dict[str, str | ConfigError]:
    """The SDL of every subgraph, or why there is none, by name; all are asked at once."""
    return asyncio.run(_introspect_all(targets, timeout_seconds)) if targets else {}


async def introspect_subgraph(
    session: aiohttp.ClientSession, name: str, url: str, headers: Mapping[str, str]
) -> str:
    """The SDL of one subgraph; raises `ConfigError` naming it and what went wrong."""
    try:
        async with session.post(
            url, data=_QUERY, headers={"Content-Type": "application/json", **headers}
        ) as response:
            body = await response.content.read(ANSWER_BYTES_MAX + 1)
            status = response.status
    except TimeoutError as error:
        raise _failure(name, url, "it did not answer in time") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise _failure(name, url, f"no connection: {error}") from error
    if len(body) > ANSWER_BYTES_MAX:
        raise _failure(name, url, f"its answer is over {ANSWER_BYTES_MAX} bytes")
    return _read_answer(name, url, status, body)


async def _introspect_all(
    targets: Mapping[str, _Target], timeout_seconds: float
) -> dict[str, str | ConfigError]:
    timeout = aiohttp.ClientTimeout(total=timeout_seconds)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        answers = await asyncio.gather(
            *(_introspect(session, name, url, headers) for name, (url, headers) in targets.items())
        )
    return dict(zip(targets, answers, strict=True))


async def _introspect(
    session: aiohttp.ClientSession, name: str, url: str, headers: Mapping[str, str]
) -> str | ConfigError:
    """The failure as a value: one subgraph that is down must not stop the others' answers."""
    try:
        return await introspect_subgraph(session, name, url, headers)
    except ConfigError as error:
        return error


def _read_answer(name: str, url: str, status: int, body: bytes) -> str:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError as error:
        raise _failure(name, url, f"HTTP status {status} and no GraphQL answer") from error
    if answer.data is not None and answer.data.service is not None:
        return answer.data.service.sdl
    if answer.errors:
        raise _failure(name, url, f"it answered: {answer.errors[0].message}")
    raise _failure(name, url, "its answer has no _service { sdl }; is it a subgraph?")


def _failure(name: str, url: str, why: str) -> ConfigError:
    message = f"the SDL of the subgraph {name} cannot be read from {url}: {why}"
    return ConfigError(codes.CONFIG_UNREADABLE, message)
