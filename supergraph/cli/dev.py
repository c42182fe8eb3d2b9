"""`supergraph dev`: compose, serve, and follow every change of the schemas.

A change that does not compose is reported and the last good supergraph stays; one that does takes
over without dropping what is in flight. The code of subgraphs that run in this process is not
loaded again: restart for that.
"""

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
import uvicorn

from supergraph.cli.options import GatewayConfigOption, HostOption, PortOption, fail
from supergraph.cli.serve import listening_on, load_gateway, open_port, say_configured
from supergraph.cli.source import (
    DEFAULT_CONFIG,
    gateway_config,
    gateway_config_path,
    report_errors,
    supergraph_sdl,
)
from supergraph.cli.subgraphs import subgraphs_of
from supergraph.composition.compose import compose
from supergraph.config.rover import load_rover_config, schema_files
from supergraph.errors import SupergraphError
from supergraph.server.gateway import Gateway
from supergraph.server.listen import uvicorn_config
from supergraph.telemetry.logs import configure_logs, logger

__all__ = ["dev_command"]

#: How often the files are looked at.
POLL_SECONDS = 0.5
log = logger(__name__)

#: Path, time of change and size of every file the supergraph is made of; None when it is missing.
_Fingerprint: TypeAlias = tuple[tuple[Path, tuple[int, int] | None], ...]


def dev_command(
    config: Annotated[
        Path, typer.Option(metavar="FILE", help="The rover.yaml to compose.")
    ] = DEFAULT_CONFIG,
    host: HostOption = None,
    port: PortOption = None,
    gateway_config_file: GatewayConfigOption = None,
) -> None:
    """Compose and serve with introspection and GraphiQL, and follow changes of the schema files.

    Subgraphs whose routing_url is asgi:module:attribute run in this process.
    """
    file = gateway_config_path(gateway_config_file, config)
    settings = listening_on(gateway_config(file), host, port).for_development()
    configure_logs(settings.logs)
    say_configured(file)
    before = _fingerprint(config)
    sdl = supergraph_sdl(None, config)
    gateway = load_gateway(sdl, settings, source=str(config))
    with open_port(settings) as listener:
        server_config = uvicorn_config(gateway, settings)
        try:
            with asyncio.Runner(loop_factory=server_config.get_loop_factory()) as runner:
                runner.run(_serve(server_config, gateway, config, before, listener))
        except KeyboardInterrupt:
            return
        except SystemExit:
            fail("the gateway could not be started; the log above says why")


async def _serve(
    server_config: uvicorn.Config,
    gateway: Gateway,
    config: Path,
    before: _Fingerprint,
    listener: socket.socket,
) -> None:
    watcher = asyncio.create_task(_follow(gateway, config, before))
    try:
        await uvicorn.Server(server_config).serve(sockets=[listener])
    finally:
        watcher.cancel()


async def _follow(gateway: Gateway, config: Path, seen: _Fingerprint) -> None:
    """Take over every change of the files, looking at them again and again."""
    while True:
        await asyncio.sleep(POLL_SECONDS)
        now = await asyncio.to_thread(_fingerprint, config)
        if now != seen:
            seen = now
            await _take_over(gateway, config)


async def _take_over(gateway: Gateway, config: Path) -> None:
    try:
        subgraphs = await asyncio.to_thread(lambda: subgraphs_of(load_rover_config(config)))
        result = await asyncio.to_thread(compose, subgraphs)
        if result.supergraph_sdl is not None:
            await gateway.swap(result.supergraph_sdl)
            return
    except SupergraphError as error:
        log.warning("supergraph_kept", reason=error.message)
        return
    except Exception:  # whatever a subgraph's start raises must not end the development server
        log.exception("supergraph_kept", reason="the new supergraph could not be started")
        return
    report_errors(result.errors)
    log.warning("supergraph_kept", reason="the subgraphs do not compose")


def _fingerprint(config: Path) -> _Fingerprint:
    files = [config]
    # Composing says what is wrong with a file; here only that it changed counts.
    with contextlib.suppress(SupergraphError):
        files += schema_files(load_rover_config(config))
    return tuple((file, _state(file)) for file in files)


def _state(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
