"""Whatever a server sends: a reply or a `SubgraphError`, soon."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.http_transport import HttpTransport
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.traffic.http1.wire_server import Request, answer_bytes, wire_server

SETTINGS = TransportSettings(
    request_timeout_seconds=5.0, response_bytes_max=10_000, head_bytes_max=1_000
)
CODES = {
    "SUBGRAPH_HTTP_ERROR",
    "SUBGRAPH_MALFORMED_RESPONSE",
    "SUBGRAPH_RESPONSE_TOO_LARGE",
    "SUBGRAPH_UNREACHABLE",
}
PIECES = st.binary(max_size=50) | st.sampled_from(
    [
        answer_bytes(b'{"data": {"a": 1}}'),
        answer_bytes(b'{"data": {"a": 1}}', status="500 Oops"),
        b"HTTP/1.1 200 OK\r\n",
        b"transfer-encoding: chunked\r\n\r\n",
        b"content-length: 9\r\n\r\n",
        b'12\r\n{"data": {"a": 1}}\r\n0\r\n\r\n',
        b"x" * 20_000,
    ]
)


async def ask(segments: list[bytes]) -> None:
    async def sends_and_closes(request: Request) -> None:
        for segment in segments:
            request.writer.write(segment)
            await asyncio.sleep(0)
        request.writer.close()

    async with wire_server(sends_and_closes) as server:
        transport = HttpTransport(SubgraphName("bad"), server.address, SETTINGS)
        await transport.start()
        # The second request may meet the connection of the first.
        results = [await outcome(transport) for _ in range(2)]
        await transport.close()
    for result in results:
        if isinstance(result, SubgraphError):
            assert result.code.name in CODES
            assert "127.0.0.1" not in result.message
        else:
            assert isinstance(result, SubgraphReply)


async def outcome(transport: HttpTransport) -> SubgraphReply | SubgraphError:
    try:
        return await transport.execute(SubgraphRequest("{ a }", is_safe_to_repeat=True))
    except SubgraphError as error:
        return error


@given(st.lists(PIECES, max_size=6))
def test_any_bytes_end_in_a_reply_or_a_coded_error(segments: list[bytes]) -> None:
    asyncio.run(ask(segments))
