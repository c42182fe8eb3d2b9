"""Reading a request's body within bounds of size and time, whatever the client declares."""

import asyncio
from collections.abc import Awaitable, Generator
from typing import Any

from starlette.types import Message, Receive

from supergraph.config.gateway import LimitConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.server.client_headers import ClientHeaders

__all__ = ["read_body"]

#: Digits of a declared length that are read; no limit has as many.
DIGITS_MAX = 18


async def read_body(receive: Receive, headers: ClientHeaders, limits: LimitConfig) -> bytes | None:
    """The whole body, or None when the client has left before its end.

    Raises `ClientError` as soon as a bound is passed.
    """
    declared = headers.raw.get(b"content-length", b"")
    if declared.isdigit() and int(declared[:DIGITS_MAX]) > limits.body_bytes:
        raise _too_large(limits)
    # Nearly every body is there together with its head, and a timer costs more than taking it. So
    # the first `receive` is run without one up to where it has to wait, if it has to.
    awaited = receive().__await__()
    try:
        waits_for = next(awaited)
    except StopIteration as end:
        message: Message = end.value
        if not message.get("more_body"):
            return _whole(message, limits)
        first: Awaitable[Message] = _done(message)
    else:
        first = _Rest(awaited, waits_for)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _stream(await first, receive, limits)
    except TimeoutError as error:
        late = f"The body did not arrive within {limits.body_seconds:g} seconds"
        raise ClientError(codes.REQUEST_TIMEOUT, late) from error


def _whole(message: Message, limits: LimitConfig) -> bytes | None:
    if message["type"] == "http.disconnect":
        return None
    body: bytes = message.get("body", b"")
    if len(body) > limits.body_bytes:
        raise _too_large(limits)
    return body


async def _stream(message: Message, receive: Receive, limits: LimitConfig) -> bytes | None:
    chunks: list[bytes] = []
    left = limits.body_bytes
    while message["type"] == "http.request":
        chunk = message.get("body", b"")
        left -= len(chunk)
        if left < 0:
            raise _too_large(limits)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()
    return None


async def _done(message: Message) -> Message:
    return message


class _Rest:
    """What is left of something that is awaited and has been run up to where it waits."""

    __slots__ = ("_rest", "_waits_for")

    def __init__(self, rest: Generator[Any, Any, Message], waits_for: Any) -> None:
        self._rest = rest
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Message]:
        try:
            yield self._waits_for
        except BaseException as error:
            self._rest.throw(error)  # the timeout, or the end of the task, is for it to handle
            raise
        return (yield from self._rest)


def _too_large(limits: LimitConfig) -> ClientError:
    message = f"The request's body is larger than {limits.body_bytes} bytes"
    return ClientError(codes.REQUEST_TOO_LARGE, message)
