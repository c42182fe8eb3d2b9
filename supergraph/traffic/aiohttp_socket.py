"""A WebSocket to a subgraph through aiohttp."""

import aiohttp

from supergraph.protocols.transport_ws.messages import BAD_RESPONSE, SUBPROTOCOL
from supergraph.traffic.forwarding import forwardable
from supergraph.traffic.response_stream import PASSING_STATUSES
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_socket import SocketRefusedError
from supergraph.traffic.transport import SubgraphRequest

__all__ = ["AiohttpSocket", "open_aiohttp_socket"]

CLOSE_SECONDS = 1.0


async def open_aiohttp_socket(
    session: aiohttp.ClientSession,
    url: str,
    request: SubgraphRequest,
    settings: TransportSettings,
) -> "AiohttpSocket":
    """Open a socket with the request's headers; the caller sets the time limit.

    Raises OSError without a connection and `SocketRefusedError` without a WebSocket.
    """
    try:
        websocket = await session.ws_connect(
            url,
            protocols=(SUBPROTOCOL,),
            headers=forwardable(request.headers),
            max_msg_size=settings.response_bytes_max,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
        )
    except aiohttp.WSServerHandshakeError as error:
        why = f"the handshake was answered with {error.status}"
        raise SocketRefusedError(why, may_pass=error.status in PASSING_STATUSES) from error
    except aiohttp.ClientConnectionError as error:
        raise ConnectionError(str(error)) from error
    except aiohttp.ClientError as error:
        raise SocketRefusedError("the handshake was not answered in HTTP") from error
    if websocket.protocol != SUBPROTOCOL:
        await websocket.close()
        raise SocketRefusedError(f"the subprotocol {SUBPROTOCOL} was not accepted")
    return AiohttpSocket(websocket)


class AiohttpSocket:
    """aiohttp's client WebSocket as a `Socket`."""

    def __init__(self, websocket: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        self._websocket = websocket

    @property
    def close_code(self) -> int | None:
        """The code of the close frame that came, if one did."""
        return self._websocket.close_code

    async def send(self, text: str) -> None:
        """Write one frame."""
        try:
            await self._websocket.send_str(text)
        except aiohttp.ClientError as error:
            raise ConnectionError(str(error)) from error

    async def receive(self) -> str | None:
        """The next text frame; any other kind of message ends the socket."""
        message = await self._websocket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            text: str = message.data
            return text
        if message.type is aiohttp.WSMsgType.BINARY:
            await self.close(BAD_RESPONSE.code)
        return None

    async def close(self, code: int) -> None:
        """Close."""
        await self._websocket.close(code=code)
