"""Another tenant's rows behave as if they did not exist, on every way in."""

import pytest

from subgraphs.shared.auth import Viewer
from tests.subgraphs.running_service import ADA, ENTITIES, HANK, RunningService

EVERYTHING = """
{ viewer { organization {
  id
  members { edges { node { id } } }
  wallet { balanceCredits }
} } }
"""
TOP_UP = """
mutation {
  topUpWallet(input: {amountCredits: 9, idempotencyKey: "k"}) { entry { id } }
}
"""


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ('{ user(id: "%s") { id } }', "user"),
        ('{ organization(id: "%s") { id name wallet { balanceCredits } } }', "organization"),
    ],
)
@pytest.mark.parametrize(
    ("viewer", "ids"),
    [
        (ADA, {"user": "usr_hank", "organization": "org_globex"}),
        (HANK, {"user": "usr_ada", "organization": "org_acme"}),
    ],
)
@pytest.mark.parametrize("is_unknown", [False, True])
async def test_queries_answer_null(
    users: RunningService,
    query: str,
    field: str,
    viewer: Viewer,
    ids: dict[str, str],
    is_unknown: bool,
) -> None:
    wanted = "nothing" if is_unknown else ids[field]

    assert await users.data(query % wanted, viewer) == {field: None}


@pytest.mark.parametrize(
    ("type_name", "representation"),
    [
        ("User", {"id": "usr_hank"}),
        ("User", {"email": "hank@globex.example"}),
        ("User", {"id": "usr_nobody"}),
        ("Organization", {"id": "org_globex"}),
        ("Organization", {"id": "org_nothing"}),
    ],
)
async def test_entities_answer_null(
    users: RunningService, type_name: str, representation: dict[str, str]
) -> None:
    representations = [{"__typename": type_name, **representation}]

    answer = await users.execute(ENTITIES % type_name, representations=representations)

    assert answer == {"data": {"_entities": [None]}}


async def test_lists_and_mutations_touch_the_viewers_organization_only(
    users: RunningService,
) -> None:
    before = await users.data(EVERYTHING, ADA)
    await users.data(TOP_UP, HANK)

    assert await users.data(EVERYTHING, ADA) == before
    organization = (await users.data(EVERYTHING, HANK))["viewer"]["organization"]
    assert organization == {
        "id": "org_globex",
        "members": {"edges": [{"node": {"id": "usr_hank"}}]},
        "wallet": {"balanceCredits": 1_009},
    }


async def test_two_tenants_may_use_the_same_idempotency_key(users: RunningService) -> None:
    entries = [await users.data(TOP_UP, viewer) for viewer in (ADA, HANK)]

    assert entries[0] != entries[1]
