"""`make demo`: launch a campaign, watch it live, and check that its numbers add up.

It is an ordinary client of the gateway: it logs in, creates and launches a campaign over all the
organisation's accounts, follows the subscription to its end and asks for the numbers once more.
"""

import asyncio
import json
import tempfile
import uuid
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from subgraphs.demo.client import GatewayClient, GraphQLFailedError
from subgraphs.demo.data_folder import DEMO_EMAIL, DEMO_PASSWORD
from subgraphs.demo.embedded import start_embedded
from subgraphs.demo.operations import read_operation
from subgraphs.demo.processes import StartError, free_port
from subgraphs.demo.supervisor import Supervisor, interruptible
from subgraphs.demo.topology import Service

__all__ = [
    "DemoFailedError",
    "check_final_numbers",
    "create_campaign",
    "launch_campaign",
    "log_in",
    "run_campaign",
]

AUDIENCE_ID = "lst_newsletter"
BAR_CHARACTERS = 12
#: What shells answer for a program that was ended by Ctrl-C.
EXIT_INTERRUPTED = 130
TEMPLATE_ID = "tpl_autumn"
ACCOUNT_IDS = [f"acc_{channel}_{number}" for channel in ("tg", "wa") for number in range(1, 7)]


class DemoFailedError(Exception):
    """The demo did not go as it must; the message says what was expected."""


def run_campaign(url: str | None) -> int:
    """Run the demo against the gateway at `url`, or one of our own; returns the exit code."""
    console = Console()
    with interruptible(), ExitStack() as stack:
        try:
            if url is not None:
                return _try_to_demonstrate(url, console)
            service = _start_gateway(stack, console)
            code = _try_to_demonstrate(service.graphql_url, console)
            if code:
                # Said now, because the log goes away together with its temporary folder.
                console.print("The end of the gateway's log:", style="red")
                console.print(service.process.log_tail(), markup=False, soft_wrap=True)
        except StartError as error:
            console.print(str(error), style="red", markup=False)
            return error.exit_code
        except KeyboardInterrupt:
            console.print("Stopped.")
            return EXIT_INTERRUPTED
        else:
            return code


def _try_to_demonstrate(url: str, console: Console) -> int:
    """Show everything, or say what did not go as it must; returns the exit code."""
    try:
        asyncio.run(_demonstrate(url, console))
    except DemoFailedError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except GraphQLFailedError as error:
        console.print("The gateway answered with errors:", style="red")
        console.print_json(json.dumps(error.errors))
        return 1
    except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
        console.print(f"No answer from {url}: {error}", style="red", markup=False)
        return 1
    return 0


