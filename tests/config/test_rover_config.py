"""rover.yaml: what it may say, and how it is told off."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from supergraph.config.last_good import LastGoodCopies, default_folder
from supergraph.config.rover import (
    FileSchema,
    InlineSchema,
    UrlSchema,
    load_rover_config,
    read_subgraphs,
    schema_files,
)
from supergraph.config.yaml_document import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "rover.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        read_subgraphs(load_rover_config(path, environment or {}))
    return caught.value.message.removeprefix(str(path))


def test_the_three_sources_of_a_schema(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
federation_version: =2.11.0
subgraphs:
  users:
    routing_url: http://users
    schema: {file: ./users.graphql}
  accounts:
    schema:
      subgraph_url: http://accounts
      introspection_headers: {Authorization: "Bearer ${env.TOKEN}"}
  tasks:
    routing_url: http://tasks
    schema:
      sdl: |
        type Query { a: Int }
""",
    )
    config = load_rover_config(path, {"TOKEN": "secret"})
    users, accounts, tasks = config.subgraphs
    assert users.schema == FileSchema(tmp_path / "users.graphql")
    assert accounts.routing_url == "http://accounts"
    assert accounts.schema == UrlSchema("http://accounts", {"Authorization": "Bearer secret"})
    assert tasks.schema == InlineSchema("type Query { a: Int }\n")
    assert schema_files(config) == [tmp_path / "users.graphql"]


def test_files_are_read_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("type Query { a: Int }", encoding="utf-8")
    path = write(
        tmp_path, "subgraphs:\n  a:\n    routing_url: http://a\n    schema: {file: a.graphql}\n"
    )
    (subgraph,) = read_subgraphs(load_rover_config(path))
    assert (subgraph.name, subgraph.sdl, subgraph.url) == (
        "a",
        "type Query { a: Int }",
        "http://a",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("subgraphs: {}\n", ":1: subgraphs: at least one subgraph must be named"),
        (
            "subgraphs:\n  a:\n    schema:\n      sdl: x\n",
            ":2: subgraphs.a: routing_url is missing",
        ),
        (
            "subgraphs:\n  a:\n    routing_url: u\n    schema: {}\n",
            ":4: subgraphs.a.schema: give one of file, subgraph_url and sdl, not none",
        ),
        (
            "subgraphs:\n  a:\n    routing_url: u\n    schema:\n      sdl: x\n      file: y\n",
            ":4: subgraphs.a.schema: give one of file, subgraph_url and sdl, not file and sdl",
        ),
        (
            "subgraphs:\n  a:\n    routing_url: u\n    schema:\n      graphref: x@y\n",
            ":4: subgraphs.a.schema: graphref needs Apollo's registry",
        ),
        ("federation_version: 1\nsubgraphs:\n  a: {}\n", ":3: subgraphs.a"),
        (
            "federation_version: 1\nsubgraphs:\n  a: {routing_url: u, schema: {sdl: x}}\n",
            ":1: federation_version: supergraphs of federation 1 are not composed",
        ),
        (
            "subgraphs:\n  a:\n    routing_url: u\n    schema:\n      sdl: x\n    color: red\n",
            ":6: subgraphs.a.color: unknown key",
        ),
        (
            "subgraphs:\n  a:\n    routing_url: ${env.NOWHERE}\n    schema: {sdl: x}\n",
            ":3: environment variable NOWHERE is not set",
        ),
        ("subgraphs:\n  a: [\n", ":3: not valid YAML"),
    ],
)
def test_mistakes_name_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    assert refused(write(tmp_path, text)).startswith(message)


def test_missing_files_are_named(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "rover.yaml")
    path = write(tmp_path, "subgraphs:\n  a:\n    routing_url: u\n    schema: {file: no.graphql}\n")
    assert "subgraphs.a.schema.file" in refused(path)


class _SubgraphServer(BaseHTTPRequestHandler):
    answer = b""
    seen_authorization: str | None = None

    def do_POST(self) -> None:
        type(self).seen_authorization = self.headers.get("Authorization")
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        """Keep the test output clean."""


