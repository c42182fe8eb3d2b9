"""The command line of a service: `python -m subgraphs.<name> serve|schema|migrate|demo-data`.

Exit codes: 0 done, 1 the work failed (a database that is down), 2 wrong usage or settings, a port
that is taken among them. Messages go to stderr; stdout carries results only.
"""

import argparse
import asyncio
import logging
import socket
import sys
from collections.abc import Sequence

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from subgraphs.shared.app import create_service_app
from subgraphs.shared.auth import load_token_key
from subgraphs.shared.database import open_database
from subgraphs.shared.migrate import upgrade
from subgraphs.shared.resources import database_of
from subgraphs.shared.service import Service
from subgraphs.shared.settings import ServiceSettings, SettingsError, load_settings
from subgraphs.shared.settled_heap import SettledHeap

__all__ = ["run_command"]

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
WEBSOCKET_MESSAGE_BYTES_MAX = 1024 * 1024
SHUTDOWN_SECONDS = 10
LISTEN_BACKLOG = 2048


def run_command(service: Service, arguments: Sequence[str] | None = None) -> int:
    """Run one command of the service and answer the exit code."""
    parsed = _parser(service).parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if parsed.command == "schema":
        sys.stdout.write(service.schema.as_str().rstrip() + "\n")
        return EXIT_DONE
    try:
        settings = load_settings(service.name, service.default_port)
        if parsed.command == "migrate":
            asyncio.run(_migrate(service, settings))
        elif parsed.command == "demo-data":
            asyncio.run(_load_demo_data(service, settings))
        else:
            return _serve(service, settings)
    except SettingsError as error:
        return _fail(service, str(error), EXIT_USAGE)
    except (SQLAlchemyError, OSError) as error:
        # A driver's message may quote the URL with its password; its class says enough.
        cause = error.__cause__ or error
        return _fail(service, f"the database cannot be used ({type(cause).__name__})", EXIT_FAILED)
    return EXIT_DONE


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m subgraphs.{service.name}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help=f"serve on 127.0.0.1:{service.default_port} (the default)")
    commands.add_parser("schema", help="print the schema for composition")
    commands.add_parser("migrate", help="bring the database to the newest version")
    commands.add_parser("demo-data", help="migrate, and fill an empty database with demo data")
    return parser


async def _migrate(service: Service, settings: ServiceSettings) -> None:
    async with database_of(settings) as database:
        await upgrade(database, service.migrations)


async def _load_demo_data(service: Service, settings: ServiceSettings) -> None:
    async with database_of(settings) as database:
        await upgrade(database, service.migrations)
        async with database.writing() as session:
            await service.load_demo_data(session)


def _serve(service: Service, settings: ServiceSettings) -> int:
    # What can be wrong is tried before the server starts, so that it is said in one line.
    load_token_key(settings)
    service.check_settings(settings)
    open_database(settings)
    try:
        listener = _listen(settings)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        where = f"{settings.host}:{settings.port}"
        hint = f"Stop the other program or set {settings.name.upper()}_PORT."
        return _fail(service, f"cannot listen on {where}: {reason}. {hint}", EXIT_USAGE)
    with listener:
        server = uvicorn.Server(_uvicorn_config(SettledHeap(create_service_app(service, settings))))
        sys.stderr.write(f"{service.name}: http://{settings.host}:{settings.port}/graphql\n")
        server.run(sockets=[listener])
    return EXIT_DONE if server.started else EXIT_FAILED


def _listen(settings: ServiceSettings) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(LISTEN_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _uvicorn_config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=WEBSOCKET_MESSAGE_BYTES_MAX,
        ws_per_message_deflate=False,  # gateway and services stand beside each other
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        access_log=False,
        log_config=None,
    )


def _fail(service: Service, message: str, exit_code: int) -> int:
    sys.stderr.write(f"{service.name}: {message}\n")
    return exit_code
