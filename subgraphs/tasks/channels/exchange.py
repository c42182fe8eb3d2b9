"""One request to a provider and its answer, or what is known without one.

What is known matters more than why: a request that was never handed to a socket can be repeated,
every other one without an answer cannot. aiohttp's errors quote URLs, and a Telegram URL holds the
bot's token; so none of them leaves this module, not even as the cause of another.
"""

import contextlib
import ssl
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp
import orjson
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_writer import StreamWriter
from yarl import URL

from subgraphs.tasks.channels.port import UnknownOutcomeError

__all__ = ["Answer", "Exchange", "NotWritten", "open_exchange"]

#: Connections of one process to all providers; more requests wait for one.
CONNECTIONS_MAX = 400
CONNECTIONS_PER_PROVIDER_MAX = 200
#: Shorter than servers keep an idle connection (5 seconds are a common default): one that is closed
#: at the moment we write to it costs an unconfirmed delivery.
KEEP_ALIVE_SECONDS = 4.0
#: How much of the whole time may go by before the request is written.
CONNECT_SHARE = 0.4
ANSWER_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider answered: a JSON object."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The request was never handed to a connection; `reason` names the kind of error."""

    reason: str


ExchangeResult: TypeAlias = Answer | NotWritten


class Exchange:
    """Posts JSON with one session of connections."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(
        self, url: str, payload: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> ExchangeResult:
        """Post once; raises `UnknownOutcomeError` when the request was written and not answered."""
        body = _WatchedBody(orjson.dumps(payload), content_type="application/json")
        try:
            return await self._post(url, body, headers or {})
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError, ValueError) as error:
            reason = type(error).__name__
        # Raised here, outside the handler, so that the error is not kept as its context.
        if not body.was_handed_over:
            return NotWritten(reason)
        raise UnknownOutcomeError(f"no usable answer ({reason})")

    async def _post(self, url: str, body: "_WatchedBody", headers: Mapping[str, str]) -> Answer:
        async with self._session.post(
            URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
        ) as reply:
            raw = await reply.content.read(ANSWER_BYTES_MAX + 1)
            while len(raw) <= ANSWER_BYTES_MAX and not reply.content.at_eof():
                raw += await reply.content.read(ANSWER_BYTES_MAX + 1 - len(raw))
            if len(raw) > ANSWER_BYTES_MAX:
                raise ValueError("too long")
            answer = orjson.loads(raw)
            if not isinstance(answer, dict):
                raise ValueError("not an object")  # noqa: TRY004 - one kind for all bad answers
            return Answer(reply.status, answer)


class _WatchedBody(aiohttp.BytesPayload):
    """A request's body that knows whether it was handed to an open connection.

    aiohttp keeps the head back until the body comes and hands both over in one step, so until then
    no part of the request has left.
    """

    was_handed_over = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Look at the connection in the same step that writes to it."""
        transport = writer.transport if isinstance(writer, StreamWriter) else None
        is_gone = transport is None or transport.is_closing()
        self.was_handed_over = not (isinstance(writer, StreamWriter) and is_gone)
        await super().write_with_length(writer, content_length)


@contextlib.asynccontextmanager
async def open_exchange(timeout_seconds: float) -> AsyncGenerator[Exchange]:
    """Requests that take at most `timeout_seconds` each, over connections that are kept."""
    connector = aiohttp.TCPConnector(
        limit=CONNECTIONS_MAX,
        limit_per_host=CONNECTIONS_PER_PROVIDER_MAX,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
    )
    timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=timeout_seconds * CONNECT_SHARE)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield Exchange(session)
