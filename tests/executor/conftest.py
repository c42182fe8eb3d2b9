"""Tests that use `tier` run twice: in the general way, and by generated code."""

import pytest

from supergraph.executor import compiled


@pytest.fixture(params=["general", "generated"])
def tier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The use of a plan at which its code is generated: never, or the first."""
    uses = {"general": 0, "generated": 1}
    monkeypatch.setattr(compiled, "GENERATE_AT_USE", uses[request.param])
    return str(request.param)
