"""`serve` and `dev` as processes of their own."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from subgraphs.demo.processes import ChildProcess, free_port, wait_until
from tests.kit.servers import REPOSITORY, clean_environment, running_process
from tests.server.shop import SUPERGRAPH

pytestmark = pytest.mark.e2e

GATEWAY = """
headers:
  forward: [authorization]
logs:
  format: json
subgraphs:
  products:
    target: asgi:tests.server.shop:products_app
  reviews:
    target: asgi:tests.server.shop:reviews_app
"""
ROVER = """
subgraphs:
  products:
    routing_url: asgi:tests.server.shop:products_app
    schema: {file: ./products.graphql}
"""
PRODUCTS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
type Query { products(first: Int! = 2): [Product!]! }
type Product @key(fields: "id") { id: ID! name: String! }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the commands are pointed at."""
    (tmp_path / "supergraph.graphql").write_text(SUPERGRAPH)
    (tmp_path / "gateway.yaml").write_text(GATEWAY)
    (tmp_path / "rover.yaml").write_text(ROVER)
    (tmp_path / "products.graphql").write_text(PRODUCTS)
    return tmp_path


@contextmanager
def running(folder: Path, command: str, *options: str) -> Generator[tuple[ChildProcess, str, Path]]:
    """A command with its URL and its log."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["-m", "supergraph", command, "--port", str(port), *options]
    with running_process(
        command,
        arguments,
        folder=folder,
        environment=clean_environment(),
        health_url=f"{url}/health/ready",
    ) as process:
        yield process, url, folder / f"{command}.log"


def ask(url: str, query: str, **headers: str) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{url}/graphql",
        json.dumps({"query": query}).encode(),
        {"content-type": "application/json", **headers},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        result: dict[str, Any] = json.load(answer)
        return result


def serve_options(folder: Path) -> list[str]:
    return [
        *("--supergraph", str(folder / "supergraph.graphql")),
        *("--gateway-config", str(folder / "gateway.yaml")),
    ]


def test_serve_answers_logs_without_secrets_and_stops_in_order(folder: Path) -> None:
    query = '{ products(first: 1) { name reviews { text } } secret: product(id: "hunter2") { id } }'
    with running(folder, "serve", *serve_options(folder)) as (process, url, log):
        answer = ask(url, query, authorization="Bearer hunter2")
        assert process.pid is not None
        os.kill(process.pid, signal.SIGTERM)
        wait_until(lambda: not process.is_running, 20, "the end of the gateway")
        lines = [json.loads(line) for line in log.read_text().splitlines()]

    assert answer["data"] == {
        "products": [{"name": "Table", "reviews": [{"text": "Review of 1"}]}],
        "secret": None,
    }
    request = next(
        line for line in lines if line["event"] == "request" and line["path"] == "/graphql"
    )
    assert (request["status"], request["kind"], request["errors"]) == (200, "query", 0)
    assert len(request["request_id"]) == 32
    assert "hunter2" not in log.read_text()


def test_workers_share_the_port(folder: Path) -> None:
    options = [*serve_options(folder), "--workers", "2"]
    with running(folder, "serve", *options) as (process, url, log):
        answers = [ask(url, "{ products(first: 1) { name } }") for _ in range(4)]
        assert process.pid is not None
        os.kill(process.pid, signal.SIGTERM)
        wait_until(lambda: not process.is_running, 30, "the end of the workers")

    assert answers == [{"data": {"products": [{"name": "Table"}]}}] * 4
    assert log.read_text().count('"gateway_started"') == 2


def test_busy_port_is_told_and_exits_2(folder: Path) -> None:
    with running(folder, "serve", *serve_options(folder)) as (_, url, _log):
        port = url.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "supergraph", "serve", "--port", port, *serve_options(folder)],
            cwd=REPOSITORY,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert second.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in second.stderr
    assert "Traceback" not in second.stderr


def test_dev_follows_the_files_and_keeps_the_last_good_supergraph(folder: Path) -> None:
    schema = folder / "products.graphql"
    options = ["--config", str(folder / "rover.yaml")]
    with running(folder, "dev", *options) as (_, url, log):
        before = ask(url, '{ __type(name: "Product") { fields { name } } }')
        schema.write_text(PRODUCTS.replace('"id"', '"nothing"'))
        wait_until(lambda: "supergraph_kept" in log.read_text(), 20, "the refusal of the change")
        kept = ask(url, "{ products(first: 1) { name } }")
        schema.write_text(PRODUCTS.replace("name: String!", "name: String! stock: Float"))
        wait_until(lambda: "supergraph_swapped" in log.read_text(), 20, "the taking over")
        after = ask(url, "{ products(first: 1) { name stock } }")

    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    configured = next(line for line in lines if line["event"] == "configured")
    assert configured["file"] == str(folder / "gateway.yaml")
    assert before["data"]["__type"]["fields"] == [{"name": "id"}, {"name": "name"}]
    assert kept == {"data": {"products": [{"name": "Table"}]}}
    assert after["data"]["products"][0]["stock"] is not None
    assert "KEY_INVALID_FIELDS" in log.read_text()
