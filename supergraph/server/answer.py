"""What is answered to one HTTP request, before it becomes ASGI messages."""

from starlette.types import Send

from supergraph.records import record
from supergraph.server.exchange import ID_HEADER

__all__ = ["Answer", "send_answer"]


@record
class Answer:
    """A whole response; `headers` are those beyond type, length and request id."""

    body: bytes
    content_type: str
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


async def send_answer(answer: Answer, request_id: str, send: Send) -> None:
    """Send it, with the id of the request."""
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (b"content-length", b"%d" % len(answer.body)),
                (b"content-type", answer.content_type.encode("latin-1")),
                (ID_HEADER, request_id.encode("latin-1")),
                *answer.headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": answer.body})
