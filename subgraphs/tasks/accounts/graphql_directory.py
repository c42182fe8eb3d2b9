"""Asking the accounts service over GraphQL, over HTTP or within one process."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import aiohttp
import orjson
from starlette.types import ASGIApp

from subgraphs.shared.running_apps import running_app
from subgraphs.tasks.accounts.asgi_call import call_asgi
from subgraphs.tasks.accounts.directory import AccountDirectory, AccountsUnavailableError
from subgraphs.tasks.states import Channel

__all__ = ["find_directory"]

DEFAULT_URL = "http://127.0.0.1:4002/graphql"
TIMEOUT_SECONDS = 5.0
ANSWER_BYTES_MAX = 1024 * 1024
QUERY = "query AccountsForSending($ids: [ID!]!) { accountsForSending(ids: $ids) { __typename id } }"
CHANNELS = {"TelegramAccount": Channel.TELEGRAM, "WhatsAppAccount": Channel.WHATSAPP}


class _Poster(Protocol):
    async def __call__(self, body: bytes, authorization: str) -> bytes: ...


class GraphQLAccountDirectory:
    """An `AccountDirectory` that posts one query."""

    def __init__(self, post: _Poster) -> None:
        self._post = post

    async def channels_of(
        self, account_ids: Sequence[str], authorization: str
    ) -> Mapping[str, Channel]:
        """Ask with the viewer's own token, so the accounts service decides what they may see."""
        body = orjson.dumps({"query": QUERY, "variables": {"ids": list(account_ids)}})
        try:
            answer = orjson.loads(await self._post(body, authorization))
            return _channels(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise AccountsUnavailableError("the accounts service cannot be reached") from error
        except (ValueError, KeyError, TypeError) as error:
            message = "the accounts service gave an answer that is not one"
            raise AccountsUnavailableError(message) from error


def find_directory(url: str | None) -> AccountDirectory:
    """The directory at a URL; without one the accounts app of this process, or the usual port.

    Looked for at every call, because the services of one process start in any order.
    """
    if url is None and (app := running_app("accounts")) is not None:
        return GraphQLAccountDirectory(_asgi_poster(app))
    return GraphQLAccountDirectory(_http_poster(url or DEFAULT_URL))


def _http_poster(url: str) -> _Poster:
    async def post(body: bytes, authorization: str) -> bytes:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        headers = _headers(authorization)
        # Campaigns are created rarely: a connection of its own costs less than one kept for it.
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as reply,
        ):
            return await _read_bounded(reply)

    return post


async def _read_bounded(reply: aiohttp.ClientResponse) -> bytes:
    answer = b""
    async for chunk in reply.content.iter_any():
        answer += chunk
        if len(answer) > ANSWER_BYTES_MAX:
            raise ValueError("the answer is too long")
    return answer


def _asgi_poster(app: ASGIApp) -> _Poster:
    async def post(body: bytes, authorization: str) -> bytes:
        return await call_asgi(app, "/graphql", body, _headers(authorization), TIMEOUT_SECONDS)

    return post


def _headers(authorization: str) -> dict[str, str]:
    return {
        "authorization": authorization,
        "content-type": "application/json",
        "accept": "application/json",
    }


def _channels(answer: Any) -> dict[str, Channel]:
    accounts = answer["data"]["accountsForSending"]
    return {account["id"]: CHANNELS[account["__typename"]] for account in accounts}
