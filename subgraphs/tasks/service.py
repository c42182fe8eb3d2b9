"""The tasks service as one record, for its app and its command line."""

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

from subgraphs.shared.context import ServiceResources
from subgraphs.shared.migrate import Migrations
from subgraphs.shared.service import Service
from subgraphs.tasks.accounts.credentials import CachedCredentials
from subgraphs.tasks.announce import Announcer
from subgraphs.tasks.channels.choose import find_credentials, open_channel
from subgraphs.tasks.demo_data import load_demo_data
from subgraphs.tasks.loaders import TasksLoaders
from subgraphs.tasks.models import Base
from subgraphs.tasks.schema import schema
from subgraphs.tasks.settings import (
    load_accounts_url,
    load_webhook_settings,
    load_worker_settings,
)
from subgraphs.tasks.webhooks.intake import Intake
from subgraphs.tasks.webhooks.routes import WEBHOOK_ROUTES, Webhooks
from subgraphs.tasks.worker.worker import Worker

__all__ = ["MIGRATIONS", "SERVICE"]

MIGRATIONS = Migrations("tasks", Path(__file__).parent / "migrations", Base.metadata)


@contextlib.asynccontextmanager
async def _background(resources: ServiceResources) -> AsyncGenerator[Webhooks]:
    """What the webhooks need, and a worker beside the app.

    `TASKS_WORKER=off` leaves the work to other processes.
    """
    load_accounts_url()  # A wrong setting is found at the start, not at the first campaign.
    settings = load_worker_settings()
    webhook_settings = load_webhook_settings()
    announcer = Announcer(resources.broadcast)
    intake = Intake(resources.database, announcer)
    webhooks = Webhooks(
        settings=webhook_settings,
        credentials=CachedCredentials(find_credentials(webhook_settings.credentials_file)),
        intake=intake,
    )
    async with announcer.running(), intake.running():
        if not settings.is_embedded_on:
            yield webhooks
            return
        async with open_channel(settings) as channel:
            worker = Worker(resources.database, resources.broadcast, channel, settings)
            async with worker.running():
                yield webhooks


SERVICE = Service(
    name="tasks",
    default_port=4003,
    schema=schema,
    migrations=MIGRATIONS,
    create_loaders=TasksLoaders,
    load_demo_data=load_demo_data,
    background=_background,
    routes=WEBHOOK_ROUTES,
)
