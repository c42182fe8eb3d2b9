"""Creating audiences, templates and campaigns; the accounts are asked over the wire."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from subgraphs.accounts.service import SERVICE as ACCOUNTS
from subgraphs.demo.processes import free_port
from subgraphs.shared.app import create_service_app
from subgraphs.shared.settings import load_settings
from subgraphs.tasks.models import Campaign
from tests.subgraphs.tasks.conftest import HANK, LINUS, TOKEN_KEY, OpenTasks, TasksApp

CREATE = """mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) {
    campaign { id state name accounts { __typename id } audience { id size } template { body } }
    userErrors { field code } } }"""


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


@contextlib.asynccontextmanager
async def running_accounts(folder: Path) -> AsyncGenerator[Starlette]:
    environment = {"DATA_DIR": str(folder), "USERS_TOKEN_KEY": TOKEN_KEY}
    app = create_service_app(ACCOUNTS, load_settings("accounts", 4002, environment))
    async with app.router.lifespan_context(app):
        async with app.state.resources.database.writing() as session:
            await ACCOUNTS.load_demo_data(session)
        yield app


@pytest.fixture
async def with_accounts(
    open_tasks: OpenTasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[TasksApp]:
    async with running_accounts(tmp_path) as app:
        monkeypatch.setattr("subgraphs.accounts.app.app", app)
        async with open_tasks(
            TASKS_WORKER="off", TASKS_ACCOUNTS_URL="asgi:subgraphs.accounts.app:app"
        ) as opened:
            yield opened


async def count_campaigns(tasks: TasksApp) -> int:
    async with tasks.resources.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Campaign)) or 0


async def test_a_campaign_is_created_over_accounts_of_the_viewer(with_accounts: TasksApp) -> None:
    payload = (await with_accounts.data(CREATE, given()))["createCampaign"]

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


async def test_a_repeated_request_creates_one_campaign(with_accounts: TasksApp) -> None:
    before = await count_campaigns(with_accounts)
    answers = await asyncio.gather(*(with_accounts.data(CREATE, given()) for _ in range(5)))

    assert len({answer["createCampaign"]["campaign"]["id"] for answer in answers}) == 1
    assert await count_campaigns(with_accounts) == before + 1


async def test_a_key_used_with_another_input_is_refused(with_accounts: TasksApp) -> None:
    await with_accounts.data(CREATE, given())
    answer = await with_accounts.post(CREATE, given(name="Other"))

    assert answer["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_CONFLICT"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"accountIds": ["acc_tg_1", "acc_tg_globex"]}, "ACCOUNT_NOT_FOUND"),
        ({"accountIds": ["acc_tg_1", "acc_tg_1"]}, "ACCOUNT_TWICE"),
        ({"accountIds": []}, "ACCOUNTS_OUT_OF_RANGE"),
        ({"accountIds": ["x" * 65]}, "ACCOUNT_NOT_FOUND"),
        ({"templateId": "tpl_globex"}, "TEMPLATE_NOT_FOUND"),
        ({"contactListId": "lst_globex"}, "CONTACT_LIST_NOT_FOUND"),
        ({"contactListId": "no\x00list"}, "CONTACT_LIST_NOT_FOUND"),
        ({"name": " "}, "INVALID_TEXT"),
        ({"scheduledAt": "2020-01-01T00:00:00Z"}, "INVALID_SCHEDULE"),
    ],
)
async def test_wrong_input_creates_nothing(
    with_accounts: TasksApp, changes: dict[str, Any], code: str
) -> None:
    before = await count_campaigns(with_accounts)
    payload = (await with_accounts.data(CREATE, given(**changes)))["createCampaign"]

    assert payload["campaign"] is None
    assert [error["code"] for error in payload["userErrors"]] == [code]
    assert await count_campaigns(with_accounts) == before


async def test_a_time_in_the_future_schedules(with_accounts: TasksApp) -> None:
    answer = await with_accounts.data(CREATE, given(scheduledAt="2099-01-01T00:00:00Z"))

    assert answer["createCampaign"]["campaign"]["state"] == "SCHEDULED"


async def test_another_tenants_accounts_lists_and_templates_do_not_exist(
    with_accounts: TasksApp,
) -> None:
    payload = (await with_accounts.data(CREATE, given(), HANK))["createCampaign"]

    assert [error["code"] for error in payload["userErrors"]] == ["ACCOUNT_NOT_FOUND"]


async def test_the_accounts_service_is_asked_over_http(
    open_tasks: OpenTasks, serve: Callable[..., str], tmp_path: Path
) -> None:
    environment = {"DATA_DIR": str(tmp_path), "USERS_TOKEN_KEY": TOKEN_KEY}
    async with running_accounts(tmp_path):
        pass
    url = serve(create_service_app(ACCOUNTS, load_settings("accounts", 4002, environment)))
    async with open_tasks(TASKS_WORKER="off", TASKS_ACCOUNTS_URL=f"{url}/graphql") as tasks:
        payload = (await tasks.data(CREATE, given()))["createCampaign"]

    assert payload["userErrors"] == []


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


async def test_an_app_that_is_not_there_is_a_user_error(open_tasks: OpenTasks) -> None:
    assert await refused_by(open_tasks, "asgi:subgraphs.nothing:app") == ["ACCOUNTS_UNAVAILABLE"]


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
