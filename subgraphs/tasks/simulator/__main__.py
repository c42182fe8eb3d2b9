"""`python -m subgraphs.tasks.simulator [--port P] [--config FILE] [--log FILE]`."""

import argparse
import logging
import sys
from pathlib import Path

import msgspec
import uvicorn

from subgraphs.tasks.simulator.app import create_simulator_app
from subgraphs.tasks.simulator.config import load_config
from subgraphs.tasks.simulator.cut import CuttableProtocol

__all__ = ["main"]

HOST = "127.0.0.1"
DEFAULT_PORT = 4080
KEEP_ALIVE_SECONDS = 60
EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


def main() -> int:
    """Serve on loopback until a signal says stop."""
    parser = argparse.ArgumentParser(prog="python -m subgraphs.tasks.simulator")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--config", type=Path, help="a JSON file; see simulator/config.py")
    parser.add_argument("--log", help="append accepted messages to this file")
    wanted = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    try:
        config = load_config(wanted.config)
    except ValueError as error:
        sys.stderr.write(f"simulator: {error}\n")
        return EXIT_USAGE
    if wanted.log:
        config = msgspec.structs.replace(config, log_path=wanted.log)
    server = uvicorn.Server(
        uvicorn.Config(
            create_simulator_app(config),
            host=HOST,
            port=wanted.port,
            http=CuttableProtocol,
            lifespan="on",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            access_log=False,
            log_level="warning",
        )
    )
    sys.stderr.write(f"simulator: http://{HOST}:{wanted.port}/control/stats\n")
    server.run()
    return EXIT_DONE if server.started else EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
