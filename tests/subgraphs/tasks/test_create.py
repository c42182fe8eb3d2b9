"""Creating audiences, templates and campaigns; the accounts are asked over the wire."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from subgraphs.accounts.names import AccountStatus
from subgraphs.accounts.service import SERVICE as ACCOUNTS
from subgraphs.demo.processes import free_port
from subgraphs.shared.app import create_service_app
from subgraphs.tasks.accounts import graphql_directory
from subgraphs.tasks.models import Campaign
from subgraphs.tasks.states import Channel
from tests.subgraphs.tasks.conftest import HANK, LINUS, OpenTasks, TasksApp

CREATE = """mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) {
    campaign { id state name accounts { __typename id } audience { id size } template { body } }
    userErrors { field code message } } }"""


def given(**changes: Any) -> dict[str, Any]:
    return {
        "input": {
            "name": "Spring",
            "templateId": "tpl_weekly",
            "contactListId": "lst_regulars",
            "accountIds": ["acc_wa_1", "acc_tg_1"],
            "idempotencyKey": "1",
        }
        | changes
    }


async def count_campaigns(tasks: TasksApp) -> int:
    async with tasks.resources.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Campaign)) or 0


async def test_a_campaign_is_created_over_accounts_of_the_viewer(tasks: TasksApp) -> None:
    payload = (await tasks.data(CREATE, given()))["createCampaign"]

    assert payload["userErrors"] == []
    assert payload["campaign"] | {"id": ""} == {
        "id": "",
        "state": "DRAFT",
        "name": "Spring",
        "accounts": [
            {"__typename": "WhatsAppAccount", "id": "acc_wa_1"},
            {"__typename": "TelegramAccount", "id": "acc_tg_1"},
        ],
        "audience": {"id": "lst_regulars", "size": 20},
        "template": {"body": "{{name}}, here is what is new this week."},
    }


async def test_a_repeated_request_creates_one_campaign(tasks: TasksApp) -> None:
    before = await count_campaigns(tasks)
    answers = await asyncio.gather(*(tasks.data(CREATE, given()) for _ in range(5)))

    assert len({answer["createCampaign"]["campaign"]["id"] for answer in answers}) == 1
    assert await count_campaigns(tasks) == before + 1


async def test_a_key_used_with_another_input_is_refused(tasks: TasksApp) -> None:
    await tasks.data(CREATE, given())
    answer = await tasks.post(CREATE, given(name="Other"))

    assert answer["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_CONFLICT"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"accountIds": ["acc_tg_1", "acc_tg_globex"]}, "ACCOUNT_NOT_USABLE"),
        ({"accountIds": ["acc_tg_1", "acc_tg_1"]}, "ACCOUNT_TWICE"),
        ({"accountIds": []}, "ACCOUNTS_OUT_OF_RANGE"),
        ({"accountIds": ["x" * 65]}, "ACCOUNT_NOT_USABLE"),
        ({"templateId": "tpl_globex"}, "TEMPLATE_NOT_FOUND"),
        ({"contactListId": "lst_globex"}, "CONTACT_LIST_NOT_FOUND"),
        ({"contactListId": "no\x00list"}, "CONTACT_LIST_NOT_FOUND"),
        ({"name": " "}, "INVALID_TEXT"),
        ({"scheduledAt": "2020-01-01T00:00:00Z"}, "INVALID_SCHEDULE"),
    ],
)
async def test_wrong_input_creates_nothing(
    tasks: TasksApp, changes: dict[str, Any], code: str
) -> None:
    before = await count_campaigns(tasks)
    payload = (await tasks.data(CREATE, given(**changes)))["createCampaign"]

    assert payload["campaign"] is None
    assert [error["code"] for error in payload["userErrors"]] == [code]
    assert await count_campaigns(tasks) == before


async def test_a_time_in_the_future_schedules(tasks: TasksApp) -> None:
    answer = await tasks.data(CREATE, given(scheduledAt="2099-01-01T00:00:00Z"))

    assert answer["createCampaign"]["campaign"]["state"] == "SCHEDULED"


async def test_another_tenants_accounts_lists_and_templates_do_not_exist(
    tasks: TasksApp,
) -> None:
    payload = (await tasks.data(CREATE, given(), HANK))["createCampaign"]

    assert [error["code"] for error in payload["userErrors"]] == ["ACCOUNT_NOT_USABLE"]


async def test_the_accounts_service_is_asked_over_http(
    open_tasks: OpenTasks, serve: Callable[..., str]
) -> None:
    async with open_tasks(TASKS_WORKER="off") as tasks:
        url = serve(create_service_app(ACCOUNTS, environment=tasks.environment))
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("TASKS_ACCOUNTS_URL", f"{url}/graphql")
            payload = (await tasks.data(CREATE, given()))["createCampaign"]

    assert payload["userErrors"] == []


async def test_accounts_that_run_elsewhere_are_asked_at_the_usual_port(
    serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(_request: object) -> JSONResponse:
        account = {"__typename": "TelegramAccount", "id": "acc_1"}
        return JSONResponse({"data": {"accountsForSending": [account]}})

    url = serve(Starlette(routes=[Route("/graphql", answer, methods=["POST"])]))
    monkeypatch.setattr(graphql_directory, "DEFAULT_URL", f"{url}/graphql")

    assert await graphql_directory.find_directory(None).channels_of(["acc_1"], "") == {
        "acc_1": Channel.TELEGRAM
    }


async def refused_by(open_tasks: OpenTasks, url: str) -> list[str]:
    async with open_tasks(TASKS_WORKER="off", TASKS_ACCOUNTS_URL=url) as tasks:
        before = await count_campaigns(tasks)
        payload = (await tasks.data(CREATE, given()))["createCampaign"]
        assert await count_campaigns(tasks) == before
        return [error["code"] for error in payload["userErrors"]]


async def test_an_accounts_service_that_is_down_is_a_user_error(open_tasks: OpenTasks) -> None:
    url = f"http://127.0.0.1:{free_port()}/graphql"

    assert await refused_by(open_tasks, url) == ["ACCOUNTS_UNAVAILABLE"]


@pytest.mark.parametrize("body", ["", "no json", "[]", '{"data": null}'])
async def test_an_answer_that_is_not_one_is_a_user_error(
    open_tasks: OpenTasks, serve: Callable[..., str], body: str
) -> None:
    async def answer(_request: object) -> PlainTextResponse:
        return PlainTextResponse(body)

    url = serve(Starlette(routes=[Route("/graphql", answer, methods=["POST"])]))

    assert await refused_by(open_tasks, f"{url}/graphql") == ["ACCOUNTS_UNAVAILABLE"]


@pytest.mark.parametrize("status", [AccountStatus.PAUSED, AccountStatus.BANNED])
async def test_an_account_that_is_not_active_is_refused_by_name(
    tasks: TasksApp, status: AccountStatus
) -> None:
    await tasks.set_account_status("acc_tg_1", status)
    before = await count_campaigns(tasks)
    payload = (await tasks.data(CREATE, given()))["createCampaign"]

    assert payload["campaign"] is None
    assert payload["userErrors"] == [
        {
            "field": "input.accountIds",
            "code": "ACCOUNT_NOT_USABLE",
            "message": "Not active, or not there: acc_tg_1.",
        }
    ]
    assert await count_campaigns(tasks) == before


async def test_a_repeated_request_is_not_judged_again(tasks: TasksApp) -> None:
    first = await tasks.data(CREATE, given())
    await tasks.set_account_status("acc_tg_1", AccountStatus.PAUSED)

    assert await tasks.data(CREATE, given()) == first


async def test_a_list_is_created_with_its_contacts(tasks: TasksApp) -> None:
    query = """mutation ($input: CreateContactListInput!) { createContactList(input: $input) {
        contactList { name size } userErrors { field code } } }"""
    contact = {"name": "Zoe", "phoneNumber": "+4912345678"}
    consent = {"consent": "OPTED_IN", "consentSource": "shop"}
    variables = {"input": {"name": "New", "idempotencyKey": "1", "contacts": [contact | consent]}}

    assert (await tasks.data(query, variables))["createContactList"] == {
        "contactList": {"name": "New", "size": 1},
        "userErrors": [],
    }
    for broken, field in (
        ({"phoneNumber": "12"}, "phoneNumber"),
        ({"telegramChatId": "me"}, "telegramChatId"),
        ({"consent": "OPTED_IN"}, "consentSource"),
    ):
        variables["input"] |= {"contacts": [contact | broken], "idempotencyKey": "2"}
        payload = (await tasks.data(query, variables))["createContactList"]
        assert payload["userErrors"][0]["field"] == f"input.contacts.0.{field}"


async def test_a_template_with_an_unknown_placeholder_is_refused(tasks: TasksApp) -> None:
    query = """mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) {
        template { placeholders } userErrors { code } } }"""
    variables = {"input": {"name": "T", "body": "{{name}} {{city}}", "idempotencyKey": "1"}}

    payload = (await tasks.data(query, variables))["createTemplate"]
    assert payload == {"template": None, "userErrors": [{"code": "UNKNOWN_PLACEHOLDER"}]}
    variables["input"]["body"] = "{{name}}"
    payload = (await tasks.data(query, variables))["createTemplate"]
    assert payload == {"template": {"placeholders": ["name"]}, "userErrors": []}


@pytest.mark.parametrize(("viewer", "code"), [(LINUS, "FORBIDDEN"), (None, "UNAUTHENTICATED")])
async def test_who_may_not_change_campaigns(tasks: TasksApp, viewer: Any, code: str) -> None:
    answer = await tasks.post(CREATE, given(), viewer)

    assert answer["errors"][0]["extensions"]["code"] == code
