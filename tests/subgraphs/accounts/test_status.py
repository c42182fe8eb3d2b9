"""Pausing and resuming: the table of states, once per key, only in one's own organisation."""

import pytest

from subgraphs.accounts.names import AccountStatus
from subgraphs.accounts.status_table import TRANSITIONS, AccountAction, status_after
from tests.subgraphs.running_service import ADA, HANK, LINUS, RunningService

CHANGE = """
mutation Change($id: ID!, $key: String!) {
  %s(input: {accountId: $id, idempotencyKey: $key}) {
    account { id status }
    userErrors { field code }
  }
}
"""
PAUSE = CHANGE % "pauseAccount"
RESUME = CHANGE % "resumeAccount"
NOT_FOUND = {"account": None, "userErrors": [{"field": "input.accountId", "code": "NOT_FOUND"}]}


@pytest.mark.parametrize("action", AccountAction)
@pytest.mark.parametrize("status", AccountStatus)
def test_only_the_table_decides(status: AccountStatus, action: AccountAction) -> None:
    assert status_after(status, action) == TRANSITIONS.get((status, action))


def test_nothing_leads_out_of_banned() -> None:
    assert all(status is not AccountStatus.BANNED for status, _ in TRANSITIONS)


async def test_pause_and_resume(accounts: RunningService) -> None:
    paused = await accounts.data(PAUSE, id="acc_tg_1", key="k")
    resumed = await accounts.data(RESUME, id="acc_tg_1", key="k")

    assert paused["pauseAccount"]["account"] == {"id": "acc_tg_1", "status": "PAUSED"}
    assert resumed["resumeAccount"]["account"] == {"id": "acc_tg_1", "status": "ACTIVE"}


@pytest.mark.parametrize(("mutation", "account"), [(PAUSE, "acc_tg_6"), (RESUME, "acc_tg_1")])
async def test_an_illegal_change_is_a_typed_error(
    accounts: RunningService, mutation: str, account: str
) -> None:
    await accounts.data(PAUSE, id="acc_tg_6", key="before")
    [payload] = (await accounts.data(mutation, id=account, key="k")).values()

    assert payload["account"] is None
    assert payload["userErrors"] == [{"field": "input.accountId", "code": "ILLEGAL_TRANSITION"}]


async def test_a_repeated_pause_is_not_illegal(accounts: RunningService) -> None:
    first = await accounts.data(PAUSE, id="acc_tg_1", key="k")

    assert await accounts.data(PAUSE, id="acc_tg_1", key="k") == first
    assert await accounts.code(PAUSE, id="acc_tg_2", key="k") == "IDEMPOTENCY_CONFLICT"


@pytest.mark.parametrize("account", ["acc_tg_globex", "acc_nothing", "", "a\x00b", "x" * 500])
async def test_accounts_one_may_not_see_do_not_exist(
    accounts: RunningService, account: str
) -> None:
    assert (await accounts.data(PAUSE, id=account, key="k"))["pauseAccount"] == NOT_FOUND
    assert (await accounts.data(RESUME, id=account, key="k"))["resumeAccount"] == NOT_FOUND


async def test_the_other_tenants_account_is_untouched(accounts: RunningService) -> None:
    await accounts.data(PAUSE, ADA, id="acc_tg_globex", key="k")

    [account] = (
        await accounts.data('{ accountsForSending(ids: ["acc_tg_globex"]) { status } }', HANK)
    )["accountsForSending"]
    assert account == {"status": "ACTIVE"}


async def test_an_analyst_may_not(accounts: RunningService) -> None:
    assert await accounts.code(PAUSE, LINUS, id="acc_tg_1", key="k") == "FORBIDDEN"
    assert await accounts.code(PAUSE, None, id="acc_tg_1", key="k") == "UNAUTHENTICATED"
