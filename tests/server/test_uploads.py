"""Files in variables, from a form to a real subgraph, over a socket and in process."""

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
import pytest
import strawberry
from starlette.types import ASGIApp
from strawberry.asgi import GraphQL
from strawberry.file_uploads import Upload

from supergraph.config.gateway import GatewayConfig, UploadConfig
from supergraph.server.gateway import Gateway
from supergraph.traffic import uploads
from tests.kit.servers import uvicorn_server
from tests.server import shop

SUPERGRAPH = (
    shop.JOIN
    + """
enum join__Graph { FILES @join__graph(name: "files", url: "http://127.0.0.1:9/graphql") }
scalar Upload @join__type(graph: FILES)
input Attachment @join__type(graph: FILES) { title: String! file: Upload! }
type Stored @join__type(graph: FILES) { name: String! type: String! size: Int! sha: String! }
type Query @join__type(graph: FILES) { hello: String! }
type Mutation @join__type(graph: FILES) {
  store(file: Upload!): Stored!
  storeAll(files: [Upload!]!): [Stored!]!
  attach(attachment: Attachment!): Stored!
}
"""
)
ONE = "mutation ($file: Upload!) { store(file: $file) { name type size sha } }"
ALL = "mutation ($files: [Upload!]!) { storeAll(files: $files) { name size sha } }"
NESTED = "mutation ($a: Attachment!) { attach(attachment: $a) { name size } }"


