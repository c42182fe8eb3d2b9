"""Reading accounts: lists, pages, entities in one statement, and nothing of other tenants."""

import pytest

from tests.subgraphs.running_service import ADA, ENTITIES, HANK, RunningService

LIST = """
query List($channel: Channel, $status: [AccountStatus!], $first: Int, $after: String) {
  _entities(representations: [{__typename: "Organization", id: "org_acme"}]) {
    ... on Organization {
      accounts(channel: $channel, status: $status, first: $first, after: $after) {
      edges { cursor node { __typename id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
}
"""
FOR_SENDING = "query Q($ids: [ID!]!) { accountsForSending(ids: $ids) { id status } }"
PAUSE = """mutation Pause($id: ID!) {
  pauseAccount(input: {accountId: $id, idempotencyKey: "1"}) { userErrors { code } }
}"""


async def _ids(accounts: RunningService, **variables: object) -> list[str]:
    data = await accounts.data(LIST, **variables)
    return [edge["node"]["id"] for edge in data["_entities"][0]["accounts"]["edges"]]


async def _pause(accounts: RunningService, account_id: str) -> None:
    payload = (await accounts.data(PAUSE, id=account_id))["pauseAccount"]
    assert payload["userErrors"] == []


async def test_all_accounts_by_name(accounts: RunningService) -> None:
    ids = await _ids(accounts, first=100)

    expected = [f"acc_{kind}_{n}" for kind in ("tg", "wa") for n in range(1, 7)]
    assert sorted(ids) == sorted(expected)
    assert ids[0] == "acc_tg_6"  # "Acme Archive"


async def test_filters(accounts: RunningService) -> None:
    assert len(await _ids(accounts, channel="TELEGRAM", first=100)) == 6
    await _pause(accounts, "acc_tg_6")
    assert await _ids(accounts, status=["PAUSED"]) == ["acc_tg_6"]
    assert await _ids(accounts, status=[]) == []
    assert await _ids(accounts, channel="WHATSAPP", status=["PAUSED", "BANNED"]) == []


@pytest.mark.parametrize("first", [1, 5, 11, 12, 13, 100])
async def test_pages_put_together_are_the_list(accounts: RunningService, first: int) -> None:
    whole = await _ids(accounts, first=100)
    read: list[str] = []
    after = None
    while True:
        data = await accounts.data(LIST, first=first, after=after)
        connection = data["_entities"][0]["accounts"]
        read += [edge["node"]["id"] for edge in connection["edges"]]
        assert connection["pageInfo"]["hasPreviousPage"] == (after is not None)
        after = connection["pageInfo"]["endCursor"]
        if not connection["pageInfo"]["hasNextPage"]:
            break

    assert read == whole


@pytest.mark.parametrize("first", [-1, 101, 2**31 - 1])
async def test_a_page_outside_the_limits_is_refused(accounts: RunningService, first: int) -> None:
    assert await accounts.code(LIST, first=first) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "nonsense!", "é", "WyJ3YWxsZXRFbnRyaWVzIiw2XQ", "WyJhY2NvdW50cyIsMSwyXQ", "x" * 600],
)
async def test_a_cursor_of_something_else_is_refused(accounts: RunningService, cursor: str) -> None:
    assert await accounts.code(LIST, after=cursor) == "INVALID_CURSOR"


async def test_entities_of_both_kinds_cost_one_statement(accounts: RunningService) -> None:
    query = """
    query Q($r: [_Any!]!) { _entities(representations: $r) {
      ... on TelegramAccount { botUsername dailyCapacity organization { id } }
      ... on WhatsAppAccount { phoneNumber messagingTier dailyCapacity usedToday }
    } }
    """
    representations = [
        {"__typename": kind, "id": f"acc_{short}_{n}"}
        for kind, short in (("TelegramAccount", "tg"), ("WhatsAppAccount", "wa"))
        for n in range(1, 7)
    ]

    with accounts.resources.database.statements() as statements:
        data = await accounts.data(query, r=representations * 8)

    assert len(statements) == 1, statements
    assert data["_entities"][0]["botUsername"] == "acme_news_bot"
    assert data["_entities"][6]["messagingTier"] == "TIER_10K"
    assert data["_entities"][6]["usedToday"] == 800


@pytest.mark.parametrize(
    ("type_name", "key"),
    [
        ("TelegramAccount", "acc_tg_globex"),
        ("TelegramAccount", "acc_wa_1"),
        ("WhatsAppAccount", "acc_tg_1"),
        ("WhatsAppAccount", "acc_tg_globex"),
        ("TelegramAccount", "acc_nothing"),
        ("Organization", "org_globex"),
    ],
)
async def test_entities_that_are_not_the_viewers_are_null(
    accounts: RunningService, type_name: str, key: str
) -> None:
    representations = [{"__typename": type_name, "id": key}]

    answer = await accounts.execute(ENTITIES % type_name, ADA, representations=representations)

    assert answer == {"data": {"_entities": [None]}}


async def test_accounts_for_sending_leaves_out_what_may_not_be_used(
    accounts: RunningService,
) -> None:
    ids = ["acc_wa_2", "acc_tg_globex", "acc_tg_6", "acc_nothing", "acc_wa_2", "acc_tg_1"]
    await _pause(accounts, "acc_tg_6")

    with accounts.resources.database.statements() as statements:
        data = await accounts.data(FOR_SENDING, ids=ids)

    assert data["accountsForSending"] == [
        {"id": "acc_wa_2", "status": "ACTIVE"},
        {"id": "acc_tg_1", "status": "ACTIVE"},
    ]
    assert len(statements) == 1
    assert (await accounts.data(FOR_SENDING, HANK, ids=ids))["accountsForSending"] == [
        {"id": "acc_tg_globex", "status": "ACTIVE"}
    ]


async def test_accounts_for_sending_needs_a_viewer_and_a_bounded_list(
    accounts: RunningService,
) -> None:
    assert await accounts.code(FOR_SENDING, None, ids=[]) == "UNAUTHENTICATED"
    assert await accounts.code(FOR_SENDING, ids=["x"] * 101) == "BAD_USER_INPUT"
