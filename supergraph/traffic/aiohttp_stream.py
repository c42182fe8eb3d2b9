"""A streamed answer through aiohttp."""

from collections.abc import Mapping

import aiohttp

from supergraph.traffic.forwarding import forwardable
from supergraph.traffic.http1.errors import InvalidHeaderError, NotHttpError
from supergraph.traffic.payload import RequestBody
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["AiohttpStream", "open_aiohttp_stream"]

#: "none" is no coding of HTTP; servers of graphql-sse send it, for proxies not to compress.
_NO_CODING = frozenset({"identity", "none"})


async def open_aiohttp_stream(
    session: aiohttp.ClientSession,
    url: str,
    request: SubgraphRequest,
    body: RequestBody,
    headers: Mapping[str, str],
    connect_seconds: float,
) -> "AiohttpStream":
    """POST the body, and return once the head of the answer is there, as an `OpenStream` does."""
    # A stream has no end that could be set here: but for connecting, the caller keeps time.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds)
    try:
        response = await session.post(
            url,
            data=body,
            headers={**forwardable(request.headers), **headers, "accept-encoding": "identity"},
            allow_redirects=False,
            timeout=timeout,
            auto_decompress=False,
        )
    except aiohttp.ClientConnectionError as error:
        raise ConnectionError(str(error)) from error
    except aiohttp.ClientError as error:
        raise NotHttpError(str(error)) from error
    except ValueError as error:
        raise InvalidHeaderError("a header cannot be sent") from error
    if response.headers.get("content-encoding", "identity").strip().lower() not in _NO_CODING:
        response.close()
        raise NotHttpError("the body is in a content coding that was not asked for")
    return AiohttpStream(response)


class AiohttpStream:
    """aiohttp's response as a `ResponseStream`."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    @property
    def content_type(self) -> str:
        """The header as it was sent."""
        return self._response.headers.get("content-type", "")

    async def read(self) -> bytes:
        """What has come; aiohttp stops reading the socket while its buffer is full."""
        try:
            return await self._response.content.readany()
        except aiohttp.ClientError as error:
            raise ConnectionError(str(error)) from error

    async def close(self) -> None:
        """Close the connection: what it still carries belongs to nobody."""
        self._response.close()
