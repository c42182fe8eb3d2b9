"""One POST to an ASGI app of this process."""

import asyncio
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Scope

__all__ = ["call_asgi"]


async def call_asgi(
    app: ASGIApp, path: str, body: bytes, headers: Mapping[str, str], timeout_seconds: float
) -> bytes:
    """The body of the app's answer; whatever the app raises becomes `OSError`."""
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"localhost"),
            (b"content-length", str(len(body)).encode()),
            *((name.encode(), value.encode("latin-1")) for name, value in headers.items()),
        ],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
    }
    answer: list[bytes] = []
    to_app = iter([{"type": "http.request", "body": body, "more_body": False}])
    answered = asyncio.Event()

    async def receive() -> Message:
        if (message := next(to_app, None)) is not None:
            return message
        # Like a client that stays until it has the whole answer.
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            answer.append(message.get("body", b""))
            if not message.get("more_body", False):
                answered.set()

    try:
        async with asyncio.timeout(timeout_seconds):
            await app(scope, receive, send)
    except TimeoutError:
        raise
    except Exception as error:
        raise OSError("the app of this process failed") from error
    return b"".join(answer)
