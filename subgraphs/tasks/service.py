"""The tasks service as one record, for its app and its command line."""

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

from subgraphs.shared.context import ServiceResources
from subgraphs.shared.migrate import Migrations
from subgraphs.shared.service import Service
from subgraphs.tasks.channels.choose import open_channel
from subgraphs.tasks.demo_data import load_demo_data
from subgraphs.tasks.loaders import TasksLoaders
from subgraphs.tasks.models import Base
from subgraphs.tasks.schema import schema
from subgraphs.tasks.settings import load_accounts_url, load_worker_settings
from subgraphs.tasks.worker.worker import Worker

__all__ = ["MIGRATIONS", "SERVICE"]

MIGRATIONS = Migrations("tasks", Path(__file__).parent / "migrations", Base.metadata)


@contextlib.asynccontextmanager
async def _embedded_worker(resources: ServiceResources) -> AsyncGenerator[None]:
    """A worker beside the app, unless `TASKS_WORKER=off` leaves the work to other processes."""
    load_accounts_url()  # A wrong setting is found at the start, not at the first campaign.
    settings = load_worker_settings()
    if not settings.is_embedded_on:
        yield
        return
    async with open_channel(settings) as channel:
        worker = Worker(resources.database, resources.broadcast, channel, settings)
        async with worker.running():
            yield


SERVICE = Service(
    name="tasks",
    default_port=4003,
    schema=schema,
    migrations=MIGRATIONS,
    create_loaders=TasksLoaders,
    load_demo_data=load_demo_data,
    background=_embedded_worker,
)
