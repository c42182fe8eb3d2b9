"""Requests with files: how they are written, what goes wrong, and where they cannot be sent."""

import json
from collections.abc import Generator
from typing import Any

import pytest
from graphql import build_schema

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.callbacks import Callbacks
from supergraph.traffic.connect import connect
from supergraph.traffic.payload import CarriesFilesError, encode_request
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_way import SubscriptionWay
from supergraph.traffic.transport import SubgraphRequest
from supergraph.traffic.uploads import UploadedFile
from tests.traffic import test_misbehaving_subgraph as faults

NAME = SubgraphName("files")
SCHEMA = build_schema("type Query { a: Int }")


@pytest.fixture
def file() -> Generator[UploadedFile]:
    uploaded = UploadedFile("name", "text/plain")
    uploaded.write(b"content")
    yield uploaded
    uploaded.close()


async def test_the_map_of_a_form_is_json_whatever_its_variables_are_called(
    file: UploadedFile,
) -> None:
    request = SubgraphRequest("mutation", {"a": {'"\\\n': [file]}})
    with pytest.raises(CarriesFilesError) as carried:
        encode_request(request, NAME)

    parts = [part async for part in carried.value.form()[1]]

    map_ = json.loads(parts[1].partition(b"\r\n\r\n")[2])
    assert map_ == {"0": ['variables.a."\\\n.0']}


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (faults.hangs, "SUBGRAPH_TIMEOUT"),
        (faults.drips, "SUBGRAPH_TIMEOUT"),
        (faults.floods, "SUBGRAPH_RESPONSE_TOO_LARGE"),
        (faults.sends(b"garbage\r\n\r\n"), "SUBGRAPH_MALFORMED_RESPONSE"),
        (
            faults.sends(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
            "SUBGRAPH_UNREACHABLE",
        ),
    ],
)
async def test_a_fault_on_the_wire_is_a_coded_error(
    file: UploadedFile, behaviour: faults.Behaviour, code: str
) -> None:
    async with faults.server(behaviour) as url:
        transport = connect(NAME, url, faults.SETTINGS)
        await transport.start()
        with pytest.raises(SubgraphError) as caught:
            await transport.execute(SubgraphRequest("mutation", {"a": file}))
        await transport.close()
    assert caught.value.code.name == code


@pytest.mark.parametrize("protocol", ["websocket", "sse", "multipart", "callback"])
@pytest.mark.parametrize("target", ["http://127.0.0.1:9/graphql", SCHEMA])
async def test_a_subscription_carries_no_files(
    file: UploadedFile, target: Any, protocol: Any
) -> None:
    way = SubscriptionWay(protocol, callbacks=Callbacks("http://127.0.0.1:9", 0.0))
    transport = connect(NAME, target, TransportSettings(), way)
    with pytest.raises(SubgraphError) as caught:
        await anext(transport.subscribe(SubgraphRequest("subscription", {"a": file})))
    assert caught.value.code.name == "UPLOAD_NOT_SUPPORTED"
