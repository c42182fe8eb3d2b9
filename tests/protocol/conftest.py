"""A gateway and a reference server for every check, started once per module."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.protocol import processes
from tests.protocol.processes import Server


@pytest.fixture(
    scope="module", params=["gateway", pytest.param("reference", marks=pytest.mark.long)]
)
def server(request: pytest.FixtureRequest) -> Generator[Server]:
    """A server of each kind; a module may set its SETTINGS, those of a gateway.

    The reference server proves the checks, not the gateway: in `make test-full`.
    """
    settings = getattr(request.module, "SETTINGS", {})
    if request.param == "gateway":
        with processes.gateway(settings) as started:
            yield started
        return
    with processes.reference(settings) as started:
        yield started


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest, server: Server) -> dict[str, Any]:
    """What came out of the scenarios of the module's CLIENT."""
    return processes.run_client(request.module.CLIENT, server.url)


@pytest.fixture(scope="module")
def gateway(request: pytest.FixtureRequest) -> Generator[Server]:
    """A gateway, for what reference servers do not have."""
    with processes.gateway(getattr(request.module, "SETTINGS", {})) as started:
        yield started
