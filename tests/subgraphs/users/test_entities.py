"""`_entities`: one statement per type and batch, and clear answers to broken representations."""

import pytest

from tests.subgraphs.running_service import ENTITIES, RunningService

BATCH = """
query Batch($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on User { displayName organization { name wallet { balanceCredits } } }
    ... on Organization { plan }
  }
}
"""


async def test_a_batch_costs_one_statement_per_type(users: RunningService) -> None:
    ids = ["usr_ada", "usr_grace", "usr_linus"] * 30
    representations = [{"__typename": "User", "id": i} for i in ids]
    representations += [{"__typename": "Organization", "id": "org_acme"}] * 10

    with users.resources.database.statements() as statements:
        data = await users.data(BATCH, representations=representations)

    assert [e["displayName"] for e in data["_entities"][:3]] == [
        "Ada Byron",
        "Grace Murray",
        "Linus Berg",
    ]
    # Users, organisations, and the wallets of organisations.
    assert len(statements) == 3, statements


async def test_both_keys_of_a_user_find_it(users: RunningService) -> None:
    representations = [
        {"__typename": "User", "id": "usr_ada"},
        {"__typename": "User", "email": "Ada@acme.example"},
    ]

    data = await users.data(ENTITIES % "User", representations=representations)

    assert [entity["id"] for entity in data["_entities"]] == ["usr_ada", "usr_ada"]


@pytest.mark.parametrize(
    "representation",
    [
        {},
        {"__typename": "Wallet", "id": "x"},
        {"__typename": "Nothing", "id": "x"},
        {"__typename": 5},
        {"__typename": "User"},
        {"__typename": "User", "id": None},
        {"__typename": "User", "id": ["usr_ada"]},
        {"__typename": "User", "id": {"a": 1}},
        {"__typename": "User", "id": "a\x00b"},
        {"__typename": "User", "email": "x" * 5000},
        {"__typename": "Organization", "id": True},
        {"__typename": "User", "id": "usr_ada", "info": 1},
        {"__typename": "User", "id": "usr_ada", "cls": 1},
        "text",
        5,
    ],
)
async def test_a_broken_representation_is_refused(
    users: RunningService, representation: object
) -> None:
    code = await users.code(ENTITIES % "User", representations=[representation])

    assert code == "INVALID_REPRESENTATION"


async def test_more_representations_than_the_limit_are_refused(users: RunningService) -> None:
    representations = [{"__typename": "User", "id": "usr_ada"}] * 10_001

    assert await users.code(ENTITIES % "User", representations=representations) == "BAD_USER_INPUT"