def files_app() -> ASGIApp:
    @strawberry.type
    class Stored:
        name: str
        type: str
        size: int
        sha: str

    @strawberry.input
    class Attachment:
        title: str
        file: Upload

    opened: list[Any] = []

    async def stored(file: Any) -> Stored:
        opened.append(file)
        content = await file.read()
        await file.seek(0)
        sha = hashlib.sha256(content).hexdigest()
        return Stored(name=file.filename, type=file.content_type, size=len(content), sha=sha)

    @strawberry.type
    class Query:
        @strawberry.field
        def hello(self) -> str:
            return "world"

    @strawberry.type
    class Mutation:
        @strawberry.mutation
        async def store(self, file: Upload) -> Stored:
            return await stored(file)

        @strawberry.mutation
        async def store_all(self, files: list[Upload]) -> list[Stored]:
            return [await stored(file) for file in files]

        @strawberry.mutation
        async def attach(self, attachment: Attachment) -> Stored:
            return await stored(attachment.file)

    app = GraphQL(strawberry.Schema(Query, mutation=Mutation), multipart_uploads_enabled=True)

    async def closing(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        finally:
            for file in opened:  # Strawberry leaves them to the garbage collector
                await file.close()
            opened.clear()

    return closing


@asynccontextmanager
async def client_of(target: Any, **config: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    settings = GatewayConfig(uploads=UploadConfig(**({"enabled": True} | config)))
    async with (
        Gateway(SUPERGRAPH, {"files": target}, settings) as app,
        shop.client_of(app) as client,
    ):
        yield client


@pytest.fixture(params=["asgi", "http"])
async def client(request: pytest.FixtureRequest) -> AsyncGenerator[httpx2.AsyncClient]:
    async with AsyncExitStack() as stack:
        target: Any = files_app()
        if request.param == "http":
            target = stack.enter_context(uvicorn_server(target, lifespan="off")) + "/graphql"
        yield await stack.enter_async_context(client_of(target))


@pytest.fixture
async def in_process() -> AsyncGenerator[httpx2.AsyncClient]:
    async with client_of(files_app()) as client:
        yield client


async def send(
    client: httpx2.AsyncClient,
    operations: Any,
    map_: Any,
    files: Mapping[str, tuple[str, bytes, str]],
    **headers: str,
) -> httpx2.Response:
    parts: list[tuple[str, Any]] = [
        ("operations", (None, json.dumps(operations))),
        ("map", (None, json.dumps(map_))),
        *files.items(),
    ]
    return await client.post(
        "/graphql", files=parts, headers={"apollo-require-preflight": "1"} | headers
    )


def code(answer: httpx2.Response) -> str:
    found: str = answer.json()["errors"][0]["extensions"]["code"]
    return found


@pytest.mark.parametrize("size", [0, 5, 300_000])
async def test_a_file_reaches_the_subgraph_as_it_is(client: httpx2.AsyncClient, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    operations = {"query": ONE, "variables": {"file": None}}
    answer = await send(
        client, operations, {"0": ["variables.file"]}, {"0": ("ä b.bin", content, "image/x")}
    )
    assert answer.json()["data"]["store"] == {
        "name": "ä b.bin",
        "type": "image/x",
        "size": size,
        "sha": hashlib.sha256(content).hexdigest(),
    }


async def test_several_files_and_one_at_two_places(client: httpx2.AsyncClient) -> None:
    operations = {"query": ALL, "variables": {"files": [None, None, None]}}
    map_ = {"x": ["variables.files.0", "variables.files.2"], "y": ["variables.files.1"]}
    files = {"x": ("x", b"first", "text/plain"), "y": ("y", b"second", "text/plain")}
    answer = await send(client, operations, map_, files)
    assert [item["name"] for item in answer.json()["data"]["storeAll"]] == ["x", "y", "x"]


async def test_a_file_inside_an_input_object(client: httpx2.AsyncClient) -> None:
    operations = {"query": NESTED, "variables": {"a": {"title": "t", "file": None}}}
    answer = await send(
        client, operations, {"0": ["variables.a.file"]}, {"0": ("n", b"abc", "text/plain")}
    )
    assert answer.json() == {"data": {"attach": {"name": "n", "size": 3}}}


ONE_FILE = {"0": ("f", b"abc", "text/plain")}


@pytest.mark.parametrize(
    ("operations", "map_", "files"),
    [
        ({"query": ONE, "variables": {"file": None}}, {"1": ["variables.file"]}, ONE_FILE),
        ({"query": ONE, "variables": {"file": None}}, {"0": ["variables.other"]}, ONE_FILE),
        ({"query": ONE, "variables": {"file": None}}, {"0": ["query"]}, ONE_FILE),
        ({"query": ONE, "variables": {"file": None}}, {"0": ["variables"]}, ONE_FILE),
        ({"query": ONE, "variables": {"file": "x"}}, {"0": ["variables.file"]}, ONE_FILE),
        ({"query": ALL, "variables": {"files": []}}, {"0": ["variables.files.0"]}, ONE_FILE),
        ({"query": ALL, "variables": {"files": [1]}}, {"0": ["variables.files.-1"]}, ONE_FILE),
        ({"query": ONE, "variables": {"file": None}}, ["variables.file"], ONE_FILE),
        ({"query": ONE, "variables": {"file": None}}, {"0": "variables.file"}, ONE_FILE),
        ([{"query": ONE, "variables": {"file": None}}], {"0": ["0.variables.file"]}, ONE_FILE),
        ("text", {"0": ["variables.file"]}, ONE_FILE),
    ],
)
async def test_a_form_of_another_shape_is_refused(
    in_process: httpx2.AsyncClient, operations: Any, map_: Any, files: Any
) -> None:
    answer = await send(in_process, operations, map_, files)
    assert (answer.status_code, code(answer)) == (400, "INVALID_GRAPHQL_REQUEST")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"no form", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (b"--x--", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=x"),
        (b'--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}', None),
    ],
)
async def test_what_is_no_form_is_refused(
    in_process: httpx2.AsyncClient, body: bytes, content_type: str | None
) -> None:
    headers = {
        "content-type": content_type or "multipart/form-data; boundary=x",
        "apollo-require-preflight": "1",
    }
    answer = await in_process.post("/graphql", content=body, headers=headers)
    assert (answer.status_code, code(answer)) == (400, "INVALID_GRAPHQL_REQUEST")


async def test_a_page_cannot_forge_a_form(in_process: httpx2.AsyncClient) -> None:
    answer = await send(in_process, {}, {}, {}, **{"apollo-require-preflight": ""})
    assert code(answer) == "CSRF_ERROR"


async def test_files_are_bounded_in_size_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    close = uploads.UploadedFile.close

    def counted(file: uploads.UploadedFile) -> None:
        closed.append(file.size)
        close(file)

    monkeypatch.setattr(uploads.UploadedFile, "close", counted)
    operations = {"query": ALL, "variables": {"files": [None, None]}}
    map_ = {"0": ["variables.files.0"], "1": ["variables.files.1"]}
    files = {name: (name, b"x" * 100, "text/plain") for name in map_}
    async with client_of(files_app(), file_bytes_max=99) as small:
        answer = await send(small, operations, map_, files)
        assert (answer.status_code, code(answer)) == (
            413,
            "FILE_UPLOADS_LIMITS_MAX_FILE_SIZE_EXCEEDED",
        )
    async with client_of(files_app(), files_max=1) as few:
        answer = await send(few, operations, map_, files)
        assert code(answer) == "FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED"
    assert len(closed) == 2, "what had come is forgotten"


async def test_forms_are_refused_unless_switched_on() -> None:
    async with client_of(files_app(), enabled=False) as off:
        operations = {"query": ONE, "variables": {"file": None}}
        answer = await send(off, operations, {"0": ["variables.file"]}, ONE_FILE)
        assert (answer.status_code, code(answer)) == (415, "INVALID_CONTENT_TYPE_HEADER")


async def test_a_query_by_form_needs_no_files(in_process: httpx2.AsyncClient) -> None:
    answer = await send(in_process, {"query": "{ hello }"}, {}, {})
    assert answer.json() == {"data": {"hello": "world"}}
