"""`supergraph serve`: the gateway for production.

With several workers the parent process binds the port and composes once; the workers load what it
found from files named in the environment, so that they cannot come to different schemas.
"""

import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

from supergraph.cli.options import (
    ConfigOption,
    GatewayConfigOption,
    HostOption,
    PortOption,
    SupergraphOption,
    fail,
    refuse_usage,
)
from supergraph.cli.source import gateway_config, gateway_config_path, supergraph_sdl
from supergraph.config.gateway import GatewayConfig, ListenConfig
from supergraph.errors import SupergraphError
from supergraph.server.gateway import Gateway
from supergraph.server.listen import bind, uvicorn_config
from supergraph.server.settled_heap import SettledHeap
from supergraph.telemetry.logs import configure_logs, logger

__all__ = ["load_gateway", "open_port", "say_configured", "serve_command", "worker_app"]

log = logger(__name__)

WORKER_SUPERGRAPH = "SUPERGRAPH_WORKER_SUPERGRAPH"
WORKER_CONFIG = "SUPERGRAPH_WORKER_CONFIG"


def serve_command(
    supergraph: SupergraphOption = None,
    config: ConfigOption = None,
    host: HostOption = None,
    port: PortOption = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that answer.")] = 1,
    gateway_config_file: GatewayConfigOption = None,
) -> None:
    """Serve a supergraph: one that was composed before, or subgraphs composed at start."""
    file = gateway_config_path(gateway_config_file, supergraph or config)
    settings = listening_on(gateway_config(file), host, port)
    if workers > 1 and settings.subscriptions.callback is not None:
        refuse_usage("subscriptions.callback: a callback reaches one process, so --workers is 1")
    configure_logs(settings.logs)
    say_configured(file)
    sdl = supergraph_sdl(supergraph, config)
    gateway = load_gateway(sdl, settings, source=str(supergraph or config))
    listener = open_port(settings)
    with listener:
        if workers > 1:
            _run_workers(sdl, settings, workers, listener)
        else:
            _run(gateway, settings, listener)


def listening_on(settings: GatewayConfig, host: str | None, port: int | None) -> GatewayConfig:
    """The settings with what the command line says about where to listen."""
    listen = ListenConfig(
        host=settings.listen.host if host is None else host,
        port=settings.listen.port if port is None else port,
    )
    return msgspec.structs.replace(settings, listen=listen)


def say_configured(file: Path | None) -> None:
    """Log where the settings come from: the file may be one that nobody named."""
    log.info("configured", file=None if file is None else str(file))


def load_gateway(sdl: str, settings: GatewayConfig, source: str) -> Gateway:
    """The gateway; ends the command when the supergraph or a setting cannot be used.

    Stages and subgraphs named by import strings are looked for in the current folder too, as
    `python -m` would.
    """
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return Gateway(sdl, config=settings)
    except SupergraphError as error:
        refuse_usage(f"{source}: {error.message}")
    except TypeError as error:  # a user's stage of the wrong form
        refuse_usage(str(error))


def open_port(settings: GatewayConfig) -> socket.socket:
    """The listening socket; ends the command when the port is taken or the host unknown."""
    host, port = settings.listen.host, settings.listen.port
    try:
        listener = bind(host, port, settings.server.backlog)
    except OSError as error:
        reason = error.strerror or str(error)
        refuse_usage(f"cannot listen on {host}:{port}: {reason}")
    actual = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    log.info("listening", url=f"http://{shown}:{actual}/graphql")
    return listener


def worker_app() -> SettledHeap:
    """What uvicorn calls in each worker process."""
    settings = msgspec.json.decode(os.environ[WORKER_CONFIG], type=GatewayConfig)
    configure_logs(settings.logs)
    sdl = Path(os.environ[WORKER_SUPERGRAPH]).read_text(encoding="utf-8")
    return SettledHeap(Gateway(sdl, config=settings))


def _run(gateway: Gateway, settings: GatewayConfig, listener: socket.socket) -> None:
    server = uvicorn.Server(uvicorn_config(SettledHeap(gateway), settings))
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return  # uvicorn has shut down in order and passes the signal on
    except SystemExit:
        _not_started()


def _run_workers(sdl: str, settings: GatewayConfig, workers: int, listener: socket.socket) -> None:
    with tempfile.TemporaryDirectory(prefix="supergraph-") as folder:
        file = Path(folder) / "supergraph.graphql"
        file.write_text(sdl, encoding="utf-8")
        os.environ[WORKER_SUPERGRAPH] = str(file)
        os.environ[WORKER_CONFIG] = msgspec.json.encode(settings).decode()
        config = uvicorn_config("supergraph.cli.serve:worker_app", settings, workers=workers)
        Multiprocess(config, sockets=[listener]).run()


def _not_started() -> NoReturn:
    fail("the gateway could not be started; the log above says why")