def _start_gateway(stack: ExitStack, console: Console) -> Service:
    """Start the embedded mode in a temporary folder."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="supergraph-demo-")))
    supervisor = stack.enter_context(Supervisor())
    with console.status("Loading the demo data and starting the supergraph ..."):
        service = start_embedded(supervisor, folder, free_port())
    console.print(f"Gateway with all subgraphs in one process: {service.graphql_url}")
    return service


async def _demonstrate(url: str, console: Console) -> None:
    async with GatewayClient(url) as client:
        client.authorization = await log_in(client, DEMO_EMAIL, DEMO_PASSWORD)
        campaign_id = await create_campaign(client, AUDIENCE_ID, ACCOUNT_IDS)
        console.print(f"Created campaign {campaign_id} over {len(ACCOUNT_IDS)} accounts.")
        final = await _launch_and_watch(client, campaign_id, console)
        check_final_numbers(final)
        confirmed = (await client.execute(read_operation("campaign"), {"id": campaign_id}))["task"]
        if not confirmed["progress"].items() <= final["progress"].items():
            raise DemoFailedError(
                f"The query does not confirm the subscription's last event: "
                f"{confirmed['progress']} against {final['progress']}"
            )
        console.print(_numbers_table(final["progress"]))
        overview = read_operation("overview")
        console.print("\nOne query across users, accounts and tasks:\n", style="bold")
        console.print(overview, markup=False, highlight=False)
        console.print_json(json.dumps(await client.execute(overview)))


async def log_in(client: GatewayClient, email: str, password: str) -> str:
    """Log in and answer the Authorization header of the session."""
    variables = {"email": email, "password": password}
    payload = (await client.execute(read_operation("log_in"), variables))["logIn"]
    _refuse_user_errors(payload)
    return f"Bearer {payload['accessToken']}"


async def create_campaign(client: GatewayClient, list_id: str, account_ids: list[str]) -> str:
    """Create a draft campaign and answer its id."""
    variables = {
        "input": {
            "name": "Demo: autumn sale",
            "templateId": TEMPLATE_ID,
            "contactListId": list_id,
            "accountIds": account_ids,
            "idempotencyKey": str(uuid.uuid4()),
        }
    }
    payload = (await client.execute(read_operation("create_campaign"), variables))["createCampaign"]
    _refuse_user_errors(payload)
    campaign_id: str = payload["campaign"]["id"]
    return campaign_id


async def launch_campaign(client: GatewayClient, campaign_id: str) -> None:
    """Launch a campaign; it runs by itself from then on."""
    command = {"campaignId": campaign_id, "idempotencyKey": str(uuid.uuid4())}
    document = read_operation("launch_campaign")
    payload = (await client.execute(document, {"input": command}))["launchCampaign"]
    _refuse_user_errors(payload)


def check_final_numbers(task: dict[str, Any]) -> None:
    """Raise unless the campaign is complete and every recipient is accounted for exactly once."""
    counts = task["progress"]
    ended = counts["sent"] + counts["failed"] + counts["suppressed"] + counts["unconfirmed"]
    if task["state"] != "COMPLETED" or ended != counts["total"] or counts["queued"]:
        raise DemoFailedError(f"The numbers do not add up to {counts['total']}: {task}")


async def _launch_and_watch(
    client: GatewayClient, campaign_id: str, console: Console
) -> dict[str, Any]:
    """Launch the campaign under the eyes of its subscription; answer the last event."""
    last: dict[str, Any] | None = None
    with _progress_bar(console) as bar:
        row = bar.add_task("waiting", total=None, numbers="")
        events = client.subscribe(read_operation("progress"), {"id": campaign_id})
        async with aclosing(events):
            async for event in events:
                if last is None:
                    # The subscription is open now, so no step of the campaign can be missed.
                    bar.console.print(_introduction(event["taskProgress"]), markup=False)
                    await launch_campaign(client, campaign_id)
                last = event["taskProgress"]
                _show(bar, row, last)
    if last is None:
        raise DemoFailedError("The subscription ended without an event.")
    return last


def _progress_bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=BAR_CHARACTERS),
        MofNCompleteColumn(),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
        console=console,
    )


def _introduction(task: dict[str, Any]) -> str:
    """Who sends what from where; the names come from three services."""
    names = ", ".join(account["displayName"] for account in task["accounts"])
    return f"{task['owner']['displayName']} launches {task['name']!r} from: {names}"


def _show(bar: Progress, row: TaskID, task: dict[str, Any]) -> None:
    counts = task["progress"]
    numbers = (
        f"sent {counts['sent']} failed {counts['failed']} suppressed {counts['suppressed']} "
        f"{counts['perSecond']:.0f}/s"
    )
    bar.update(
        row,
        description=task["state"].lower(),
        total=counts["total"] or None,
        completed=counts["total"] - counts["queued"],
        numbers=numbers,
    )


def _numbers_table(counts: dict[str, Any]) -> Table:
    table = Table(title="Final numbers, from the subscription and confirmed by a query")
    names = ["total", "sent", "delivered", "read", "failed", "suppressed", "unconfirmed"]
    for name in names:
        table.add_column(name, justify="right")
    table.add_row(*(f"{counts[name]:,}" for name in names))
    return table


def _refuse_user_errors(payload: dict[str, Any]) -> None:
    if payload["userErrors"]:
        texts = "; ".join(error["message"] for error in payload["userErrors"])
        raise DemoFailedError(f"The gateway refused: {texts}")
