"""The wallet: topping up once, never out of balance, only by an owner."""

import asyncio

import pytest

from tests.subgraphs.running_service import ADA, LINUS, RunningService, collect_pages

TOP_UP = """
mutation TopUp($amount: Int!, $key: String!, $note: String! = "") {
  topUpWallet(input: {amountCredits: $amount, idempotencyKey: $key, note: $note}) {
    entry { id amountCredits balanceAfterCredits }
    wallet { balanceCredits }
    userErrors { field code }
  }
}
"""
ENTRIES = """
query Entries($first: Int, $after: String) {
  viewer { organization { wallet { balanceCredits entries(first: $first, after: $after) {
    edges { node { id amountCredits balanceAfterCredits } }
    pageInfo { hasNextPage endCursor }
  } } } }
}
"""
DEMO_BALANCE = 64_154


async def test_topping_up_adds_credits_and_an_entry(users: RunningService) -> None:
    payload = (await users.data(TOP_UP, amount=500, key="k1"))["topUpWallet"]

    assert payload["userErrors"] == []
    assert payload["wallet"] == {"balanceCredits": DEMO_BALANCE + 500}
    assert payload["entry"]["balanceAfterCredits"] == DEMO_BALANCE + 500


async def test_the_same_key_and_input_adds_once(users: RunningService) -> None:
    first = await users.data(TOP_UP, amount=500, key="k1")
    second = await users.data(TOP_UP, amount=500, key="k1")

    assert first == second


async def test_the_same_key_with_another_input_is_a_conflict(users: RunningService) -> None:
    await users.data(TOP_UP, amount=500, key="k1")

    assert await users.code(TOP_UP, amount=501, key="k1") == "IDEMPOTENCY_CONFLICT"


async def test_a_refused_amount_leaves_the_key_unused(users: RunningService) -> None:
    await users.data(TOP_UP, amount=0, key="k1")

    payload = (await users.data(TOP_UP, amount=1, key="k1"))["topUpWallet"]

    assert payload["userErrors"] == []


async def test_one_key_sent_many_times_at_once_adds_once(users: RunningService) -> None:
    answers = await asyncio.gather(*(users.data(TOP_UP, amount=7, key="k") for _ in range(8)))

    assert len({answer["topUpWallet"]["entry"]["id"] for answer in answers}) == 1
    assert answers[0]["topUpWallet"]["wallet"]["balanceCredits"] == DEMO_BALANCE + 7


async def test_top_ups_at_once_keep_the_ledger_consistent(users: RunningService) -> None:
    await asyncio.gather(*(users.data(TOP_UP, amount=n, key=f"k{n}") for n in range(1, 11)))

    entries = await collect_pages(users, ENTRIES, "viewer.organization.wallet.entries", 4)
    balance = 0
    for entry in reversed(entries):
        balance += entry["amountCredits"]
        assert entry["balanceAfterCredits"] == balance
    assert balance == DEMO_BALANCE + 55


@pytest.mark.parametrize(
    ("amount", "note", "field", "code"),
    [
        (0, "", "input.amountCredits", "AMOUNT_OUT_OF_RANGE"),
        (-5, "", "input.amountCredits", "AMOUNT_OUT_OF_RANGE"),
        (1_000_001, "", "input.amountCredits", "AMOUNT_OUT_OF_RANGE"),
        (1, "x" * 201, "input.note", "INVALID_NOTE"),
        (1, "\x00", "input.note", "INVALID_NOTE"),
    ],
)
async def test_bad_input_is_named_by_field(
    users: RunningService, amount: int, note: str, field: str, code: str
) -> None:
    payload = (await users.data(TOP_UP, amount=amount, note=note, key="k"))["topUpWallet"]

    assert payload == {
        "entry": None,
        "wallet": None,
        "userErrors": [{"field": field, "code": code}],
    }


@pytest.mark.parametrize("key", ["", "x" * 129, "a\x00b"])
async def test_an_unusable_idempotency_key_is_refused(users: RunningService, key: str) -> None:
    assert await users.code(TOP_UP, amount=1, key=key) == "BAD_USER_INPUT"


async def test_only_an_owner_tops_up(users: RunningService) -> None:
    assert await users.code(TOP_UP, LINUS, amount=1, key="k") == "FORBIDDEN"
    assert await users.code(TOP_UP, None, amount=1, key="k") == "UNAUTHENTICATED"
    assert (await users.data(TOP_UP, ADA, amount=1, key="k"))["topUpWallet"]["userErrors"] == []
