"""Reading a request's body within bounds of size and time, whatever the client declares."""

import asyncio

from starlette.requests import Request

from supergraph.config.gateway import LimitConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError

__all__ = ["read_body"]


async def read_body(request: Request, limits: LimitConfig) -> bytes:
    """The whole body; raises `ClientError` as soon as a bound is passed."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limits.body_bytes:
        raise _too_large(limits)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limits.body_bytes:
                    raise _too_large(limits)
                chunks.append(chunk)
    except TimeoutError as error:
        message = f"The body did not arrive within {limits.body_seconds:g} seconds"
        raise ClientError(codes.REQUEST_TIMEOUT, message) from error
    return b"".join(chunks)


def _too_large(limits: LimitConfig) -> ClientError:
    message = f"The request's body is larger than {limits.body_bytes} bytes"
    return ClientError(codes.REQUEST_TOO_LARGE, message)
