"""Live subscriptions through the death of whatever they hang on; see `tests.live.faults`."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from tests.live.faults import FAULTS, campaigns_of, run_fault
from tests.live.stack import live_stack

CLIENTS = 100
#: The others take as long again, and are tried in `make test-full`.
ALWAYS = {"kill -9 of Redis"}

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.mark.parametrize(
    "fault",
    [pytest.param(name, marks=[] if name in ALWAYS else pytest.mark.long) for name in FAULTS],
)
def test_every_client_ends_with_the_true_final_state(fault: str) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        live_stack(Path(folder), campaigns_of(CLIENTS), gateways=2, follows=True) as stack,
    ):
        row = asyncio.run(run_fault(stack, fault, CLIENTS))

    assert (row.right, row.hanging) == (CLIENTS, 0), str(row)