@pytest.fixture
def subgraph_server() -> Iterator[tuple[str, type[_SubgraphServer]]]:
    server = HTTPServer(("127.0.0.1", 0), _SubgraphServer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/graphql", _SubgraphServer
    server.shutdown()
    server.server_close()
    thread.join()


def test_running_subgraphs_are_asked_for_their_sdl(
    tmp_path: Path, subgraph_server: tuple[str, type[_SubgraphServer]]
) -> None:
    url, server = subgraph_server
    server.answer = b'{"data": {"_service": {"sdl": "type Query { a: Int }"}}}'
    path = write(
        tmp_path,
        f"subgraphs:\n  a:\n    schema:\n      subgraph_url: {url}\n"
        "      introspection_headers: {Authorization: Bearer x}\n",
    )
    (subgraph,) = read_subgraphs(load_rover_config(path))
    assert subgraph.sdl == "type Query { a: Int }"
    assert server.seen_authorization == "Bearer x"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b'{"errors": [{"message": "no entry"}]}', "it answered: no entry"),
        (b'{"data": {}}', "is it a subgraph?"),
        (b"<html>", "HTTP status 200 and no GraphQL answer"),
    ],
)
def test_useless_answers_name_the_subgraph(
    tmp_path: Path,
    subgraph_server: tuple[str, type[_SubgraphServer]],
    answer: bytes,
    message: str,
) -> None:
    url, server = subgraph_server
    server.answer = answer
    text = refused(write(tmp_path, f"subgraphs:\n  a:\n    schema: {{subgraph_url: '{url}'}}\n"))
    assert "subgraph a" in text
    assert message in text


def test_the_last_answer_stands_in_for_a_failed_one(
    tmp_path: Path, subgraph_server: tuple[str, type[_SubgraphServer]]
) -> None:
    url, server = subgraph_server
    config = load_rover_config(
        write(tmp_path, f"subgraphs:\n  a:\n    schema: {{subgraph_url: '{url}'}}\n")
    )
    copies = LastGoodCopies(tmp_path / "copies")
    for sdl in ("type Query { a: Int }", "type Query { b: Int }"):
        server.answer = msgspec.json.encode({"data": {"_service": {"sdl": sdl}}})
        read_subgraphs(config, copies=copies)
    assert copies.used == []

    server.answer = b'{"errors": [{"message": "broken"}]}'
    (subgraph,) = read_subgraphs(config, copies=copies)

    assert subgraph.sdl == "type Query { b: Int }"
    (message,) = copies.used
    assert "it answered: broken; the last SDL that a answered with is used" in message
    (copy,) = (tmp_path / "copies").iterdir()
    assert copy.stat().st_mode & 0o077 == 0


def test_without_a_copy_the_failure_stays(
    tmp_path: Path, subgraph_server: tuple[str, type[_SubgraphServer]]
) -> None:
    url, server = subgraph_server
    server.answer = b"<html>"
    path = write(tmp_path, f"subgraphs:\n  a:\n    schema: {{subgraph_url: '{url}'}}\n")
    with pytest.raises(ConfigError, match="no GraphQL answer"):
        read_subgraphs(load_rover_config(path), copies=LastGoodCopies(tmp_path / "none"))


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    copies = LastGoodCopies(tmp_path / "file")
    copies.keep("http://a", "type Query { a: Int }")
    assert copies.stand_in("a", "http://a", "why") is None


def test_where_copies_are_kept() -> None:
    assert default_folder({"SUPERGRAPH_CACHE_DIR": "/c"}) == Path("/c")
    assert default_folder({"XDG_CACHE_HOME": "/x"}) == Path("/x/supergraph/schemas")
    assert default_folder({}) == Path.home() / ".cache" / "supergraph" / "schemas"


async def test_a_subgraph_that_is_down_is_named(tmp_path: Path) -> None:
    path = write(
        tmp_path, "subgraphs:\n  a:\n    schema: {subgraph_url: 'http://127.0.0.1:1/graphql'}\n"
    )
    message = await asyncio.to_thread(refused, path)
    assert "no connection" in message
