"""The line about every request: as JSON, through logging, and many at once."""

import asyncio
import json
import logging
from collections.abc import Generator
from typing import Any

import httpx2
import pytest
import structlog

from supergraph.config.gateway import LogConfig
from supergraph.telemetry.access_log import LINES_MAX, write_access_line
from supergraph.telemetry.logs import configure_logs
from tests.server.shop import development, gateway


@pytest.fixture(autouse=True)
def _logs_as_before() -> Generator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(captured: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.splitlines()]


async def asked(access: bool = True) -> None:
    """One query and one refusal, with ids of their own."""
    shop = gateway(development(logs=LogConfig(format="json", access=access)))
    transport = httpx2.ASGITransport(app=shop)
    async with shop, httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        for number, query in enumerate(["query Q { __typename }", "{"]):
            headers = {"x-request-id": f"id-{number}"}
            await client.post("/graphql?secret=hunter2", json={"query": query}, headers=headers)
        await client.get("/health/live")
        await asyncio.sleep(0)


async def test_json_line_says_what_was_answered(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogConfig(format="json"))
    await asked()
    written = lines(capsys.readouterr().err)
    first, second, third = (line for line in written if line["logger"] == "supergraph.access")

    assert first.pop("duration_ms") >= 0
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "errors": 0,
        "event": "request",
        "kind": "query",
        "level": "info",
        "logger": "supergraph.access",
        "method": "POST",
        "operation": "Q",
        "path": "/graphql",
        "request_id": "id-0",
        "status": 200,
    }
    assert (second["request_id"], second["code"]) == ("id-1", "GRAPHQL_PARSE_FAILED")
    assert (third["method"], third["path"], third["status"]) == ("GET", "/health/live", 200)


async def test_line_and_log_calls_of_the_same_moment_have_the_same_form(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(LogConfig(format="json"))
    write_access_line("request", {"status": 200})
    await asyncio.sleep(0)
    written = lines(capsys.readouterr().err)[0]
    logging.getLogger("supergraph.access").addHandler(logging.NullHandler())
    try:
        write_access_line("request", {"status": 200})
    finally:
        logging.getLogger("supergraph.access").handlers.clear()
    logged = lines(capsys.readouterr().err)[0]

    assert set(written) - {"request_id"} == set(logged)
    assert len(written.pop("timestamp")) == len(logged.pop("timestamp"))
    assert {**logged, "request_id": ""} == written


async def test_line_goes_through_logging_where_the_application_configures_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "supergraph.access"):
        await asked()
    record: Any = next(item for item in caplog.records if item.name == "supergraph.access")

    assert record.getMessage() == "request"
    assert (record.request_id, record.status, record.operation) == ("id-0", 200, "Q")


@pytest.mark.parametrize("config", [LogConfig(format="json", level="warning"), None])
async def test_no_line_below_the_level_or_without_access_log(
    capsys: pytest.CaptureFixture[str], config: LogConfig | None
) -> None:
    configure_logs(config or LogConfig(format="json"))
    await asked(access=config is not None)

    assert "supergraph.access" not in capsys.readouterr().err


async def test_lines_of_one_turn_of_the_loop_are_one_write(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(LogConfig(format="json"))
    stream = logging.getLogger().handlers[0].stream  # type: ignore[attr-defined]
    writes: list[str] = []
    monkeypatch.setattr(stream, "write", writes.append)
    for number in range(3):
        write_access_line("request", {"number": number})

    assert writes == []
    await asyncio.sleep(0)
    assert [len(text.splitlines()) for text in writes] == [3]


async def test_lines_do_not_pile_up_while_the_loop_is_busy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(LogConfig(format="json"))
    for number in range(LINES_MAX + 1):
        write_access_line("request", {"number": number})

    assert len(capsys.readouterr().err.splitlines()) == LINES_MAX
    await asyncio.sleep(0)
    assert len(capsys.readouterr().err.splitlines()) == 1


async def test_what_a_stage_bound_stands_in_the_line_without_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(LogConfig(format="json"))
    with structlog.contextvars.bound_contextvars(tenant="acme", token="hunter2"):
        write_access_line("request", {"status": 200})
    await asyncio.sleep(0)
    line = lines(capsys.readouterr().err)[0]

    assert (line["tenant"], line["token"]) == ("acme", "[hidden]")


async def test_text_that_is_no_unicode_is_written_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogConfig(format="json"))
    write_access_line("request", {"path": "/\ud800"})
    await asyncio.sleep(0)

    assert "\\\\ud800" in capsys.readouterr().err
