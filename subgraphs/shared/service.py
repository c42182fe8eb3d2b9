"""What makes a service: one record that the app and the command line are built from."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import BaseRoute

from subgraphs.shared.context import ServiceResources
from subgraphs.shared.migrate import Migrations
from subgraphs.shared.schema import ServiceSchema
from subgraphs.shared.settings import ServiceSettings

__all__ = ["Service", "no_background_work"]


def no_own_settings(_settings: ServiceSettings) -> None:
    """The check of a service without settings of its own."""


@contextlib.asynccontextmanager
async def no_background_work(_resources: ServiceResources) -> AsyncGenerator[None]:
    """The background of a service that has none."""
    yield


@dataclass(frozen=True, slots=True)
class Service:
    """A service, complete.

    `create_loaders(resources, remembers)` makes the loaders of one request; `remembers` is false
    on a WebSocket. `background` runs beside the app, from after the migration to the end; what it
    yields is `app.state.own`, for the handlers of the service's own `routes`.
    `load_demo_data` fills an empty database and changes nothing in a filled one.
    `check_settings` raises `SettingsError` for the service's own variables that cannot be used.
    """

    name: str
    default_port: int
    schema: ServiceSchema
    migrations: Migrations
    create_loaders: Callable[[ServiceResources, bool], Any]
    load_demo_data: Callable[[AsyncSession], Awaitable[None]]
    background: Callable[[ServiceResources], AbstractAsyncContextManager[Any]] = no_background_work
    check_settings: Callable[[ServiceSettings], None] = no_own_settings
    routes: Sequence[BaseRoute] = ()
