"""The request that opens a subscription over HTTP, with every failure coded."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from supergraph.names import SubgraphName
from supergraph.traffic.failure import exchange_failure
from supergraph.traffic.http1.errors import Http1Error
from supergraph.traffic.payload import encode_request, refuse_files
from supergraph.traffic.response_stream import OpenStream, ResponseStream, whole_body
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["StreamOpening"]


class StreamOpening:
    """POSTs subscriptions of one subgraph. `close` ends the answers that are still read."""

    def __init__(self, name: SubgraphName, open_stream: OpenStream, answer_bytes_max: int) -> None:
        self._name = name
        self._open_stream = open_stream
        self._answer_bytes_max = answer_bytes_max
        self._streams: set[ResponseStream] = set()

    @asynccontextmanager
    async def opened(
        self,
        request: SubgraphRequest,
        headers: Mapping[str, str],
        extensions: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[ResponseStream]:
        """An answer whose head is there, closed in the end. The caller sets the time limit."""
        refuse_files(request, self._name)
        body = encode_request(request, self._name, extensions)
        try:
            stream = await self._open_stream(
                request, body, {"content-type": "application/json", **headers}
            )
        except TimeoutError:
            raise
        except (OSError, Http1Error) as error:
            raise exchange_failure(self._name, error) from error
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)
            await stream.close()

    async def whole_body(self, stream: ResponseStream) -> bytes:
        """The body of an answer that is no stream after all."""
        try:
            return await whole_body(stream, self._answer_bytes_max)
        except TimeoutError:
            raise
        except (OSError, Http1Error) as error:
            raise exchange_failure(self._name, error) from error

    async def close(self) -> None:
        """Close every answer; who reads one sees it end."""
        await asyncio.gather(*(stream.close() for stream in self._streams))
