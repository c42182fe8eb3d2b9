"""The request that opens a subscription over HTTP, with every failure coded."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.http1.errors import AnswerTooLargeError, Http1Error, InvalidHeaderError
from supergraph.traffic.payload import encode_request, refuse_files
from supergraph.traffic.response_stream import OpenStream, ResponseStream, whole_body
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["StreamOpening"]


class StreamOpening:
    """POSTs subscriptions of one subgraph. `close` ends the answers that are still read."""

    def __init__(self, name: SubgraphName, open_stream: OpenStream, answer_bytes_max: int) -> None:
        self.name = name
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
        refuse_files(request, self.name)
        body = encode_request(request, self.name, extensions)
        try:
            stream = await self._open_stream(
                request, body, {"content-type": "application/json", **headers}
            )
        except TimeoutError:
            raise
        except OSError as error:
            self.fail(codes.SUBGRAPH_UNREACHABLE, "cannot be reached", error, may_pass=True)
        except InvalidHeaderError as error:
            self.fail(codes.INVALID_FORWARDED_HEADER, f"was not asked: {error}", error)
        except Http1Error as error:
            self.fail(codes.SUBGRAPH_MALFORMED_RESPONSE, "did not answer in HTTP", error)
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
        except AnswerTooLargeError as error:
            self.fail(codes.SUBGRAPH_RESPONSE_TOO_LARGE, f"answered with {error}", error)
        except TimeoutError:
            raise
        except OSError as error:
            what = "closed the connection early"
            self.fail(codes.SUBGRAPH_UNREACHABLE, what, error, may_pass=True)

    async def close(self) -> None:
        """Close every answer; who reads one sees it end."""
        for stream in tuple(self._streams):
            await stream.close()

    def fail(
        self,
        code: ErrorCode,
        what: str,
        cause: BaseException | None = None,
        *,
        was_open: bool = False,
        may_pass: bool = False,
    ) -> NoReturn:
        """Raise the coded error of this subgraph."""
        message = f'Subgraph "{self.name}" {what}.'
        raise SubgraphError(
            code, message, self.name, was_open=was_open, may_pass=may_pass
        ) from cause
