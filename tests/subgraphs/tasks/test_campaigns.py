"""Reading campaigns: pages, entities, isolation of tenants, and the number of SQL statements."""

import asyncio
from typing import Any

import pytest

from subgraphs.accounts.names import AccountStatus
from subgraphs.demo.processes import free_port
from subgraphs.tasks.service import SERVICE
from tests.subgraphs.tasks.conftest import ADA, HANK, OpenTasks, TasksApp, wait_until

ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename %s } }"
ACTIVE = (
    "... on TelegramAccount { activeTasks { id } } ... on WhatsAppAccount { activeTasks { id } }"
)


async def test_a_page_of_a_hundred_campaigns_takes_few_statements(tasks: TasksApp) -> None:
    query = """{ campaigns(first: 100) { edges { node { id name state owner { id }
        accounts { id } audience { name size } template { name } progress { total sent } } }
        pageInfo { hasNextPage endCursor } } }"""
    with tasks.resources.database.statements() as statements:
        page = (await tasks.data(query))["campaigns"]

    assert len(page["edges"]) == 100
    assert page["pageInfo"]["hasNextPage"]
    # The page, and one each for accounts, lists, their sizes and templates.
    assert len(statements) == 5


async def test_pages_follow_each_other_without_overlap(tasks: TasksApp) -> None:
    query = """query ($after: String) { campaigns(first: 40, after: $after) {
        edges { node { id } } pageInfo { hasNextPage endCursor } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = (await tasks.data(query, {"after": after}))["campaigns"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert len(seen) == len(set(seen)) == 105
    assert seen[:2] == ["cmp_autumn_sale", "cmp_winter_scheduled"]


async def test_finished_campaigns_add_up_and_their_deliveries_are_there(tasks: TasksApp) -> None:
    query = """{ campaign(id: "cmp_summer_finished_1") {
        progress { total queued sent failed suppressed unconfirmed percent }
        deliveries(state: FAILED, first: 100) { edges { node { reason contact { name } } } } } }"""
    campaign = (await tasks.data(query))["campaign"]
    numbers = campaign["progress"]

    assert numbers["sent"] + numbers["failed"] + numbers["suppressed"] == numbers["total"] == 800
    assert len(campaign["deliveries"]["edges"]) == numbers["failed"]


async def test_campaigns_can_be_chosen_by_state(tasks: TasksApp) -> None:
    query = "{ campaigns(state: [SCHEDULED]) { edges { node { id } } } }"

    assert (await tasks.data(query))["campaigns"]["edges"] == [
        {"node": {"id": "cmp_winter_scheduled"}}
    ]


@pytest.mark.parametrize("first", [-1, 101])
async def test_a_page_has_a_largest_size(tasks: TasksApp, first: int) -> None:
    answer = await tasks.post(f"{{ campaigns(first: {first}) {{ edges {{ cursor }} }} }}")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_cost_follows_the_plan_that_the_gateway_hands_in(tasks: TasksApp) -> None:
    def representation(plan: str) -> dict[str, Any]:
        organization = {"__typename": "Organization", "plan": plan}
        return {"__typename": "Campaign", "id": "cmp_autumn_sale", "organization": organization}

    plans = ["FREE", "BUSINESS", "ENTERPRISE"]
    answer = await tasks.data(
        ENTITIES % "... on Campaign { estimatedCost }", {"r": [representation(p) for p in plans]}
    )

    assert [entity["estimatedCost"] for entity in answer["_entities"]] == [10_000, 5_000, 3_000]


async def test_the_cost_without_a_plan_is_an_error_of_the_caller(tasks: TasksApp) -> None:
    answer = await tasks.post('{ campaign(id: "cmp_autumn_sale") { estimatedCost } }')

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_entities_are_loaded_in_one_batch(tasks: TasksApp) -> None:
    ids = [f"cmp_weekly_{number:03d}" for number in range(1, 101)]
    with tasks.resources.database.statements() as statements:
        answer = await tasks.data(
            ENTITIES % "... on Campaign { name }",
            {"r": [{"__typename": "Campaign", "id": name} for name in ids]},
        )

    assert all(entity["name"] for entity in answer["_entities"])
    assert len(statements) == 1


async def test_accounts_know_their_unfinished_tasks_in_one_statement(tasks: TasksApp) -> None:
    await tasks.command("launchCampaign", "cmp_autumn_sale")
    references = [
        {"__typename": "TelegramAccount", "id": "acc_tg_1"},
        {"__typename": "WhatsAppAccount", "id": "acc_wa_1"},
        {"__typename": "TelegramAccount", "id": "acc_tg_globex"},
    ]
    with tasks.resources.database.statements() as statements:
        answer = await tasks.data(ENTITIES % ACTIVE, {"r": references})

    active = [{"id": "cmp_autumn_sale"}]
    assert [entity["activeTasks"] for entity in answer["_entities"]] == [active, active, []]
    assert len(statements) == 1


async def test_a_users_tasks(tasks: TasksApp) -> None:
    query = ENTITIES % "... on User { tasks(first: 100) { edges { node { owner { id } } } } }"
    answer = await tasks.data(query, {"r": [{"__typename": "User", "id": "usr_ada"}]})
    edges = answer["_entities"][0]["tasks"]["edges"]

    assert edges
    assert {edge["node"]["owner"]["id"] for edge in edges} == {"usr_ada"}


@pytest.mark.parametrize(
    "query",
    [
        '{ task(id: "cmp_autumn_sale") { id } }',
        '{ campaign(id: "cmp_autumn_sale") { id } }',
        "{ campaigns(first: 100) { edges { node { id } } } }",
        "{ contactLists { edges { node { id name size } } } }",
        "{ templates { edges { node { id } } } }",
        (
            '{ _entities(representations: [{__typename: "Campaign", id: "cmp_autumn_sale"}]) '
            "{ __typename } }"
        ),
        (
            '{ _entities(representations: [{__typename: "Organization", id: "org_acme"}]) '
            "{ __typename } }"
        ),
        (
            '{ _entities(representations: [{__typename: "User", id: "usr_ada"}]) '
            "{ ... on User { tasks { edges { node { id } } } } } }"
        ),
        (
            '{ _entities(representations: [{__typename: "TelegramAccount", id: "acc_tg_1"}]) '
            "{ ... on TelegramAccount { activeTasks { id } } } }"
        ),
        (
            'mutation { launchCampaign(input: {campaignId: "cmp_autumn_sale", '
            'idempotencyKey: "1"}) '
            "{ campaign { id } userErrors { code } } }"
        ),
        (
            'mutation { cancelCampaign(input: {campaignId: "cmp_autumn_sale", '
            'idempotencyKey: "1"}) '
            "{ campaign { id } userErrors { code } } }"
        ),
        (
            'mutation { recordConsent(input: {contactId: "cnt_00001", consent: OPTED_OUT, '
            'source: "x", idempotencyKey: "1"}) { contact { name } userErrors { code } } }'
        ),
    ],
)
async def test_another_tenant_sees_and_changes_nothing(tasks: TasksApp, query: str) -> None:
    answer = await tasks.data(query, viewer=HANK)
    text = str(answer)

    assert not any(mark in text for mark in ("cmp_autumn", "cmp_weekly", "lst_news", "tpl_autumn"))
    assert "org_acme" not in text
    campaign = (await tasks.data('{ campaign(id: "cmp_autumn_sale") { state } }'))["campaign"]
    assert campaign == {"state": "DRAFT"}


@pytest.mark.parametrize("root", ["campaigns", "contactLists", "templates"])
async def test_nobody_sees_anything_without_a_token(tasks: TasksApp, root: str) -> None:
    answer = await tasks.post(f"{{ {root} {{ edges {{ cursor }} }} }}", viewer=None)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_launching_twice_has_an_error_of_its_own(tasks: TasksApp) -> None:
    first = await tasks.command("launchCampaign", "cmp_autumn_sale")
    repeated = await tasks.command("launchCampaign", "cmp_autumn_sale")
    again = await tasks.command("launchCampaign", "cmp_autumn_sale", key="2")

    assert first["campaign"]["state"] == "LAUNCHING"
    assert repeated == first
    assert [error["code"] for error in again["userErrors"]] == ["ALREADY_LAUNCHED"]


async def test_a_launch_with_an_account_that_is_not_active_changes_nothing(
    tasks: TasksApp,
) -> None:
    query = """mutation { launchCampaign(input: {campaignId: "cmp_autumn_sale",
        idempotencyKey: "1"}) { campaign { state } userErrors { field code message } } }"""
    await tasks.set_account_status("acc_tg_6", AccountStatus.PAUSED)
    await tasks.set_account_status("acc_wa_2", AccountStatus.BANNED)
    refused = (await tasks.data(query))["launchCampaign"]

    assert refused == {
        "campaign": None,
        "userErrors": [
            {
                "field": "input.campaignId",
                "code": "ACCOUNT_NOT_USABLE",
                "message": "Not active, or not there: acc_tg_6, acc_wa_2.",
            }
        ],
    }
    state = '{ campaign(id: "cmp_autumn_sale") { state startedAt progress { sequence } } }'
    assert (await tasks.data(state))["campaign"] == {
        "state": "DRAFT",
        "startedAt": None,
        "progress": {"sequence": 0},
    }

    # The same request goes through once the accounts are active again.
    await tasks.set_account_status("acc_tg_6", AccountStatus.ACTIVE)
    await tasks.set_account_status("acc_wa_2", AccountStatus.ACTIVE)
    assert (await tasks.data(query))["launchCampaign"] == {
        "campaign": {"state": "LAUNCHING"},
        "userErrors": [],
    }


async def test_a_repeated_launch_is_not_judged_again(tasks: TasksApp) -> None:
    first = await tasks.command("launchCampaign", "cmp_autumn_sale")
    await tasks.set_account_status("acc_tg_1", AccountStatus.PAUSED)

    assert await tasks.command("launchCampaign", "cmp_autumn_sale") == first


async def test_a_launch_that_cannot_check_the_accounts_is_refused(open_tasks: OpenTasks) -> None:
    url = f"http://127.0.0.1:{free_port()}/graphql"
    async with open_tasks(TASKS_WORKER="off", TASKS_ACCOUNTS_URL=url) as tasks:
        payload = await tasks.command("launchCampaign", "cmp_autumn_sale")

    assert [error["code"] for error in payload["userErrors"]] == ["ACCOUNTS_UNAVAILABLE"]


async def test_of_many_launches_at_once_one_counts(tasks: TasksApp) -> None:
    commands = [tasks.command("launchCampaign", "cmp_autumn_sale", str(key)) for key in range(8)]
    payloads = await asyncio.gather(*commands)

    assert sum(payload["campaign"] is not None for payload in payloads) == 1


@pytest.mark.parametrize("name", ["pauseCampaign", "resumeCampaign"])
async def test_a_step_that_is_not_legal_is_refused(tasks: TasksApp, name: str) -> None:
    payload = await tasks.command(name, "cmp_autumn_sale")

    assert payload == {
        "campaign": None,
        "userErrors": [{"field": "input.campaignId", "code": "ILLEGAL_TRANSITION"}],
    }


async def test_a_campaign_paused_while_freezing_goes_back_to_it(tasks: TasksApp) -> None:
    await tasks.command("launchCampaign", "cmp_autumn_sale")
    await tasks.command("pauseCampaign", "cmp_autumn_sale")
    payload = await tasks.command("resumeCampaign", "cmp_autumn_sale")

    assert payload["campaign"]["state"] == "LAUNCHING"


async def test_an_unknown_campaign_is_refused(tasks: TasksApp) -> None:
    payload = await tasks.command("launchCampaign", "cmp_none")

    assert [error["code"] for error in payload["userErrors"]] == ["CAMPAIGN_NOT_FOUND"]


@pytest.mark.parametrize("viewer", [ADA, HANK])
async def test_watching_a_task_that_is_not_there_is_an_error(tasks: TasksApp, viewer: Any) -> None:
    name = "cmp_none" if viewer is ADA else "cmp_autumn_sale"
    events = [
        e
        async for e in tasks.events(
            f'subscription {{ taskProgress(id: "{name}") {{ id }} }}', viewer
        )
    ]

    assert [event.errors[0].extensions["code"] for event in events] == ["NOT_FOUND"]


async def test_watching_a_finished_task_gives_one_event(tasks: TasksApp) -> None:
    query = 'subscription { taskProgress(id: "cmp_weekly_001") { state } }'

    assert [event.data async for event in tasks.events(query)] == [
        {"taskProgress": {"state": "COMPLETED"}}
    ]


async def test_a_members_commands_reach_those_who_watch_the_organisation(tasks: TasksApp) -> None:
    events = tasks.events("subscription { organizationTasks { id state } }")
    first = asyncio.ensure_future(anext(events))

    async def is_watched() -> bool:
        return bool(tasks.resources.broadcast._readers)

    await wait_until(is_watched)
    await tasks.command("launchCampaign", "cmp_autumn_sale")

    assert (await first).data == {
        "organizationTasks": {"id": "cmp_autumn_sale", "state": "LAUNCHING"}
    }
    await events.aclose()


async def test_demo_data_is_loaded_once(tasks: TasksApp) -> None:
    async with tasks.resources.database.writing() as session:
        await SERVICE.load_demo_data(session)
