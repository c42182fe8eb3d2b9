"""`python -m tests.bench.library.subgraphs`: the four subgraphs in one process, path by path.

They execute with graphql-core and remember their answers, so that a benchmark of the gateway does
not wait for them: only the first request with a body is executed.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import httptools
import uvloop
from graphql import build_schema, execute_sync, parse

from tests.bench.library import data

__all__ = ["SCHEMAS"]

#: Answers remembered; a scenario whose variables never repeat forgets them all now and then.
ANSWERS_MAX = 2_000

FEDERATION = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",
  import: ["@key", "@external", "@requires", "@provides", "@shareable"])
"""
SCHEMAS = {
    "readers": """
        type Query { reader(id: ID!): Reader  readers: [Reader] }
        type Reader @key(fields: "id") { id: ID! name: String nick: String @shareable born: Int }
    """,
    "books": """
        type Query { books(first: Int = 5): [Book] }
        type Book @key(fields: "isbn") { isbn: String! title: String pages: Int weight: Int }
    """,
    "reviews": """
        type Book @key(fields: "isbn") { isbn: String! reviews: [Review] }
        type Reader @key(fields: "id") { id: ID! nick: String @external reviews: [Review] }
        type Review @key(fields: "id") {
          id: ID! text: String book: Book by: Reader @provides(fields: "nick")
        }
    """,
    "shelves": """
        type Book @key(fields: "isbn") {
          isbn: String! pages: Int @external weight: Int @external
          onShelf: Boolean loanDays: Int @requires(fields: "pages weight")
        }
    """,
}
_ENTITIES = {
    "readers": "Reader",
    "books": "Book",
    "reviews": "Book | Reader | Review",
    "shelves": "Book",
}
_DIRECTIVES = """
directive @key(fields: String!) on OBJECT
directive @external on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @shareable on FIELD_DEFINITION
scalar _Any
"""


class Subgraph:
    """One schema over the data."""

    def __init__(self, name: str, loaders: Mapping[str, Callable[[Any], Any]]) -> None:
        query = "" if "type Query" in SCHEMAS[name] else "type Query"
        self._schema = build_schema(
            f"{_DIRECTIVES} {SCHEMAS[name]} {query} union _Entity = {_ENTITIES[name]} "
            "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
        )
        self._root = {
            **data.ROOT.get(name, {}),
            "_entities": lambda _, representations: [
                {"__typename": item["__typename"], **loaders[item["__typename"]](item)}
                for item in representations
            ],
        }
        self._answers: dict[bytes, bytes] = {}

    def answer(self, body: bytes) -> bytes:
        """The JSON answer to a request's body."""
        known = self._answers.get(body)
        if known is None:
            request = json.loads(body)
            result = execute_sync(
                self._schema,
                parse(request["query"]),
                self._root,
                variable_values=request.get("variables"),
            )
            known = json.dumps(result.formatted).encode()
            if len(self._answers) >= ANSWERS_MAX:
                self._answers.clear()
            self._answers[body] = known
        return known


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as much of it as the gateway's client speaks."""

    def __init__(self, subgraphs: Mapping[bytes, Subgraph]) -> None:
        self._subgraphs = subgraphs
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._chunks: list[bytes] = []
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_body(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        body, self._chunks = b"".join(self._chunks), []
        answer = self._subgraphs[self._url].answer(body)
        assert self._transport is not None
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (len(answer), answer)
        )


async def serve() -> None:
    """Listen on a free port, print it, and serve until killed."""
    subgraphs = {f"/{name}".encode(): Subgraph(name, data.LOADERS[name]) for name in SCHEMAS}
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(subgraphs), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
